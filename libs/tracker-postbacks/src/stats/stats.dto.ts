import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { VERDICT_STATUSES, type VerdictStatus } from '../rules/codes';
import { STATS_GROUPS, type StatsGroup } from './stats-filters';

const COUNT = { type: 'integer' as const, minimum: 0 };

/** Postbacks by what was decided about them. */
export class TrackerVerdictCountsDto implements Record<VerdictStatus, number> {
  @ApiProperty({ ...COUNT, example: 42 })
  accepted!: number;

  @ApiProperty({ ...COUNT, example: 3 })
  duplicate!: number;

  @ApiProperty({ ...COUNT, example: 1 })
  unmatched!: number;

  @ApiProperty({ ...COUNT, example: 0 })
  ignored!: number;

  @ApiProperty({ ...COUNT, example: 0 })
  deferred!: number;

  @ApiProperty({ ...COUNT, example: 2 })
  rejected!: number;

  @ApiProperty({ ...COUNT, example: 0 })
  quarantined!: number;
}

/** Amounts of one currency; amounts of different currencies are never added. */
export class TrackerCurrencySumDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'USD',
    description: 'Null where amounts came without one.',
  })
  currency!: string | null;

  @ApiProperty({
    example: '120.50',
    description:
      'Of open conversions: exact, with the largest scale of its addends; `0` where there are none.',
  })
  amount!: string;

  @ApiProperty({ example: '0', description: 'Of conversions that the network took back.' })
  reversed!: string;
}

/** Amounts of one event and one currency. */
export class TrackerEventSumDto extends TrackerCurrencySumDto {
  @ApiProperty({ example: 'sale' })
  event!: string;
}

/** When an integration was last heard of. */
export class TrackerIntegrationPulseDto {
  @ApiProperty({ example: '1win, spring' })
  name!: string;

  @ApiProperty({ example: '1win', description: 'Key of the network preset.' })
  network!: string;

  @ApiProperty({ enum: ['active', 'paused'], example: 'active' })
  status!: 'active' | 'paused';

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:30:00.000Z',
    description:
      'Of its newest postback of any verdict, whenever that was; null where none is kept. Tests do not count.',
  })
  lastPostbackAt!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description:
      'Set while an active integration has had no postback for 24 hours: since its last one, or since it was made.',
  })
  silentSince!: string | null;
}

/** One day, event or integration. */
export class TrackerStatsRowDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-11-21',
    description:
      'A local day, an event, or the id of an integration. Null gathers postbacks in which no event could be read.',
  })
  key!: string | null;

  @ApiProperty({ type: TrackerVerdictCountsDto })
  postbacks!: TrackerVerdictCountsDto;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { sale: 2 },
    description: 'Open conversions by event.',
  })
  conversions!: Readonly<Record<string, number>>;

  @ApiProperty({ type: [TrackerEventSumDto], description: 'By event, then by currency.' })
  sums!: readonly TrackerEventSumDto[];

  @ApiPropertyOptional({ type: TrackerIntegrationPulseDto, description: 'With `groupBy=integration`.' })
  integration?: TrackerIntegrationPulseDto;
}

/** What arrived and what it came to in a range of time. */
export class TrackerStatsDto {
  @ApiProperty({ format: 'date-time', example: '2026-10-23T00:00:00.000Z', description: 'Inclusive.' })
  from!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-22T00:00:00.000Z', description: 'Exclusive.' })
  to!: string;

  @ApiProperty({ example: 'Europe/Berlin' })
  timeZone!: string;

  @ApiProperty({ enum: STATS_GROUPS, enumName: 'TrackerStatsGroup', example: 'day' })
  groupBy!: StatsGroup;

  @ApiProperty({
    type: [TrackerStatsRowDto],
    description:
      'By key. Days and events with nothing to tell are left out; integrations in use all have a row.',
  })
  rows!: readonly TrackerStatsRowDto[];
}

/** Statistics as services answer them. */
export type TrackerStatsView = Readonly<TrackerStatsDto>;

/** Counts without postbacks: for {@link VERDICT_STATUSES}. */
export function noPostbacks(): Record<VerdictStatus, number> {
  return Object.fromEntries(VERDICT_STATUSES.map((status) => [status, 0])) as Record<VerdictStatus, number>;
}
