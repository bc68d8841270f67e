import { setTimeout as wait } from 'node:timers/promises';
import { type AdapterName, ADAPTERS, type AppKind } from './app.types';
import { type BenchEngine, type BenchOptions } from './bench.options';
import { type BenchServer } from './bench.server';
import { type ChildHandle } from './child.handle';
import { Contestant, type Measurement } from './contestant';
import { settleDeliveries } from './delivery.settling';
import { type Figure, figureOf } from './figures';
import { median } from './statistics';
import { textTable } from './text.table';

const CONCURRENCY = 64;
const WARM_UP_SECONDS = 5;
/** Before each measurement: V8 gives most of its young generation back while the others have their turn. */
const RUN_UP_SECONDS = 2;
/** A pause, so that one contestant's last writes do not burden the next. */
const PAUSE_MS = 400;

type Key = `${AppKind}/${AdapterName}@${number}`;
type Rounds = Map<Key, Measurement[]>;

/** Both adapters on PostgreSQL; what another database makes of it shows on one. */
const adaptersOf = (engine: BenchEngine): readonly AdapterName[] =>
  engine === 'postgres' ? ADAPTERS : ['fastify'];

const contestantsOf = (
  engine: BenchEngine,
): readonly { readonly kind: AppKind; readonly adapter: AdapterName }[] => [
  ...adaptersOf(engine).flatMap((adapter) =>
    (['bare', 'naive', 'ours'] as const).map((kind) => ({ kind, adapter })),
  ),
  { kind: 'handled', adapter: 'fastify' },
];

/** Throughput and latency of every contestant, round after round, so that noise meets all alike. */
export async function httpPart(
  options: BenchOptions,
  server: BenchServer,
  load: ChildHandle,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const { engine, seconds, rounds, clicks, profile } = options;
  const contestants: Contestant[] = [];
  const measured: Rounds = new Map();
  try {
    for (const { kind, adapter } of contestantsOf(engine)) {
      contestants.push(await Contestant.start({ kind, adapter, clicks, profile }, server, load));
    }
    for (const contestant of contestants) {
      await contestant.runFull(CONCURRENCY, WARM_UP_SECONDS);
      await settled(contestant);
    }
    for (let round = 1; round <= rounds; round++) {
      for (const contestant of contestants) {
        for (const concurrency of contestant.kind === 'handled' ? [CONCURRENCY] : [CONCURRENCY, 1]) {
          const key: Key = `${contestant.kind}/${contestant.adapter}@${concurrency}`;
          await contestant.runFull(concurrency, RUN_UP_SECONDS);
          const result = await contestant.runFull(concurrency, seconds);
          measured.set(key, [...(measured.get(key) ?? []), result]);
          await settled(contestant);
        }
      }
      say(`  round ${round} of ${rounds} done`);
    }
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
  }
  say(table(measured));
  return figures(measured, engine);
}

async function settled(contestant: Contestant): Promise<void> {
  if (contestant.kind === 'handled') await settleDeliveries(contestant.database);
  await wait(PAUSE_MS);
}

function table(measured: Rounds): string {
  const rows = [...measured].map(([key, results]) => {
    const middle = (value: (result: Measurement) => number): number => median(results.map(value));
    const [name = '', concurrency = ''] = key.split('@');
    return [
      name,
      concurrency,
      Math.round(middle((result) => result.requestsPerSecond)).toLocaleString('en'),
      middle((result) => result.p50).toFixed(1),
      middle((result) => result.p99).toFixed(1),
      middle((result) => result.cpuMicroseconds).toFixed(0),
    ];
  });
  return textTable(['contestant', 'at once', 'req/s', 'p50 ms', 'p99 ms', 'server µs/req'], rows);
}

function figures(measured: Rounds, engine: BenchEngine): readonly Figure[] {
  const ratio = (over: Key, under: Key, value: (result: Measurement) => number): number => {
    const below = measured.get(under) ?? [];
    // Round by round: what was measured side by side is compared.
    return median(
      (measured.get(over) ?? []).flatMap((result, round) => {
        const other = below[round];
        return other === undefined ? [] : [value(result) / value(other)];
      }),
    );
  };
  const rate = (result: Measurement): number => result.requestsPerSecond;
  const p99 = (result: Measurement): number => result.p99;
  const cpu = (result: Measurement): number => result.cpuMicroseconds;
  if (engine !== 'postgres') {
    return [
      figureOf(`${engine}-naive`, ratio('ours/fastify@64', 'naive/fastify@64', rate)),
      figureOf(`${engine}-cpu`, ratio('naive/fastify@64', 'ours/fastify@64', cpu)),
      figureOf(`${engine}-p99`, ratio('ours/fastify@64', 'naive/fastify@64', p99)),
      figureOf(`${engine}-single`, ratio('ours/fastify@1', 'naive/fastify@1', rate)),
      figureOf('handled-ours', ratio('handled/fastify@64', 'ours/fastify@64', rate)),
    ];
  }
  return [
    ...ADAPTERS.flatMap((adapter): Figure[] => [
      figureOf(`ours-naive-${adapter}`, ratio(`ours/${adapter}@64`, `naive/${adapter}@64`, rate)),
      figureOf(`ours-bare-${adapter}`, ratio(`ours/${adapter}@64`, `bare/${adapter}@64`, rate)),
      figureOf(`p99-${adapter}`, ratio(`ours/${adapter}@64`, `naive/${adapter}@64`, p99)),
      figureOf(`single-${adapter}`, ratio(`ours/${adapter}@1`, `naive/${adapter}@1`, rate)),
    ]),
    figureOf('handled-ours', ratio('handled/fastify@64', 'ours/fastify@64', rate)),
    figureOf('handled-naive', ratio('handled/fastify@64', 'naive/fastify@64', rate)),
  ];
}
