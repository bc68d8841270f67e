import { setTimeout as pause } from 'node:timers/promises';
import { type DataSource } from 'typeorm';
import { openSqlite } from '../../libs/tracker-postbacks/src/database/sqlite.handle';
import { type TestEngine } from '../setup/engines';
import { sqlOn } from '../setup/sql';

/** A lock that somebody else holds until it is let go of. */
export interface HeldLock {
  /** Resolves once so many statements wait for locks; on SQLite, where nobody can tell, at once: they ask in turns. */
  waiting(count: number): Promise<void>;
  /** Does more in the same transaction. */
  also(statement: string, ...parameters: readonly unknown[]): Promise<void>;
  release(): Promise<void>;
}

/** Holds the row of a click as an erasure or another writer does; on SQLite the whole database, as every writer does. */
export async function holdClick(engine: TestEngine, host: DataSource, seq: string): Promise<HeldLock> {
  return holdRow(engine, host, `SELECT seq FROM tracker_clicks WHERE seq = $1 FOR UPDATE`, seq);
}

/** Holds what a batch that records events holds until its commit. */
export async function holdRecording(engine: TestEngine, host: DataSource): Promise<HeldLock> {
  return holdRow(
    engine,
    host,
    engine === 'postgres'
      ? 'LOCK TABLE tracker_events IN ROW EXCLUSIVE MODE'
      : `SELECT name FROM tracker_handlers WHERE name = '' LOCK IN SHARE MODE`,
  );
}

async function holdRow(
  engine: TestEngine,
  host: DataSource,
  lock: string,
  ...parameters: readonly unknown[]
): Promise<HeldLock> {
  if (engine === 'sqlite') {
    const handle = await openSqlite(host);
    handle.exec('BEGIN IMMEDIATE');
    return {
      waiting: () => Promise.resolve(),
      also: (statement, ...values) => {
        handle.prepare(statement.replace(/\$\d+/g, '?')).run(...values);
        return Promise.resolve();
      },
      release: () => {
        handle.exec('COMMIT');
        handle.close();
        return Promise.resolve();
      },
    };
  }
  const runner = host.createQueryRunner();
  await runner.connect();
  await runner.startTransaction();
  const on = (statement: string, ...values: readonly unknown[]): Promise<unknown> =>
    runner.query(engine === 'mysql' ? statement.replace(/\$\d+/g, '?') : statement, [...values]);
  await on(lock, ...parameters);
  return {
    waiting: async (count) => {
      while ((await (engine === 'postgres' ? waitersOnPostgres : waitersOnMysql)(host)) < count)
        await pause(1);
    },
    also: async (statement, ...values) => {
      await on(statement, ...values);
    },
    release: async () => {
      await runner.commitTransaction();
      await runner.release();
    },
  };
}

async function waitersOnPostgres(host: DataSource): Promise<number> {
  const [row] = await sqlOn(
    host,
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return Number(row?.['n']);
}

/** From the report: information_schema.innodb_trx is a copy, which is not renewed for as long as anybody keeps asking. */
async function waitersOnMysql(host: DataSource): Promise<number> {
  const [report] = await sqlOn<{ Status: string }>(host, 'SHOW ENGINE INNODB STATUS');
  const threads = (report?.Status ?? '')
    .split('---TRANSACTION')
    .flatMap((part) => (part.includes('LOCK WAIT') ? (/thread id (\d+)/.exec(part)?.[1] ?? []) : []));
  if (threads.length === 0) return 0;
  const [row] = await sqlOn(
    host,
    `SELECT count(*) AS n FROM information_schema.processlist WHERE db = database() AND id IN (${threads.join(', ')})`,
  );
  return Number(row?.['n']);
}
