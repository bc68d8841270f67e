import { parseArgs } from 'node:util';
import { type AdapterName, ADAPTERS } from './app/app.types';
import { type Engine, ENGINES } from './engines/proof.database';
import { PROOFS } from './proofs/proof.list';
import { type Proof } from './proofs/proof.types';

export interface ReliabilityOptions {
  readonly proof: Proof;
  readonly engine: Engine;
  readonly adapter: AdapterName;
  readonly runs: number;
  readonly seed: number;
}

export const USAGE = `npm run reliability -- <proof> [--engine postgres|mysql|sqlite] [--runs N] [--adapter fastify|express] [--seed N]

${PROOFS.map(({ name, title, unit, defaultRuns, engines }) => `  ${name.padEnd(14)} ${title} (${defaultRuns} ${unit}; ${engines.join(', ')})`).join('\n')}

PostgreSQL is started by the proof unless TEST_DATABASE_URL names one; MySQL or MariaDB is the one of TEST_MYSQL_URL or
that at 127.0.0.1:3306.`;

/** @throws Error that says what cannot be understood */
export function readOptions(args: readonly string[]): ReliabilityOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'postgres' },
      runs: { type: 'string' },
      adapter: { type: 'string', default: 'fastify' },
      seed: { type: 'string' },
    },
  });
  const [name, ...more] = positionals;
  const proof = PROOFS.find((candidate) => candidate.name === name);
  if (proof === undefined || more.length > 0)
    throw new Error(`Name one proof; "${positionals.join(' ')}" is none.`);
  const engine = ENGINES.find((candidate) => candidate === values.engine);
  if (engine === undefined || !proof.engines.includes(engine)) {
    throw new Error(`${proof.name} runs on ${proof.engines.join(', ')}, not on "${values.engine}".`);
  }
  const adapter = ADAPTERS.find((candidate) => candidate === values.adapter);
  if (adapter === undefined) throw new Error(`There is no adapter "${values.adapter}".`);
  return {
    proof,
    engine,
    adapter,
    runs: positive('runs', values.runs) ?? proof.defaultRuns,
    seed: positive('seed', values.seed) ?? Date.now() % 1_000_000,
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} has to be a whole number above 0, not "${text}".`);
}
