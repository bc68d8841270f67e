/**
 * What a failed statement means for the rows it carried.
 * - `conflict`: another transaction was in the way; the same statement may be sent again.
 * - `data`: this statement cannot work as it is, whoever sends it.
 * - `unavailable`: nobody could be asked; nothing is known to be wrong with the data.
 */
export type DatabaseFailure = 'conflict' | 'data' | 'unavailable';

const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);
/** SQLSTATE classes of PostgreSQL that speak about the statement and not about the server. */
const DATA_CLASSES: ReadonlySet<string> = new Set(['21', '22', '23', '42', '44', '54']);

/** Sorts an error of a statement; what is not known to be about the data counts as unavailability. */
export function failureOf(error: unknown): DatabaseFailure {
  const code = sqlState(error);
  if (code === null) return 'unavailable';
  if (CONFLICTS.has(code)) return 'conflict';
  // 42501 and 42P01 … are a broken set-up, not a broken postback: the sender should hear "try again".
  if (code.startsWith('42')) return 'unavailable';
  return DATA_CLASSES.has(code.slice(0, 2)) ? 'data' : 'unavailable';
}

/** The SQLSTATE that a driver's error carries, also inside TypeORM's; null when it carries none. */
export function sqlState(error: unknown): string | null {
  for (const candidate of [error, (error as { driverError?: unknown } | null)?.driverError]) {
    const code = (candidate as { code?: unknown } | null | undefined)?.code;
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return null;
}

/** A statement that was given up on: whether it was carried out is not known. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError';

  constructor(milliseconds: number) {
    super(`The database did not answer within ${milliseconds} ms.`);
  }
}
