import { type DatabaseEngine } from './engine';

const NOW: Readonly<Record<DatabaseEngine, string>> = {
  postgres: `(extract(epoch from statement_timestamp()) * 1000)::bigint`,
  // UNIX_TIMESTAMP() of no argument is the one that no session time zone has a say in.
  mysql: `(unix_timestamp() * 1000 + microsecond(now(3)) DIV 1000)`,
  sqlite: `CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)`,
};

/**
 * The database's clock in milliseconds since the epoch: one clock for leases and due times of all processes. It is that
 * of the statement's start: only a value that does not change within it can be looked up in an index.
 */
export function databaseNow(engine: DatabaseEngine): string {
  return NOW[engine];
}
