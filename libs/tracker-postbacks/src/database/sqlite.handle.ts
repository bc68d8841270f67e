import { type DataSource } from 'typeorm';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { type Row } from './database-connection';
import { ownDataSource } from './own-data-source';
import { untilFree } from './sqlite.lock';

/** As much of a better-sqlite3 statement as is used. */
export interface SqliteStatement {
  readonly reader: boolean;
  all(...values: readonly unknown[]): readonly Row[];
  run(...values: readonly unknown[]): { readonly changes: number };
}

/** As much of a better-sqlite3 database as is used. */
export interface SqliteHandle {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  pragma(text: string): unknown;
  close(): unknown;
}

type SqliteConstructor = new (path: string, options: object) => SqliteHandle;

interface SqliteOptions {
  readonly database: string;
  readonly nativeBinding?: string;
  readonly key?: string;
  readonly prepareDatabase?: (handle: SqliteHandle) => void | Promise<void>;
}

/**
 * A further handle to the host's file, opened by the host's own copy of better-sqlite3: two copies of SQLite in one
 * process would take each other's file locks away.
 */
export async function openSqlite(host: DataSource): Promise<SqliteHandle> {
  const { database, nativeBinding, key, prepareDatabase } = optionsOf(host);
  const { sqlite: Sqlite } = host.driver as unknown as { readonly sqlite: SqliteConstructor };
  const handle = new Sqlite(database, {
    fileMustExist: true,
    timeout: 0,
    nativeBinding: nativeBinding ?? null,
  });
  try {
    if (key !== undefined) handle.pragma(`key = ${JSON.stringify(key)}`);
    await prepareDatabase?.(handle);
    await durable(handle);
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

/** A DataSource of our own on the host's file, for entities; one that reads cannot write by mistake. */
export function sqliteDataSource(host: DataSource, reads: boolean): DataSource {
  const { prepareDatabase } = optionsOf(host);
  return ownDataSource(host, {
    driver: (host.driver as unknown as { readonly sqlite: SqliteConstructor }).sqlite,
    enableWAL: false,
    timeout: 0,
    fileMustExist: true,
    prepareDatabase: async (handle: SqliteHandle) => {
      await prepareDatabase?.(handle);
      await durable(handle);
      if (reads) handle.pragma('query_only = ON');
    },
  });
}

/** @throws TrackerSetupError `sqlite_in_memory` */
export function refuseInMemory(host: DataSource): void {
  const { database } = optionsOf(host);
  if (database.trim() !== '' && !database.includes(':memory:') && !database.includes('mode=memory')) return;
  throw new TrackerSetupError(
    'sqlite_in_memory',
    'The DataSource keeps its SQLite database in memory. Postbacks need a file: all who use an in-memory database ' +
      'share one connection, and what they write vanishes with a transaction that somebody else rolls back. Set ' +
      "database to a path, for tests one in the system's temporary folder.",
  );
}

/**
 * Readers do not hold up the writer, and a commit is on the disk when it is answered. The first to say so rewrites the
 * file's header under a lock that SQLite does not wait for: of several processes that start at once, one would not.
 */
function durable(handle: SqliteHandle): Promise<void> {
  return untilFree(() => {
    handle.pragma('journal_mode = WAL');
    handle.pragma('synchronous = FULL');
  });
}

function optionsOf(host: DataSource): SqliteOptions {
  return host.options as unknown as SqliteOptions;
}
