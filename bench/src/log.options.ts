import { parseArgs } from 'node:util';

export interface LogBenchOptions {
  readonly rows: number;
  readonly databaseUrl: string | undefined;
}

export const LOG_USAGE = `npm run bench:log -- [--rows N]
  --rows N   postbacks in the log (1000000)
BENCH_DATABASE_URL: a PostgreSQL server to use instead of an embedded one; its role must be allowed to create databases`;

/** @throws TypeError for an unknown option or a number out of range; its message is for the user */
export function readLogOptions(args: readonly string[], env: NodeJS.ProcessEnv): LogBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { rows: { type: 'string', default: '1000000' } },
  });
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1_000 || rows > 20_000_000) {
    throw new TypeError(`--rows is a whole number from 1000 to 20000000, not "${values.rows}".`);
  }
  return { rows, databaseUrl: env['BENCH_DATABASE_URL'] };
}
