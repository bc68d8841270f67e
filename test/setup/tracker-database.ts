import { DataSource, type DataSourceOptions } from 'typeorm';
import { readingDataSource } from '../../libs/tracker-postbacks/src/database/data-source.factory';
import { TrackerDatabase } from '../../libs/tracker-postbacks/src/database/tracker-database';
import { createTestDatabase, type TestDatabase } from './database';
import { type TestEngine } from './engines';

/** The library's connections to a database of its own, and the host's beside them. */
export interface OpenDatabase {
  readonly database: TestDatabase;
  readonly host: DataSource;
  readonly reading: DataSource;
  readonly tracker: TrackerDatabase;
  close(): Promise<void>;
}

/** `through` changes the host's options, for one that is reached through a proxy. */
export async function openTrackerDatabase(
  engine: TestEngine,
  through: (options: DataSourceOptions) => DataSourceOptions = (options) => options,
): Promise<OpenDatabase> {
  const database = await createTestDatabase(engine);
  const host = await new DataSource(through(database.options)).initialize();
  const reading = await readingDataSource(host);
  const tracker = new TrackerDatabase(host, reading);
  return {
    database,
    host,
    reading,
    tracker,
    close: async () => {
      await tracker.onApplicationShutdown();
      if (host.isInitialized) await host.destroy();
      await database.drop();
    },
  };
}
