import { type BenchOptions } from './bench.options';
import { type BenchServer } from './bench.server';
import { type ChildHandle } from './child.handle';
import { Contestant } from './contestant';
import { settleDeliveries } from './delivery.settling';
import { type Figure, figureOf } from './figures';
import { median, percentile } from './statistics';

const RATE = 500;
const FULL_SECONDS = 2;

/** How long after its commit an event is with its handler, and how many events a second handlers get at most. */
export async function eventsPart(
  { seconds, rounds, clicks, profile }: BenchOptions,
  server: BenchServer,
  load: ChildHandle,
  say: (line: string) => void,
): Promise<readonly Figure[]> {
  const contestant = await Contestant.start(
    { kind: 'handled', adapter: 'fastify', clicks, profile },
    server,
    load,
  );
  try {
    await contestant.runPaced(RATE, 2);
    await settleDeliveries(contestant.database);
    await contestant.ask('latencies');
    const p99: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const result = await contestant.runPaced(RATE, seconds);
      const { left } = await settleDeliveries(contestant.database);
      const taken = await contestant.ask<readonly number[]>('latencies');
      p99.push(percentile(taken, 0.99));
      say(
        `  ${RATE}/s: reply p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms; commit to handler ` +
          `p50 ${median(taken).toFixed(1)} ms, p99 ${percentile(taken, 0.99).toFixed(1)} ms ` +
          `(${taken.length} events${left > 0 ? `, ${left} never came` : ''})`,
      );
    }
    await drainSpeed(contestant, say);
    return [figureOf('event-latency', median(p99))];
  } finally {
    await contestant.stop();
  }
}

async function drainSpeed(contestant: Contestant, say: (line: string) => void): Promise<void> {
  const begin = performance.now();
  const result = await contestant.runFull(64, FULL_SECONDS);
  const during = (await contestant.ask<readonly number[]>('latencies')).length;
  const { left } = await settleDeliveries(contestant.database);
  const after = (await contestant.ask<readonly number[]>('latencies')).length;
  const seconds = (performance.now() - begin) / 1000;
  say(
    `  at full speed: ${Math.round(result.requestsPerSecond)} postbacks/s, ${Math.round(during / FULL_SECONDS)} events/s ` +
      `handled meanwhile; ${during + after} events handled in ${seconds.toFixed(1)} s` +
      (left > 0 ? `, ${left} still waiting then` : ''),
  );
}
