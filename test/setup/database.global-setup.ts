import { Client } from 'pg';
import { type RunningDatabase, startEmbeddedDatabase } from './embedded-database';
import { ENGINES, TEST_ENGINE } from './engines';

declare global {
  var trackerTestDatabase: RunningDatabase | undefined;
  var trackerTestEngines: Promise<void> | undefined;
}

/** Every project of the run has this setup; they share what the first one started. */
export default function start(): Promise<void> {
  return (globalThis.trackerTestEngines ??= startEngines());
}

/** `TEST_DATABASE_URL`, or an embedded PostgreSQL that lives as long as the test run. */
async function startEngines(): Promise<void> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given === undefined) {
    globalThis.trackerTestDatabase = await startEmbeddedDatabase();
    process.env['TRACKER_TEST_SERVER'] = globalThis.trackerTestDatabase.url;
  }
  const postgres = await postgresVersion(given ?? process.env['TRACKER_TEST_SERVER'] ?? '');
  const mysql = process.env['TRACKER_TEST_MYSQL'] ?? '';
  process.stderr.write(
    `engines: postgres ${postgres}${given === undefined ? ' (embedded)' : ''}, sqlite, ${mysql}` +
      `${TEST_ENGINE === 'postgres' ? '' : `; specs that name no engine run on ${TEST_ENGINE}`}\n`,
  );
  if (!ENGINES.includes(TEST_ENGINE)) throw new Error(`TEST_ENGINE is ${TEST_ENGINE}, but ${mysql}.`);
}

async function postgresVersion(connectionString: string): Promise<string> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version.split(' ')[0] ?? '';
  } finally {
    await client.end();
  }
}
