import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import {
  TRACKER_ENTITIES,
  TRACKER_MYSQL_MIGRATIONS,
  TRACKER_POSTGRES_MIGRATIONS,
  TRACKER_SQLITE_MIGRATIONS,
} from 'nestjs-tracker-postbacks';
import { TEST_ENGINE, type TestEngine, mysqlType, mysqlUrl } from './engines';

export interface TestDatabase {
  readonly engine: TestEngine;
  /** A URL, on SQLite the path of the file. */
  readonly url: string;
  /** For the DataSource of a host under test. */
  readonly options: DataSourceOptions;
  drop(): Promise<void>;
}

const serverUrl = (): string => {
  const url = process.env['TEST_DATABASE_URL'] ?? process.env['TRACKER_TEST_SERVER'];
  if (url === undefined) throw new Error('No test database: run the specs through `npm test`.');
  return url;
};

async function onPostgres(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function onMysql(statement: string): Promise<void> {
  const connection = await createConnection({ uri: mysqlUrl() });
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

const at = (server: string, name: string): string => {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};

/** An empty database of an engine. */
const CREATE: Readonly<Record<TestEngine, (name: string) => Promise<TestDatabase>>> = {
  postgres: async (name) => {
    await onPostgres(`CREATE DATABASE ${name}`);
    const url = at(serverUrl(), name);
    return {
      engine: 'postgres',
      url,
      options: { ...SHARED, type: 'postgres', url, migrations: [...TRACKER_POSTGRES_MIGRATIONS] },
      drop: () => onPostgres(`DROP DATABASE ${name} WITH (FORCE)`),
    };
  },
  mysql: async (name) => {
    // A host's database need not be made for our texts: ours have to be exact wherever they are.
    await onMysql(`CREATE DATABASE ${name} CHARACTER SET latin1`);
    const url = at(mysqlUrl(), name);
    return {
      engine: 'mysql',
      url,
      options: { ...SHARED, type: mysqlType(), url, migrations: [...TRACKER_MYSQL_MIGRATIONS] },
      drop: () => onMysql(`DROP DATABASE ${name}`),
    };
  },
  sqlite: (name) => {
    const folder = mkdtempSync(join(tmpdir(), `${name}-`));
    const url = join(folder, 'host.sqlite');
    return Promise.resolve({
      engine: 'sqlite',
      url,
      options: {
        ...SHARED,
        type: 'better-sqlite3',
        database: url,
        migrations: [...TRACKER_SQLITE_MIGRATIONS],
      },
      drop: () => {
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      },
    });
  },
};

const SHARED = { entities: [...TRACKER_ENTITIES], synchronize: false };

/** A database of its own for one spec file, with the library's migrations applied. */
export async function createTestDatabase(engine: TestEngine = TEST_ENGINE): Promise<TestDatabase> {
  const database = await CREATE[engine](`tracker_${randomBytes(6).toString('hex')}`);
  const migrating = await new DataSource(database.options).initialize();
  await migrating.runMigrations();
  await migrating.destroy();
  return database;
}
