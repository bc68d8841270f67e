import { type DatabaseOptions } from './app.types';
import { type BenchEngine } from './bench.options';
import { MysqlServer } from './mysql.server';
import { PostgresServer } from './postgres.server';
import { SqliteServer } from './sqlite.server';

/** Where contestants' databases are made. */
export interface BenchServer {
  /** What it is and how carefully it commits. */
  readonly description: string;
  createDatabase(name: string): Promise<BenchDatabase>;
  stop(): Promise<void>;
}

/** One contestant's database. */
export interface BenchDatabase {
  readonly engine: BenchEngine;
  /** For TypeORM. */
  readonly options: DatabaseOptions;
  /** One statement without parameters: what the bench puts into it are numbers of its own. */
  rows<R>(sql: string): Promise<readonly R[]>;
}

/** @param url of a server to use instead of the usual one: an embedded PostgreSQL, MySQL on this machine, a file */
export function startServer(engine: BenchEngine, url: string | undefined): Promise<BenchServer> {
  switch (engine) {
    case 'postgres':
      return PostgresServer.start(url);
    case 'mysql':
      return MysqlServer.start(url);
    case 'sqlite':
      return SqliteServer.start();
  }
}

/** The one number that a query answers. */
export async function numberOf(database: BenchDatabase, sql: string): Promise<number> {
  const [row] = await database.rows<{ readonly n: unknown }>(`SELECT (${sql}) AS n`);
  return Number(row?.n);
}
