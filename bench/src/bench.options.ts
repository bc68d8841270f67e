import { parseArgs } from 'node:util';

/** The parts of the bench, in the order they run. */
export const PARTS = ['rules', 'memory', 'http', 'events'] as const;
export type Part = (typeof PARTS)[number];

/** What the contestants store in; `mysql` is MariaDB as well. */
export const BENCH_ENGINES = ['postgres', 'mysql', 'sqlite'] as const;
export type BenchEngine = (typeof BENCH_ENGINES)[number];

export interface BenchOptions {
  readonly engine: BenchEngine;
  readonly parts: ReadonlySet<Part>;
  /** Length of one measurement. */
  readonly seconds: number;
  readonly rounds: number;
  /** Clicks registered before the first postback. */
  readonly clicks: number;
  /** Starts of each application whose idle memory is measured. */
  readonly starts: number;
  /** File for the results. */
  readonly json: string | undefined;
  /** Folder for CPU profiles of the application servers. */
  readonly profile: string | undefined;
  readonly databaseUrl: string | undefined;
}

export const USAGE = `npm run bench -- [${PARTS.join('] [')}] [options]   (without parts: all of them)
  --engine E    postgres, mysql (or MariaDB) or sqlite (postgres)
  --seconds N   length of one measurement (3)
  --rounds N    rounds over all contestants; the figures are medians (3)
  --clicks N    clicks registered beforehand (100000)
  --starts N    starts per application for idle memory (5)
  --json FILE   also write the results there
  --profile DIR write CPU profiles of the application servers there (their figures are then lower)
BENCH_DATABASE_URL: a server to use instead of an embedded PostgreSQL or of MySQL on this machine; its user must be allowed
to create databases`;

/** @throws TypeError for an unknown option or a number out of range; its message is for the user */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'postgres' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      clicks: { type: 'string', default: '100000' },
      starts: { type: 'string', default: '5' },
      json: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const parts = positionals.map(partOf);
  return {
    engine: engineOf(values.engine),
    parts: new Set(parts.length === 0 ? PARTS : parts),
    seconds: numberOf('seconds', values.seconds, 1, 600),
    rounds: numberOf('rounds', values.rounds, 1, 100),
    clicks: numberOf('clicks', values.clicks, 1_000, 10_000_000),
    starts: numberOf('starts', values.starts, 1, 50),
    json: values.json,
    profile: values.profile,
    databaseUrl: env['BENCH_DATABASE_URL'],
  };
}

function engineOf(text: string): BenchEngine {
  const engine = BENCH_ENGINES.find((known) => known === text);
  if (engine === undefined)
    throw new TypeError(`There is no engine "${text}"; the engines are ${BENCH_ENGINES.join(', ')}.`);
  return engine;
}

function partOf(text: string): Part {
  const part = PARTS.find((known) => known === text);
  if (part === undefined)
    throw new TypeError(`There is no part "${text}"; the parts are ${PARTS.join(', ')}.`);
  return part;
}

function numberOf(name: string, text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new TypeError(`--${name} is a whole number from ${lowest} to ${highest}, not "${text}".`);
}
