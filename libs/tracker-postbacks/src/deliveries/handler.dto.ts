import { ApiProperty } from '@nestjs/swagger';

/** A durable handler, and how far it is. */
export class TrackerHandlerDto {
  @ApiProperty({ example: 'ChatStatus.onSale', description: 'The name under which its deliveries are kept.' })
  name!: string;

  @ApiProperty({
    type: [String],
    example: ['sale', 'resale#2'],
    description: 'The events that it gets; `*` is every one.',
  })
  events!: readonly string[];

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-01T08:00:00.000Z',
    description: 'It gets the events from then on.',
  })
  firstRegisteredAt!: string;

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-21T09:30:00.000Z',
    description:
      'When a process last said that it has this handler: at its start, and every minute while it lives.',
  })
  lastRegisteredAt!: string;

  @ApiProperty({
    example: true,
    description: 'Some process has it now. It cannot be retired while one does.',
  })
  inUse!: boolean;

  @ApiProperty({
    example: true,
    description:
      'Some process has had it within the last 24 hours. One that none has had for so long is forgotten, or broken.',
  })
  seen!: boolean;

  @ApiProperty({
    type: 'integer',
    example: 3,
    description: 'Deliveries to be run or under way; of this tenant, as all that follows.',
  })
  pending!: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description: 'Deliveries that were given up on: requeue them.',
  })
  parked!: number;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:29:58.120Z',
    description: 'When the oldest event that is still pending was recorded; null when none is.',
  })
  oldestPendingAt!: string | null;
}

/** A handler as services answer it. */
export type TrackerHandlerView = Readonly<TrackerHandlerDto>;

/** Every handler that is kept, by name. */
export class TrackerHandlerPageDto {
  @ApiProperty({ type: [TrackerHandlerDto] })
  items!: readonly TrackerHandlerDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Always null: there are as many handlers as there are in the code.',
  })
  nextCursor!: string | null;
}

/** What came of requeueing what is parked for a handler. */
export class TrackerRequeuedDto {
  @ApiProperty({ type: 'integer', minimum: 0, example: 500, description: 'Deliveries that run again.' })
  requeued!: number;

  @ApiProperty({ example: true, description: 'There are more: call again.' })
  more!: boolean;
}

/** What came of requeueing, as services answer it. */
export type RequeuedDeliveries = Readonly<TrackerRequeuedDto>;
