import { type DataSource } from 'typeorm';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { engineOf } from './engine';

/** Where each begins to have a collation that compares byte by byte, blanks at the end included, and JSON_TABLE. */
const OLDEST = {
  MariaDB: { numbers: [10, 6, 0], collation: 'utf8mb4_nopad_bin' },
  MySQL: { numbers: [8, 0, 17], collation: 'utf8mb4_0900_bin' },
} as const;

/** Which of the two a server is, by what it says its version is. */
export function mysqlServer(version: string): {
  readonly name: keyof typeof OLDEST;
  /** Compares byte by byte, blanks at the end included. */
  readonly collation: string;
  readonly isSupported: boolean;
} {
  const name = version.includes('MariaDB') ? 'MariaDB' : 'MySQL';
  const { numbers, collation } = OLDEST[name];
  const own = version.split(/[.-]/).map(Number);
  const differing = numbers.findIndex((number, index) => own[index] !== number);
  const isSupported = differing === -1 || (own[differing] ?? 0) > (numbers[differing] ?? 0);
  return { name, collation, isSupported };
}

/**
 * Says at boot what a MySQL or MariaDB would otherwise do silently: take 'AbC' and 'abc ' for one click, or a value for
 * a part of the statement.
 *
 * @param table one of the library's, and a column of it that holds ids
 * @throws TrackerSetupError `engine_too_old`, `sql_mode_unsafe` or `tables_inexact`
 */
export async function checkServer(host: DataSource, table: string, column: string): Promise<void> {
  if (engineOf(host) !== 'mysql' || !host.isInitialized) return;
  const [server] = await host.query<{ version: string; mode: string }[]>(
    'SELECT version() AS version, @@sql_mode AS mode',
  );
  const { version = '', mode = '' } = server ?? {};
  const { name, collation, isSupported } = mysqlServer(version);
  if (!isSupported) {
    throw new TrackerSetupError(
      'engine_too_old',
      `The database is ${name} ${version}; the oldest that works is ${name} ${OLDEST[name].numbers.join('.')}.`,
    );
  }
  if (mode.includes('NO_BACKSLASH_ESCAPES')) {
    throw new TrackerSetupError(
      'sql_mode_unsafe',
      'The sql_mode of the server has NO_BACKSLASH_ESCAPES. mysql2 escapes the parameters of every query with backslashes, ' +
        'which this mode takes for text: a quote in a value ends it, and what follows is run as SQL. Take the mode out of ' +
        "the server's sql_mode.",
    );
  }
  const columns = await host.query<{ collation: string | null }[]>(
    `SELECT collation_name AS collation FROM information_schema.columns
     WHERE table_schema = database() AND table_name = ? AND column_name = ?`,
    [table, column],
  );
  const found = columns[0]?.collation;
  if (found === undefined || found === collation) return;
  throw new TrackerSetupError(
    'tables_inexact',
    `The column ${column} of ${table} compares with ${String(found)}, for which 'AbC' and 'abc ' may be one id. ` +
      'Synchronizing makes such tables: drop them, add ...TRACKER_MYSQL_MIGRATIONS to the migrations of the ' +
      'DataSource and run those.',
  );
}
