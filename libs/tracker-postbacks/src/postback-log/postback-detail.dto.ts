import { ApiProperty } from '@nestjs/swagger';
import {
  type PostbackExplanationView,
  TrackerPostbackExplanationDto,
  TrackerPostbackTimingsDto,
  TrackerWrittenDto,
} from './postback-explanation.dto';
import { TrackerDeliveryDto } from '../deliveries/delivery.dto';
import { TrackerPostbackDto } from './postback.dto';

/** The body of a POST as it arrived, the secret taken out. */
export class TrackerPostbackBodyDto {
  @ApiProperty({ enum: ['form', 'json'], example: 'form' })
  type!: 'form' | 'json';

  @ApiProperty({ example: 'tracker.event=sale&clickid=k3JdQ9xT0aZb' })
  text!: string;
}

/** An event that a postback gave rise to. */
export class TrackerEmittedEventDto {
  @ApiProperty({
    format: 'uuid',
    example: '019aa5c0-1f40-7a11-8c2d-5b6e7f809a1c',
    description: "The handlers' idempotency key.",
  })
  id!: string;

  @ApiProperty({ example: 'sale', description: 'It travels as `tracker.<name>`.' })
  name!: string;

  @ApiProperty({ type: 'integer', nullable: true, example: 1 })
  ordinal!: number | null;

  @ApiProperty({ example: '42', description: 'Order of recording: a whole number of any size, as text.' })
  seq!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1b',
  })
  conversionId!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why: the verdict code of `unmatched`, or the cause of a reversal.',
  })
  code!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '12.50' })
  cost!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '77' })
  tid!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { user_id: '5' },
    description: 'Custom fields that it hands on.',
  })
  fields!: Readonly<Record<string, string>>;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.004Z' })
  createdAt!: string;
}

/** A postback with everything that came of it. */
export class TrackerPostbackDetailDto extends TrackerPostbackDto {
  @ApiProperty({ type: TrackerPostbackBodyDto, nullable: true, description: 'Null where none was sent.' })
  body!: Readonly<TrackerPostbackBodyDto> | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '203.0.113.7',
    description: '`X-Forwarded-For` as it was sent: a claim, not a fact.',
  })
  forwardedFor!: string | null;

  @ApiProperty({ type: [TrackerEmittedEventDto], description: 'In the order of recording.' })
  events!: readonly Readonly<TrackerEmittedEventDto>[];

  @ApiProperty({
    type: [TrackerDeliveryDto],
    description: 'Which handlers these events have run, or are to run.',
  })
  deliveries!: readonly Readonly<TrackerDeliveryDto>[];

  @ApiProperty({ type: TrackerWrittenDto, description: 'What it changed.' })
  written!: Readonly<TrackerWrittenDto>;

  @ApiProperty({ type: TrackerPostbackTimingsDto, description: 'When what happened.' })
  timings!: Readonly<TrackerPostbackTimingsDto>;

  @ApiProperty({ type: TrackerPostbackExplanationDto, description: 'The request, read anew.' })
  explanation!: PostbackExplanationView;
}

/** One postback as services answer it. */
export type TrackerPostbackDetailView = Readonly<TrackerPostbackDetailDto>;
