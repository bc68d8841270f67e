import { TrackerTables1795200000000 } from './1795200000000-tracker-tables.postgres';

/** This library's migrations for PostgreSQL, oldest first: add them to the `migrations` of the host's DataSource. */
export const TRACKER_POSTGRES_MIGRATIONS = [TrackerTables1795200000000] as const;
