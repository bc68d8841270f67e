/**
 * What a failed statement means for the rows it carried.
 * - `conflict`: another transaction was in the way; the same statement may be sent again.
 * - `data`: this statement cannot work as it is, whoever sends it.
 * - `unavailable`: nobody could be asked; nothing is known to be wrong with the data.
 */
export type DatabaseFailure = 'conflict' | 'data' | 'unavailable';

/** As much of a driver's error as tells what happened: `code` of node-postgres and better-sqlite3, the rest of mysql2. */
interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly sqlState?: unknown;
  readonly message?: unknown;
}

const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);
/** SQLSTATE classes that speak about the statement and not about the server. */
const DATA_CLASSES: ReadonlySet<string> = new Set(['21', '22', '23', '42', '44', '54']);

/**
 * Deadlock, lock wait, "record has changed since last read", no waiting asked for, and statements that the server cannot
 * prepare, now or any more: they are sent again in another way.
 */
const MYSQL_CONFLICTS: ReadonlySet<number> = new Set([1213, 1205, 1020, 3572, 1615, 1461, 1295, 1243]);
/** What MySQL and MariaDB say of the data without a SQLSTATE that tells: bad numbers, texts, JSON, too much. */
const MYSQL_DATA: ReadonlySet<number> = new Set([
  1048, 1062, 1153, 1264, 1301, 1265, 1292, 1364, 1366, 1406, 1411, 1690, 3140, 3141, 3156, 3819, 4025, 4037,
  4038,
]);
const SQLITE_DATA = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/;

/** Sorts an error of a statement; what is not known to be about the data counts as unavailability. */
export function failureOf(error: unknown): DatabaseFailure {
  for (const candidate of causesOf(error)) {
    const failure = mysqlFailure(candidate) ?? sqliteFailure(candidate);
    if (failure !== null) return failure;
  }
  const code = sqlState(error);
  if (code === null) return 'unavailable';
  if (CONFLICTS.has(code)) return 'conflict';
  // 42501 and 42P01 … are a broken set-up, not a broken postback: the sender should hear "try again".
  if (code.startsWith('42')) return 'unavailable';
  return DATA_CLASSES.has(code.slice(0, 2)) ? 'data' : 'unavailable';
}

function mysqlFailure({ errno, sqlState: state }: DriverError): DatabaseFailure | null {
  // Failures of a socket have an errno as well, but no SQLSTATE.
  if (typeof errno !== 'number' || typeof state !== 'string') return null;
  if (MYSQL_CONFLICTS.has(errno)) return 'conflict';
  return MYSQL_DATA.has(errno) ? 'data' : null;
}

function sqliteFailure({ code, message }: DriverError): DatabaseFailure | null {
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return null;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'conflict';
  if (SQLITE_DATA.test(code)) return 'data';
  return message === 'malformed JSON' ? 'data' : 'unavailable';
}

/** Whether a unique key was in the way. */
export function isDuplicateKey(error: unknown): boolean {
  return causesOf(error).some(
    ({ code, errno }) =>
      code === '23505' ||
      (errno === 1062 && code === 'ER_DUP_ENTRY') ||
      code === 'SQLITE_CONSTRAINT_UNIQUE' ||
      code === 'SQLITE_CONSTRAINT_PRIMARYKEY',
  );
}

/** The SQLSTATE that a driver's error carries, also inside TypeORM's; null when it carries none. */
export function sqlState(error: unknown): string | null {
  for (const { code, sqlState: state } of causesOf(error)) {
    for (const value of [state, code]) {
      if (typeof value === 'string' && /^[0-9A-Z]{5}$/.test(value)) return value;
    }
  }
  return null;
}

/** The error itself, and the driver's own that TypeORM's carries. */
function causesOf(error: unknown): readonly DriverError[] {
  return [error, (error as { driverError?: unknown } | null | undefined)?.driverError].filter(
    (cause): cause is DriverError => typeof cause === 'object' && cause !== null,
  );
}

/** A statement that was given up on: whether it was carried out is not known. */
export class DatabaseTimeoutError extends Error {
  override readonly name = 'DatabaseTimeoutError';

  constructor(milliseconds: number) {
    super(`The database did not answer within ${milliseconds} ms.`);
  }
}
