import { type FilterReader } from '../admin/filter-reader';
import { type ListCriteria, listCriteria } from '../conversions/list-criteria';
import { VERDICT_CODES, VERDICT_STATUSES, type VerdictCode } from '../rules/codes';
import { ALL_VERDICT_CODES } from './postback-filters';

/** How far back `q` looks where no `from` says so; milliseconds. */
export const SEARCH_MS = 7 * 24 * 60 * 60 * 1000;
const MAX_SEARCH_LENGTH = 512;

/** Filters of the postback log, read and checked; null where one is absent. */
export interface PostbackCriteria extends ListCriteria {
  /** A status stands for all of its codes: each occurs with one status only. */
  readonly codes: readonly VerdictCode[] | null;
  /** A part of the URL. */
  readonly q: string | null;
  /** Since when the URLs were searched, milliseconds since the epoch; null without `q` or with a `from`. */
  readonly searchedFrom: number | null;
}

/** @throws TrackerError `validation_failed` naming everything that cannot be read */
export function postbackCriteria(reader: FilterReader, now: number): PostbackCriteria {
  const statuses = reader.words('status', VERDICT_STATUSES);
  const codes = reader.words('code', ALL_VERDICT_CODES);
  const q = reader.text('q', MAX_SEARCH_LENGTH);
  let searchedFrom: number | null = null;
  const criteria = listCriteria(reader, (to) =>
    q === null ? null : (searchedFrom = Math.max(0, (to ?? now) - SEARCH_MS)),
  );
  const ofStatuses: readonly VerdictCode[] | null =
    statuses === null ? null : statuses.flatMap((status) => VERDICT_CODES[status]);
  return {
    ...criteria,
    codes: codes === null ? ofStatuses : codes.filter((code) => ofStatuses?.includes(code) !== false),
    q,
    searchedFrom,
  };
}

/**
 * A pattern for LIKE with `!` before signs that stand for themselves, in lower case: a backslash would mean something to
 * MySQL before LIKE sees it. What is not ASCII is looked for as URLs hold it.
 */
export function containing(q: string): string {
  const encoded = q.replace(/[^\u0000-\u007f]+/gu, encodeURIComponent);
  return `%${encoded.toLowerCase().replace(/[!%_]/g, '!$&')}%`;
}
