import { type DataSource } from 'typeorm';
import { TrackerSetupError } from '../tracker-postbacks.errors';

/** The kinds of SQL that are spoken here; `mysql` is MySQL 8 and MariaDB 10.6 and newer. */
export type DatabaseEngine = 'postgres' | 'mysql' | 'sqlite';

const ENGINES: Readonly<Record<string, DatabaseEngine>> = {
  __proto__: null as never,
  postgres: 'postgres',
  mysql: 'mysql',
  mariadb: 'mysql',
  'better-sqlite3': 'sqlite',
};

/**
 * The engine of a DataSource.
 *
 * @throws TrackerSetupError `engine_unsupported`
 */
export function engineOf({ options: { type } }: DataSource): DatabaseEngine {
  const engine = ENGINES[type];
  if (engine === undefined) {
    throw new TrackerSetupError(
      'engine_unsupported',
      `The DataSource is ${type}; this version works on postgres, mysql, mariadb and better-sqlite3.`,
    );
  }
  return engine;
}
