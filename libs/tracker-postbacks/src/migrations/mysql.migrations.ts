import { TrackerTables1795200000000 } from './1795200000000-tracker-tables.mysql';

/** This library's migrations for MySQL and MariaDB, oldest first: add them to the `migrations` of the host's DataSource. */
export const TRACKER_MYSQL_MIGRATIONS = [TrackerTables1795200000000] as const;
