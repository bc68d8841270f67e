import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { TRACKER_ENTITIES, TRACKER_POSTGRES_MIGRATIONS } from 'nestjs-tracker-postbacks';

export interface TestDatabase {
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

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A database of its own for one spec file, with the library's migrations applied. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `tracker_${randomBytes(6).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  const options: DataSourceOptions = {
    type: 'postgres',
    url: url.href,
    entities: [...TRACKER_ENTITIES],
    migrations: [...TRACKER_POSTGRES_MIGRATIONS],
    synchronize: false,
  };
  const migrating = await new DataSource(options).initialize();
  await migrating.runMigrations();
  await migrating.destroy();
  return {
    url: url.href,
    options,
    drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}
