import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../admin/page';

/** What can be the matter with a delivery. */
export const DELIVERY_STATUSES = ['pending', 'done', 'parked'] as const;
/** Stable; may be branched on. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

const CURSOR = 'MTA4';

/** A failed attempt of a handler. */
export class TrackerDeliveryErrorDto {
  @ApiProperty({ type: 'integer', example: 1 })
  attempt!: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.020Z' })
  at!: string;

  @ApiProperty({ example: 'Chat chat-4711 is locked.' })
  message!: string;
}

/** One event for one handler. */
export class TrackerDeliveryDto {
  @ApiProperty({ example: '108', description: 'A whole number of any size, as text.' })
  id!: string;

  @ApiProperty({ format: 'uuid', example: '019aa5c0-1f40-7a11-8c2d-5b6e7f809a1c' })
  eventId!: string;

  @ApiProperty({ example: 'ChatStatus.onSale' })
  handler!: string;

  @ApiProperty({ enum: DELIVERY_STATUSES, enumName: 'TrackerDeliveryStatus', example: 'done' })
  status!: DeliveryStatus;

  @ApiProperty({
    type: 'integer',
    example: 1,
    description: 'Attempts begun, since it was requeued if it was.',
  })
  attempts!: number;

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-21T09:30:00.004Z',
    description:
      'Not run before. Of one that an earlier event of its click holds back: looked at again then, or as soon as that ends.',
  })
  dueAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T09:30:00.012Z' })
  finishedAt!: string | null;

  @ApiProperty({ type: [TrackerDeliveryErrorDto], description: 'The last twenty, the oldest first.' })
  errors!: readonly Readonly<TrackerDeliveryErrorDto>[];
}

/** A delivery with what its event is about. */
export class TrackerListedDeliveryDto extends TrackerDeliveryDto {
  @ApiProperty({ example: 'sale', description: 'Name of the event.' })
  event!: string;

  @ApiProperty({ type: 'integer', nullable: true, example: 1 })
  ordinal!: number | null;

  @ApiProperty({ format: 'uuid', example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1a' })
  postbackId!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1b',
  })
  conversionId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'k3JdQ9xT0aZb', description: 'Null once erased.' })
  clickId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'chat-4711', description: 'Null once erased.' })
  chatId!: string | null;

  @ApiProperty({
    format: 'date-time',
    example: '2026-11-21T09:30:00.004Z',
    description: 'When the event was recorded.',
  })
  recordedAt!: string;

  @ApiProperty({ example: false, description: 'Made by a test postback.' })
  test!: boolean;
}

/** A delivery as services answer it. */
export type TrackerDeliveryView = Readonly<TrackerListedDeliveryDto>;

/** One page of deliveries, newest first. */
export class TrackerDeliveryPageDto {
  @ApiProperty({ type: [TrackerListedDeliveryDto] })
  items!: readonly TrackerListedDeliveryDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: CURSOR,
    description: 'Send it as `cursor` for the next page; null on the last.',
  })
  nextCursor!: string | null;
}

/** What a list of deliveries is narrowed to; different filters all have to hold. */
export class TrackerDeliveryFiltersDto {
  @ApiPropertyOptional({
    enum: DELIVERY_STATUSES,
    enumName: 'TrackerDeliveryStatus',
    isArray: true,
    example: ['parked'],
    description: '`pending`: to be run, or under way; `parked`: given up on. May be repeated: one of them.',
  })
  readonly status?: string | readonly string[];

  @ApiPropertyOptional({
    type: [String],
    example: ['ChatStatus.onSale'],
    description: 'For exactly this handler; case counts. May be repeated.',
  })
  readonly handler?: string | readonly string[];

  @ApiPropertyOptional({
    type: [String],
    example: ['sale', 'reversal'],
    description: 'Of events of this name; case does not count. May be repeated.',
  })
  readonly event?: string | readonly string[];

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    example: '019aa5c0-1f40-7a11-8c2d-5b6e7f809a1c',
    description: 'Of this event.',
  })
  readonly eventId?: string;

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1a',
    description: 'Of what came of this postback.',
  })
  readonly postbackId?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'k3JdQ9xT0aZb',
    description: 'Of postbacks that sent exactly this click id; case counts.',
  })
  readonly clickId?: string;

  @ApiPropertyOptional({
    type: String,
    example: CURSOR,
    description: '`nextCursor` of the page before. Send the same filters with it.',
  })
  readonly cursor?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    example: DEFAULT_LIMIT,
    description: 'Rows of one page.',
  })
  readonly limit?: number | string;
}

/** What a list of deliveries is narrowed to; every filter may be left out. */
export type DeliveryFilters = Readonly<TrackerDeliveryFiltersDto>;

/** Every name of {@link DeliveryFilters}. */
export const DELIVERY_FILTERS = [
  'status',
  'handler',
  'event',
  'eventId',
  'postbackId',
  'clickId',
  'cursor',
  'limit',
] as const satisfies readonly (keyof DeliveryFilters)[];
