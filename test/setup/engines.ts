/** The kinds of SQL the library speaks; `mysql` is whichever of MySQL and MariaDB answers. */
export const ALL_ENGINES = ['postgres', 'mysql', 'sqlite'] as const;
export type TestEngine = (typeof ALL_ENGINES)[number];

const listed = (names = ''): readonly TestEngine[] =>
  ALL_ENGINES.filter((engine) => names.split(',').includes(engine));

/** Those that can be reached, for `describe.each`; the start of the run prints which one is skipped. */
export const ENGINES: readonly TestEngine[] = listed(process.env['TRACKER_TEST_ENGINES']);

/** The engine of every spec that names none: `TEST_ENGINE=sqlite npx jest …` runs them all on another one. */
export const TEST_ENGINE: TestEngine = listed(process.env['TEST_ENGINE'])[0] ?? 'postgres';

/** A MySQL or MariaDB server that databases can be made on. */
export function mysqlUrl(): string {
  const url = process.env['TEST_MYSQL_URL'];
  if (url === undefined) throw new Error('No test database: run the specs through `npm test`.');
  return url;
}

/** What TypeORM is told the server is: it reads MariaDB's schema in another way. */
export const mysqlType = (): 'mysql' | 'mariadb' =>
  process.env['TRACKER_TEST_MYSQL_TYPE'] === 'mariadb' ? 'mariadb' : 'mysql';
