import { randomBytes } from 'node:crypto';
import { Client, type QueryResultRow } from 'pg';
import { type DatabaseOptions } from './app.types';
import { type BenchDatabase, type BenchServer } from './bench.server';
import { ChildHandle } from './child.handle';

/** Databases on one PostgreSQL server: the embedded one, or that of `BENCH_DATABASE_URL`. */
export class PostgresServer implements BenchServer {
  private readonly made: string[] = [];
  private readonly prefix = `tracker_bench_${randomBytes(3).toString('hex')}`;

  private constructor(
    private readonly url: string,
    private readonly process: ChildHandle | null,
    readonly description: string,
  ) {}

  static async start(databaseUrl: string | undefined): Promise<PostgresServer> {
    const process =
      databaseUrl === undefined ? ChildHandle.start('database.process', { detached: true }) : null;
    try {
      const url = databaseUrl ?? (await process?.ask<string>('start')) ?? '';
      const [server] = await rowsOf<{ version: string; fsync: string; commit: string }>(
        url,
        `SELECT split_part(version(), ' ', 2) AS version, current_setting('fsync') AS fsync,
           current_setting('synchronous_commit') AS commit`,
      );
      const where = process === null ? 'of BENCH_DATABASE_URL' : 'embedded';
      return new PostgresServer(
        url,
        process,
        `PostgreSQL ${server?.version ?? '?'} (${where}), fsync ${server?.fsync ?? '?'}, ` +
          `synchronous_commit ${server?.commit ?? '?'}`,
      );
    } catch (error) {
      await process?.stop();
      throw error;
    }
  }

  async createDatabase(name: string): Promise<PostgresDatabase> {
    const full = `${this.prefix}_${this.made.length}_${name}`;
    await rowsOf(this.url, `CREATE DATABASE ${full}`);
    this.made.push(full);
    const url = new URL(this.url);
    url.pathname = `/${full}`;
    return new PostgresDatabase(url.href);
  }

  async stop(): Promise<void> {
    if (this.process === null) {
      for (const name of this.made) await rowsOf(this.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }
    await this.process?.stop(60_000);
  }
}

/** A database on PostgreSQL, which takes parameters as well. */
export class PostgresDatabase implements BenchDatabase {
  readonly engine = 'postgres';
  readonly options: DatabaseOptions;

  constructor(readonly url: string) {
    this.options = { type: 'postgres', url };
  }

  rows<R>(sql: string, parameters: readonly unknown[] = []): Promise<readonly R[]> {
    return rowsOf<R>(this.url, sql, parameters);
  }
}

async function rowsOf<R>(
  url: string,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly R[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R & QueryResultRow>(sql, [...parameters])).rows;
  } finally {
    await client.end();
  }
}
