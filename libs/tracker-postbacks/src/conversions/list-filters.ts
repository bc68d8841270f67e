import { ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../admin/page';

/**
 * What a list is narrowed to. Different filters all have to hold; of several values of one filter, one of them.
 * Every value may also be given as the text it has in a query.
 */
export class TrackerExportFiltersDto {
  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    example: '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34',
    description: 'Of this integration.',
  })
  readonly integrationId?: string;

  @ApiPropertyOptional({
    type: [String],
    example: ['1win', 'binomo'],
    description: 'Of integrations with this network. May be repeated.',
  })
  readonly network?: string | readonly string[];

  @ApiPropertyOptional({
    type: [String],
    example: ['sale', 'resale'],
    description: 'Of this event as it was recorded; case does not count. May be repeated.',
  })
  readonly event?: string | readonly string[];

  @ApiPropertyOptional({
    type: String,
    example: 'k3JdQ9xT0aZb',
    description: 'Of exactly this click id; case counts.',
  })
  readonly clickId?: string;

  @ApiPropertyOptional({
    type: String,
    example: '77',
    description: "With exactly this network's transaction id.",
  })
  readonly tid?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'chat-4711',
    description: "Of exactly this chat of the host's.",
  })
  readonly chatId?: string;

  @ApiPropertyOptional({
    type: String,
    example: '2026-11-01',
    description: 'Received at this time or later. ISO 8601; a date alone is its midnight in `timeZone`.',
  })
  readonly from?: Date | string;

  @ApiPropertyOptional({
    type: String,
    example: '2026-12-01T00:00:00Z',
    description: 'Received before this time. ISO 8601; a date alone is its midnight in `timeZone`.',
  })
  readonly to?: Date | string;

  @ApiPropertyOptional({
    type: String,
    default: 'UTC',
    example: 'Europe/Berlin',
    description: 'IANA time zone in which a date alone in `from` and `to` is midnight.',
  })
  readonly timeZone?: string;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    example: false,
    description: '`true` lists what test postbacks made and nothing else; otherwise that is left out.',
  })
  readonly test?: boolean | string;
}

/** How `cursor` is described. @internal */
export const CURSOR_PROPERTY: ApiPropertyOptions = {
  type: String,
  example: 'MDE5YWE1YzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw',
  description: '`nextCursor` of the page before. Send the same filters with it.',
};

/** How `limit` is described. @internal */
export const LIMIT_PROPERTY: ApiPropertyOptions = {
  type: 'integer',
  minimum: 1,
  maximum: MAX_LIMIT,
  default: DEFAULT_LIMIT,
  example: DEFAULT_LIMIT,
  description: 'Rows of one page.',
};

/** As {@link TrackerExportFiltersDto}, a page at a time. */
export class TrackerListFiltersDto extends TrackerExportFiltersDto {
  @ApiPropertyOptional(CURSOR_PROPERTY)
  readonly cursor?: string;

  @ApiPropertyOptional(LIMIT_PROPERTY)
  readonly limit?: number | string;
}

/** What an export is narrowed to; every filter may be left out. */
export type ListExportFilters = Readonly<TrackerExportFiltersDto>;

/** What a list is narrowed to; every filter may be left out. */
export type ListFilters = Readonly<TrackerListFiltersDto>;

/** Every name of {@link ListExportFilters}. */
export const LIST_EXPORT_FILTERS = [
  'integrationId',
  'network',
  'event',
  'clickId',
  'tid',
  'chatId',
  'from',
  'to',
  'timeZone',
  'test',
] as const satisfies readonly (keyof ListExportFilters)[];

/** Every name of {@link ListFilters}. */
export const LIST_FILTERS = [
  ...LIST_EXPORT_FILTERS,
  'cursor',
  'limit',
] as const satisfies readonly (keyof ListFilters)[];
