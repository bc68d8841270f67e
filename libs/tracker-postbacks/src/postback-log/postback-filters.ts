import { ApiPropertyOptional } from '@nestjs/swagger';
import { LIST_FILTERS, TrackerListFiltersDto } from '../conversions/list-filters';
import { VERDICT_CODES, VERDICT_STATUSES, type VerdictCode } from '../rules/codes';

/** Every verdict code. */
export const ALL_VERDICT_CODES: readonly VerdictCode[] = Object.values(VERDICT_CODES).flat();

/** What the postback log is narrowed to. */
export class TrackerPostbackFiltersDto extends TrackerListFiltersDto {
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
}

/** What the postback log is narrowed to; every filter may be left out. */
export type PostbackFilters = Readonly<TrackerPostbackFiltersDto>;

/** Every name of {@link PostbackFilters}. */
export const POSTBACK_FILTERS = [
  'status',
  'code',
  ...LIST_FILTERS,
] as const satisfies readonly (keyof PostbackFilters)[];
