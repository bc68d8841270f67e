import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { startServer } from './bench.server';
import { type BenchOptions, type Part, readOptions, USAGE } from './bench.options';
import { ChildHandle } from './child.handle';
import { eventsPart } from './events.part';
import { type Figure, isMissed } from './figures';
import { httpPart } from './http.part';
import { memoryPart } from './memory.part';
import { figureTable } from './report';
import { rulesPart } from './rules.part';

const say = (line: string): void => {
  console.log(line);
};

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  const { parts, engine, databaseUrl } = options;
  const figures: Figure[] = [];
  say(`Node ${process.versions.node}, ${availableParallelism()} processors`);
  if (parts.has('rules')) {
    say('rules');
    figures.push(...rulesPart());
  }
  if (parts.size === 1 && parts.has('rules')) return figures;

  const server = await startServer(engine, databaseUrl);
  const load = ChildHandle.start('load.process');
  const stop = stopOnce(async () => {
    await load.stop();
    await server.stop();
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say(`${signal}: stopping`);
      void stop().finally(() => process.exit(130));
    });
  }
  const part = async (name: Part, work: () => Promise<readonly Figure[]>): Promise<void> => {
    if (!parts.has(name)) return;
    say(name);
    figures.push(...(await work()));
  };
  try {
    say(server.description);
    await part('memory', () => memoryPart(options, server, say));
    await part('http', () => httpPart(options, server, load, say));
    await part('events', () => eventsPart(options, server, load, say));
  } finally {
    await stop();
  }
  return figures;
}

function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  return () => (stopping ??= stop());
}

async function main(): Promise<void> {
  let options: BenchOptions;
  try {
    options = readOptions(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  const figures = await run(options);
  say(`\n${figureTable(figures)}`);
  say('\nRatios of one run on one machine; the absolute figures swing twofold from run to run.');
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify(Object.fromEntries(figures.map(({ name, value }) => [name, value])), null, 2)}\n`,
    );
  }
  if (figures.some(isMissed)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
