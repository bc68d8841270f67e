import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type BenchDatabase, type BenchServer } from './bench.server';
import { makeDurable } from './durable.sqlite';

/** Database files in the system's temporary folder. */
export class SqliteServer implements BenchServer {
  private constructor(
    private readonly folder: string,
    readonly description: string,
  ) {}

  static start(): Promise<SqliteServer> {
    const memory = new Sqlite(':memory:');
    const version = String(memory.prepare('SELECT sqlite_version()').pluck().get());
    memory.close();
    const folder = mkdtempSync(join(tmpdir(), 'tracker-bench-'));
    return Promise.resolve(
      new SqliteServer(
        folder,
        `SQLite ${version}, journal_mode WAL and synchronous FULL for all contestants`,
      ),
    );
  }

  createDatabase(name: string): Promise<BenchDatabase> {
    const database = join(this.folder, `${name}.sqlite`);
    return Promise.resolve({
      engine: 'sqlite',
      options: { type: 'better-sqlite3', database },
      rows: <R>(sql: string) => Promise.resolve(rowsOf(database, sql) as readonly R[]),
    });
  }

  stop(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    return Promise.resolve();
  }
}

function rowsOf(database: string, sql: string): readonly unknown[] {
  const handle = new Sqlite(database, { timeout: 10_000 });
  try {
    makeDurable(handle);
    const statement = handle.prepare(sql);
    if (statement.reader) return statement.all();
    statement.run();
    return [];
  } finally {
    handle.close();
  }
}
