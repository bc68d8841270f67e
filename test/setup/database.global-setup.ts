import { type RunningDatabase, startEmbeddedDatabase } from './embedded-database';

declare global {
  var trackerTestDatabase: RunningDatabase | undefined;
}

/** `TEST_DATABASE_URL`, or an embedded PostgreSQL that lives as long as the test run. */
export default async function start(): Promise<void> {
  if (process.env['TEST_DATABASE_URL'] !== undefined) return;
  globalThis.trackerTestDatabase = await startEmbeddedDatabase();
  process.env['TRACKER_TEST_SERVER'] = globalThis.trackerTestDatabase.url;
}
