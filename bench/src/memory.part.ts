import { type AppKind } from './app.types';
import { type BenchOptions } from './bench.options';
import { type BenchServer } from './bench.database';
import { ChildHandle } from './child.handle';
import { type Figure, figureOf } from './figures';
import { median } from './statistics';

type MeasuredKind = Extract<AppKind, 'host' | 'peers' | 'embedded'>;

const MEGABYTE = 1024 * 1024;

/** Resident memory, idle and after garbage collection, of a host with the module less that of one without. */
export async function memoryPart(
  { starts }: BenchOptions,
  server: BenchServer,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const { url } = await server.createDatabase('memory');
  const sizes: Record<MeasuredKind, number[]> = { host: [], peers: [], embedded: [] };
  // The first start migrates; it is not counted.
  await idleMemory('embedded', url);
  for (let start = 0; start < starts; start++) {
    sizes.host.push(await idleMemory('host', url));
    sizes.peers.push(await idleMemory('peers', url));
    sizes.embedded.push(await idleMemory('embedded', url));
  }
  const added = median(sizes.embedded) - median(sizes.host);
  say(
    `  Nest + TypeORM + event emitter: ${median(sizes.host).toFixed(1)} MB; with the module: ` +
      `${median(sizes.embedded).toFixed(1)} MB (medians of ${starts} starts)`,
  );
  say(
    `  a host that has Swagger, class-validator and class-transformer loaded anyway: ` +
      `${median(sizes.peers).toFixed(1)} MB; the module adds ${(median(sizes.embedded) - median(sizes.peers)).toFixed(1)} MB to it`,
  );
  return [figureOf('memory', added)];
}

/** Megabytes. */
async function idleMemory(kind: MeasuredKind, databaseUrl: string): Promise<number> {
  const app = ChildHandle.start('app.process', { execArgv: ['--expose-gc'] });
  try {
    await app.ask('start', { kind, adapter: 'fastify', databaseUrl });
    return (await app.ask<number>('memory')) / MEGABYTE;
  } finally {
    await app.stop();
  }
}
