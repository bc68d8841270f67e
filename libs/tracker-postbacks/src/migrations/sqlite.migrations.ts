import { TrackerTables1795200000000 } from './1795200000000-tracker-tables.sqlite';

/** This library's migrations for SQLite, oldest first: add them to the `migrations` of the host's DataSource. */
export const TRACKER_SQLITE_MIGRATIONS = [TrackerTables1795200000000] as const;
