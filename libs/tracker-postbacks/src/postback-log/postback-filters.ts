import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  CURSOR_PROPERTY,
  LIMIT_PROPERTY,
  LIST_EXPORT_FILTERS,
  LIST_FILTERS,
  TrackerExportFiltersDto,
} from '../conversions/list-filters';
import { VERDICT_CODES, VERDICT_STATUSES, type VerdictCode } from '../rules/codes';

/** Every verdict code. */
export const ALL_VERDICT_CODES: readonly VerdictCode[] = Object.values(VERDICT_CODES).flat();

/** What an export of the postback log is narrowed to. */
export class TrackerPostbackExportFiltersDto extends TrackerExportFiltersDto {
  @ApiPropertyOptional({
    enum: VERDICT_STATUSES,
    enumName: 'TrackerVerdictStatus',
    isArray: true,
    example: ['unmatched', 'rejected'],
    description: 'With this verdict. May be repeated.',
  })
  readonly status?: string | readonly string[];

  @ApiPropertyOptional({
    enum: ALL_VERDICT_CODES,
    enumName: 'TrackerVerdictCode',
    isArray: true,
    example: ['click_unknown'],
    description: 'With this verdict code. May be repeated.',
  })
  readonly code?: string | readonly string[];

  @ApiPropertyOptional({
    type: String,
    maxLength: 512,
    example: 'sub_id=a7',
    description:
      'Part of the URL; case does not count, and `%`, `_` and `*` stand for themselves. Without `from` it looks through ' +
      'the seven days before `to`, or before now, and the page says so in `searchedFrom`.',
  })
  readonly q?: string;
}

// By plain inheritance: PickType and OmitType load class-validator with the class.

/** What a replay is narrowed to: the filters of the log without `limit`, which has no meaning there. */
export class TrackerReplayFilterDto extends TrackerPostbackExportFiltersDto {
  @ApiPropertyOptional(CURSOR_PROPERTY)
  readonly cursor?: string;
}

/** What the postback log is narrowed to. */
export class TrackerPostbackFiltersDto extends TrackerReplayFilterDto {
  @ApiPropertyOptional(LIMIT_PROPERTY)
  readonly limit?: number | string;
}

/** What an export of the postback log is narrowed to; every filter may be left out. */
export type PostbackExportFilters = Readonly<TrackerPostbackExportFiltersDto>;

/** What the postback log is narrowed to; every filter may be left out. */
export type PostbackFilters = Readonly<TrackerPostbackFiltersDto>;

const OWN_FILTERS = ['status', 'code', 'q'] as const;

/** Every name of {@link PostbackExportFilters}. */
export const EXPORT_FILTERS = [
  ...OWN_FILTERS,
  ...LIST_EXPORT_FILTERS,
] as const satisfies readonly (keyof PostbackExportFilters)[];

/** Every name of {@link PostbackFilters}. */
export const POSTBACK_FILTERS = [
  ...OWN_FILTERS,
  ...LIST_FILTERS,
] as const satisfies readonly (keyof PostbackFilters)[];
