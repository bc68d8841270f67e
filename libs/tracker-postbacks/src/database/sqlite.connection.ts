import { type DataSource, type EntityManager } from 'typeorm';
import { type DatabaseConnection, type Row, type StatementInput, type TextRow } from './database-connection';
import { OwnPool } from './own-pool';
import { type SqliteHandle, type SqliteStatement, openSqlite, sqliteDataSource } from './sqlite.handle';
import { untilFree } from './sqlite.lock';

/** Statements kept ready; what the library sends are a few dozen texts. */
const READY = 200;

/** As much of TypeORM's runner as it takes to tell it that a transaction is under way. */
interface TransactionState {
  isTransactionActive: boolean;
  transactionDepth: number;
}

/**
 * SQLite through better-sqlite3, on handles of our own to the host's file: all who use one DataSource share its one
 * connection, and what they write vanishes with a transaction that somebody else rolls back.
 *
 * A lock is never waited for inside of SQLite: that would stop the event loop, and with it whoever holds the lock.
 */
export class SqliteConnection implements DatabaseConnection {
  private opening: Promise<SqliteHandle> | undefined;
  private readonly ready = new Map<string, SqliteStatement>();
  private readonly writer: OwnPool;
  private closed = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly host: DataSource,
    private readonly reading: DataSource,
  ) {
    this.writer = new OwnPool(() => sqliteDataSource(host, false));
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<readonly R[]> {
    const values = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    return this.patiently((handle) => {
      const answer = this.run(handle, sql, values);
      return 'rows' in answer ? (answer.rows as readonly R[]) : [];
    });
  }

  texts(): Promise<readonly TextRow[]> {
    return Promise.reject(new Error('Only PostgreSQL is asked for texts: use query.'));
  }

  read<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    return work(this.reading);
  }

  atomically(
    variables: Readonly<Record<string, StatementInput>>,
    statements: readonly string[],
  ): Promise<readonly (readonly Row[])[]> {
    return this.patiently((handle) => {
      handle.exec('BEGIN IMMEDIATE');
      try {
        const answers = statements.map((sql) => {
          const answer = this.run(handle, sql, [variables]);
          return 'rows' in answer ? answer.rows : [answer];
        });
        handle.exec('COMMIT');
        return answers;
      } catch (error) {
        if (handle.inTransaction) handle.exec('ROLLBACK');
        throw error;
      }
    });
  }

  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const before = this.turn;
    let finish: () => void = () => undefined;
    this.turn = new Promise<void>((resolve) => {
      finish = resolve;
    });
    try {
      await before;
      return await this.alone(work);
    } finally {
      finish();
    }
  }

  async probe(): Promise<void> {
    await this.query('SELECT 1', []);
  }

  reconnect(): void {
    // There is no network in between.
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.writer.close();
    this.ready.clear();
    const handle = await this.opening?.catch(() => undefined);
    handle?.close();
    if (this.reading.isInitialized && this.reading !== this.host) await this.reading.destroy();
  }

  /**
   * TypeORM awaits a lot, and none of it leaves the turn of the event loop: begun in a turn of its own, the transaction
   * is over before any other code of this process runs, which could not be kept waiting for its lock.
   */
  private alone<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.writer.use(async (source) => {
      const runner = source.createQueryRunner();
      await untilFree(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await runner.query('BEGIN IMMEDIATE');
      });
      const state = runner as unknown as TransactionState;
      Object.assign(state, { isTransactionActive: true, transactionDepth: 1 });
      try {
        const result = await work(runner.manager);
        await runner.query('COMMIT');
        return result;
      } catch (error) {
        await runner.query('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        Object.assign(state, { isTransactionActive: false, transactionDepth: 0 });
      }
    });
  }

  private patiently<T>(work: (handle: SqliteHandle) => T): Promise<T> {
    return untilFree(async () => {
      if (this.closed)
        throw new Error('The application is shutting down: its tracker connections are closed.');
      this.opening ??= openSqlite(this.host).catch((error: unknown) => {
        this.opening = undefined;
        throw error;
      });
      return work(await this.opening);
    });
  }

  private run(
    handle: SqliteHandle,
    sql: string,
    values: readonly unknown[],
  ): { readonly rows: readonly Row[] } | { readonly changes: number } {
    let statement = this.ready.get(sql);
    if (statement === undefined) {
      statement = handle.prepare(sql);
      if (this.ready.size < READY) this.ready.set(sql, statement);
    }
    if (statement.reader) return { rows: statement.all(...values) };
    return { changes: statement.run(...values).changes };
  }
}
