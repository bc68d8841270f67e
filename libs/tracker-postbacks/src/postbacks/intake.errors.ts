import { failureOf, sqlState } from '../database/database-error';

/** Why nothing could be promised about a postback. */
export type IntakeRefusal =
  | 'queue_full'
  | 'too_slow'
  | 'database_unavailable'
  /** The database is away, and the journal took it neither: `maxBytes` is reached. */
  | 'journal_full'
  /** The database is away, and the disk refused it. */
  | 'journal_failed';

/** Nothing could be promised about a postback: it is answered 503 with `Retry-After`, never with a 200. */
export class IntakeUnavailableError extends Error {
  override readonly name = 'IntakeUnavailableError';

  constructor(
    readonly code: IntakeRefusal,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The answer to a sender whose postback the database did not take. */
export function unavailable(cause: unknown): IntakeUnavailableError {
  return new IntakeUnavailableError('database_unavailable', 'The database could not be asked.', { cause });
}

export function asRefusal(error: unknown): IntakeUnavailableError {
  return error instanceof IntakeUnavailableError ? error : unavailable(error);
}

/** Classes of SQLSTATE in which a server refuses a statement and is there all the same: asking it again tells nothing. */
const REFUSALS: ReadonlySet<string> = new Set(['0A', '25', '42', '58', 'HY', 'XX']);

/** Whether an error says that the database is away: neither is it about the data, nor a mistake of our own. */
export function isAway(error: unknown): boolean {
  if (isMistake(error) || failureOf(error) !== 'unavailable') return false;
  return !REFUSALS.has(sqlState(error)?.slice(0, 2) ?? '');
}

/** Whether an error would come again with the same postback, however often it is tried. */
export function isMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}
