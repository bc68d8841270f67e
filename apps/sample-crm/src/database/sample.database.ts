import { type SampleConfig } from '../sample.config';
import { openEmbeddedDatabase } from './embedded.database';

/** The database that the sample works on. */
export interface SampleDatabase {
  readonly url: string;
  /** Where the data is, for people. */
  readonly label: string;
  stop(): Promise<void>;
}

/** The one that `DATABASE_URL` names, or one of the sample's own. */
export async function openDatabase(
  { databaseUrl, dataFolder }: SampleConfig,
  say: (message: string) => void,
): Promise<SampleDatabase> {
  if (databaseUrl !== undefined) {
    return { url: databaseUrl, label: 'DATABASE_URL', stop: () => Promise.resolve() };
  }
  say('starting the embedded PostgreSQL');
  const embedded = await openEmbeddedDatabase(dataFolder, say);
  return {
    url: embedded.url,
    label: `embedded PostgreSQL, data in ${embedded.cluster}`,
    stop: () => embedded.stop(),
  };
}
