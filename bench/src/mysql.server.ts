import { randomBytes } from 'node:crypto';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { type DatabaseOptions } from './app.types';
import { type BenchDatabase, type BenchServer } from './bench.server';

const USUAL = 'mysql://root@127.0.0.1:3306';

/** Databases on a MySQL or MariaDB server: that of `BENCH_DATABASE_URL`, or the one on this machine. */
export class MysqlServer implements BenchServer {
  private readonly made: string[] = [];
  private readonly prefix = `tracker_bench_${randomBytes(3).toString('hex')}`;

  private constructor(
    private readonly url: string,
    private readonly type: 'mysql' | 'mariadb',
    readonly description: string,
  ) {}

  /** @throws Error that says what is missing when there is no server */
  static async start(databaseUrl: string | undefined): Promise<MysqlServer> {
    const url = databaseUrl ?? USUAL;
    const [server] = await rowsOf<{ version: string; flush: number; binlog: number }>(
      url,
      'SELECT version() AS version, @@innodb_flush_log_at_trx_commit AS flush, @@log_bin AS binlog',
    ).catch((cause: unknown) => {
      throw new Error(
        `No MySQL or MariaDB answers at ${new URL(url).host}: start one, or name one in BENCH_DATABASE_URL.`,
        { cause },
      );
    });
    const version = server?.version ?? '?';
    return new MysqlServer(
      url,
      version.includes('MariaDB') ? 'mariadb' : 'mysql',
      `${version.includes('MariaDB') ? '' : 'MySQL '}${version}, innodb_flush_log_at_trx_commit ` +
        `${server?.flush ?? '?'}, log_bin ${server?.binlog ?? '?'}`,
    );
  }

  async createDatabase(name: string): Promise<BenchDatabase> {
    const full = `${this.prefix}_${this.made.length}_${name}`;
    await rowsOf(this.url, `CREATE DATABASE ${full} CHARACTER SET utf8mb4`);
    this.made.push(full);
    const url = new URL(this.url);
    url.pathname = `/${full}`;
    const options: DatabaseOptions = { type: this.type, url: url.href };
    return { engine: 'mysql', options, rows: (sql) => rowsOf(url.href, sql) };
  }

  async stop(): Promise<void> {
    for (const name of this.made) await rowsOf(this.url, `DROP DATABASE IF EXISTS ${name}`);
  }
}

async function rowsOf<R>(uri: string, sql: string): Promise<readonly R[]> {
  const connection = await createConnection({ uri });
  try {
    const [rows] = await connection.query<(R & RowDataPacket)[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}
