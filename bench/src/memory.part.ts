import { type AppKind, type DatabaseOptions, type MemoryReading } from './app.types';
import { type BenchOptions } from './bench.options';
import { type BenchServer } from './bench.server';
import { ChildHandle } from './child.handle';
import { type Figure, figureOf } from './figures';
import { median } from './statistics';

type MeasuredKind = Extract<AppKind, 'host' | 'peers' | 'embedded'>;

const MEGABYTE = 1024 * 1024;

/** Memory of an idle host with the module less that of one without. */
export async function memoryPart(
  { starts }: BenchOptions,
  server: BenchServer,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const { options } = await server.createDatabase('memory');
  const readings: Record<MeasuredKind, MemoryReading[]> = { host: [], peers: [], embedded: [] };
  // The first start migrates; it is not counted.
  await readingOf('embedded', options);
  for (let start = 0; start < starts; start++) {
    readings.host.push(await readingOf('host', options));
    readings.peers.push(await readingOf('peers', options));
    readings.embedded.push(await readingOf('embedded', options));
  }
  const of = (kind: MeasuredKind, what: keyof MemoryReading): number =>
    median(readings[kind].map((reading) => reading[what])) / MEGABYTE;
  const added = (what: keyof MemoryReading, to: MeasuredKind = 'host'): number =>
    of('embedded', what) - of(to, what);
  say(
    `  Nest + TypeORM + event emitter: ${of('host', 'idle').toFixed(1)} MB; with the module: ` +
      `${of('embedded', 'idle').toFixed(1)} MB (medians of ${starts} starts)`,
  );
  say(
    `  a host that has Swagger, class-validator and class-transformer loaded anyway: ` +
      `${of('peers', 'idle').toFixed(1)} MB; the module adds ${added('idle', 'peers').toFixed(1)} MB to it`,
  );
  return [
    figureOf('memory', added('idle')),
    figureOf('memory-fresh', added('fresh')),
    figureOf('memory-live', added('live')),
  ];
}

async function readingOf(kind: MeasuredKind, database: DatabaseOptions): Promise<MemoryReading> {
  const app = ChildHandle.start('app.process', { execArgv: ['--expose-gc'] });
  try {
    await app.ask('start', { kind, adapter: 'fastify', database });
    return await app.ask<MemoryReading>('memory');
  } finally {
    await app.stop();
  }
}
