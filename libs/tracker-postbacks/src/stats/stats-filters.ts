import { ApiPropertyOptional } from '@nestjs/swagger';
import { FilterReader } from '../admin/filter-reader';
import { dayOf, daysBetween, startOfDay } from '../admin/time-zone';
import { TrackerError } from '../tracker-postbacks.errors';

/** What statistics can be grouped by. */
export const STATS_GROUPS = ['day', 'event', 'integration'] as const;
export type StatsGroup = (typeof STATS_GROUPS)[number];

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_DAYS = 30;
/** Three years: more rows than that are no overview. */
const MAX_DAYS = 1_100;

/** Of what and how statistics are made. */
export class TrackerStatsFiltersDto {
  @ApiPropertyOptional({
    type: String,
    example: '2026-11-01',
    description:
      'Received at this time or later. ISO 8601; a date alone is its midnight in `timeZone`. By default 30 local days ' +
      'end with `to`.',
  })
  readonly from?: Date | string;

  @ApiPropertyOptional({
    type: String,
    example: '2026-12-01',
    description:
      'Received before this time. ISO 8601; a date alone is its midnight in `timeZone`. By default the end of today there.',
  })
  readonly to?: Date | string;

  @ApiPropertyOptional({
    type: String,
    default: 'UTC',
    example: 'Europe/Berlin',
    description: 'IANA time zone of days and of dates alone; days have 23 or 25 hours where clocks change.',
  })
  readonly timeZone?: string;

  @ApiPropertyOptional({
    enum: STATS_GROUPS,
    enumName: 'TrackerStatsGroup',
    default: 'day',
    example: 'day',
    description: 'What a row stands for. By day at most 1,100 of them.',
  })
  readonly groupBy?: string;
}

/** Of what and how statistics are made; every one may be left out. */
export type StatsFilters = Readonly<TrackerStatsFiltersDto>;

const STATS_FILTERS = [
  'from',
  'to',
  'timeZone',
  'groupBy',
] as const satisfies readonly (keyof StatsFilters)[];

/** Filters of statistics, read and checked; times in milliseconds since the epoch. */
export interface StatsCriteria {
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
  readonly groupBy: StatsGroup;
  /** The local days, oldest first; none where rows are not days. */
  readonly days: readonly { readonly name: string; readonly start: number }[];
}

/** @throws TrackerError `validation_failed` naming everything that cannot be read */
export function statsCriteria(filters: StatsFilters, now: number): StatsCriteria {
  const reader = new FilterReader(filters, STATS_FILTERS);
  const timeZone = reader.timeZone('timeZone');
  const given = { from: reader.time('from', timeZone), to: reader.time('to', timeZone) };
  const groups = reader.words('groupBy', STATS_GROUPS);
  reader.done();
  if (groups !== null && groups.length > 1) {
    refuse('groupBy', 'was sent more than once and can hold one value only');
  }
  const groupBy = groups?.[0] ?? 'day';
  const to = given.to ?? startOfDay(dayOf(now, timeZone) + DAY_MS, timeZone);
  const from = given.from ?? startOfDay(dayOf(to - 1, timeZone) - (DEFAULT_DAYS - 1) * DAY_MS, timeZone);
  if (from >= to) refuse('from', 'must be before to');
  if (groupBy === 'day' && to - from > MAX_DAYS * DAY_MS) {
    refuse('from', `must not be more than ${MAX_DAYS} days before to when rows are days`);
  }
  return { from, to, timeZone, groupBy, days: groupBy === 'day' ? daysBetween(from, to, timeZone) : [] };
}

function refuse(field: string, problem: string): never {
  throw new TrackerError('validation_failed', 400, `Not accepted: ${field} ${problem}.`, [
    { field, message: `${field} ${problem}` },
  ]);
}
