import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../admin/page';
import { TrackerClickDto } from '../clicks/clicks.dto';
import { TrackerConversionDto } from '../conversions/conversion.dto';
import { TrackerDeliveryDto } from '../deliveries/delivery.dto';
import { TrackerEmittedEventDto } from './postback-detail.dto';
import { TrackerPostbackDto } from './postback.dto';

/** What can happen to a click; of things that happened at one time, those before come first. */
export const TIMELINE_KINDS = [
  'click',
  'postback',
  'conversion',
  'conversion_reversed',
  'conversion_voided',
  'fields',
  'event',
  'delivery',
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

const nullable = (type: new () => object, description: string) => ({
  nullable: true,
  allOf: [{ $ref: getSchemaPath(type) }],
  description,
});

/** One thing that happened to a click. */
@ApiExtraModels(
  TrackerClickDto,
  TrackerPostbackDto,
  TrackerConversionDto,
  TrackerEmittedEventDto,
  TrackerDeliveryDto,
)
export class TrackerTimelineEntryDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  at!: string;

  @ApiProperty({
    enum: TIMELINE_KINDS,
    enumName: 'TrackerTimelineKind',
    example: 'conversion',
    description:
      '`click`: it was issued or registered. `conversion`: recorded; `_reversed`: taken back by the network; `_voided`: ' +
      'replaced by a replay. `fields`: custom fields were handed on. `delivery`: at its end, or when it is due.',
  })
  kind!: TimelineKind;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1a',
    description: 'The postback it came of; null for the click itself.',
  })
  postbackId!: string | null;

  @ApiProperty(nullable(TrackerClickDto, 'With `click`.'))
  click!: TrackerClickDto | null;

  @ApiProperty(nullable(TrackerPostbackDto, 'With `postback`.'))
  postback!: TrackerPostbackDto | null;

  @ApiProperty(nullable(TrackerConversionDto, 'With `conversion` and its fates: as it is now.'))
  conversion!: TrackerConversionDto | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'With `conversion`: why somebody counted it although the rules take it for a repetition.',
  })
  reason!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    example: null,
    description: 'With `fields`.',
  })
  fields!: Readonly<Record<string, string>> | null;

  @ApiProperty(nullable(TrackerEmittedEventDto, 'With `event`, `fields` and `delivery`.'))
  event!: TrackerEmittedEventDto | null;

  @ApiProperty(nullable(TrackerDeliveryDto, 'With `delivery`.'))
  delivery!: TrackerDeliveryDto | null;
}

/** What happened to a click, a page of its postbacks at a time. */
export class TrackerTimelineDto {
  @ApiProperty({ example: 'k3JdQ9xT0aZb' })
  clickId!: string;

  @ApiProperty({ type: [TrackerTimelineEntryDto], description: 'Oldest first.' })
  items!: readonly TrackerTimelineEntryDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Send it as `cursor` for what came of later postbacks; null on the last page.',
  })
  nextCursor!: string | null;
}

/** A timeline as services answer it. */
export type TrackerTimelineView = Readonly<TrackerTimelineDto>;

/** Which part of a timeline. */
export class TrackerTimelinePageDto {
  @ApiPropertyOptional({
    type: String,
    example: 'MDE5YWE1YzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw',
    description: '`nextCursor` of the page before.',
  })
  readonly cursor?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    example: DEFAULT_LIMIT,
    description: 'Postbacks of one page; what came of them stands beside them.',
  })
  readonly limit?: number | string;
}

/** Which part of a timeline; both may be left out. */
export type TimelinePage = Readonly<TrackerTimelinePageDto>;
