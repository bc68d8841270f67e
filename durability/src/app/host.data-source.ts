import {
  TRACKER_ENTITIES,
  TRACKER_MYSQL_MIGRATIONS,
  TRACKER_POSTGRES_MIGRATIONS,
  TRACKER_SQLITE_MIGRATIONS,
} from 'nestjs-tracker-postbacks';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type DatabaseAddress } from '../engines/proof.database';

/** The DataSource of a plain host on each engine. */
export function hostOptions({ engine, url }: DatabaseAddress): DataSourceOptions {
  const shared = { entities: [...TRACKER_ENTITIES], synchronize: false };
  switch (engine) {
    case 'postgres':
      return { ...shared, type: 'postgres', url, migrations: [...TRACKER_POSTGRES_MIGRATIONS] };
    case 'mysql':
      return { ...shared, type: 'mysql', url, migrations: [...TRACKER_MYSQL_MIGRATIONS] };
    case 'sqlite':
      return { ...shared, type: 'better-sqlite3', database: url, migrations: [...TRACKER_SQLITE_MIGRATIONS] };
  }
}

/** Makes the tables, once for each database. */
export async function migrate(address: DatabaseAddress): Promise<void> {
  const dataSource = await new DataSource(hostOptions(address)).initialize();
  try {
    await dataSource.runMigrations();
  } finally {
    await dataSource.destroy();
  }
}
