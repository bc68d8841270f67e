import { NotRunHereError } from './proofs/proof.types';
import { closeScenes } from './proofs/scene';
import { textTable } from './proofs/text.table';
import { readOptions, type ReliabilityOptions, USAGE } from './reliability.options';

const SHOWN = 20;

const say = (line: string): void => {
  console.log(line);
};

async function prove({ proof, engine, adapter, runs, seed }: ReliabilityOptions): Promise<void> {
  say(
    `${proof.title}: ${engine}, ${adapter}, ${runs} ${proof.unit}, seed ${seed}, Node ${process.versions.node}`,
  );
  const began = performance.now();
  const { figures, faults } = await proof.run({ engine, adapter, runs, seed, grace: 0, say });
  const seconds = Math.round((performance.now() - began) / 1000);
  const rows = [...Object.entries(figures), ['took', `${seconds} s`] as const];
  say(`\n${textTable(rows.map(([name, value]) => [name, String(value)]))}`);
  if (faults.length === 0) {
    say('\nThe promise held.');
    return;
  }
  say(`\n${faults.length} FAULTS`);
  for (const { kind, text } of faults.slice(0, SHOWN)) say(`${kind}: ${text}`);
  process.exitCode = 1;
}

function main(): Promise<void> {
  let options: ReliabilityOptions;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return Promise.resolve();
  }
  return prove(options);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    say(`${signal}: taking everything away`);
    void closeScenes().finally(() => process.exit(130));
  });
}

main().catch((error: unknown) => {
  if (error instanceof NotRunHereError) console.error(`NOT RUN: ${error.message}`);
  else console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
