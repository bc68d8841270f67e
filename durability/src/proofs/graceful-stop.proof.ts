import { setTimeout as wait } from 'node:timers/promises';
import { ENGINES } from '../engines/proof.database';
import { Random } from '../load/random';
import { type AnswerRecord } from '../load/load.types';
import { type Fault } from '../oracle/facts';
import { judgedFigures } from './judged.figures';
import { type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { Scene } from './scene';

const CLICKS = 40;
/** After the server is closed the senders go on for a moment: they cannot know. */
const AFTERWARDS_MS = 150;

/** `app.close()` under load: whoever's request was accepted gets his reply, and what was answered is kept. */
export const gracefulStopProof: Proof = {
  name: 'graceful-stop',
  title: 'graceful stops under load',
  engines: ENGINES,
  unit: 'stops',
  defaultRuns: 100,
  run,
};

async function run({ engine, adapter, runs, seed, say }: ProofPlan): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  const random = new Random(seed);
  const seen = new Set<number>();
  let slowest = 0;
  try {
    let app = await scene.startApp({ adapter, journal: scene.journal });
    const target = await scene.prepare(app, CLICKS);
    for (let stop = 1; stop <= runs; stop++) {
      if (stop % 10 === 0) say(`stop ${stop} of ${runs}`);
      await scene.beginLoad({
        ...target,
        origins: [app.origin],
        seed,
        connections: 16,
        rate: null,
        requests: null,
      });
      await wait(100 + random.below(500));
      const began = performance.now();
      await app.child.ask('close');
      slowest = Math.max(slowest, performance.now() - began);
      await wait(AFTERWARDS_MS);
      await scene.finishLoad('stop');
      for (const n of await app.child.ask<readonly number[]>('seen')) seen.add(n);
      await app.child.stop();
      app = await scene.startApp({ adapter, journal: scene.journal });
    }
    await scene.registerForeign(app);
    await scene.settle();
    const judgement = await scene.judge();
    const { answers } = judgement.evidence.testimony;
    const without = answers.filter(({ http }) => http === null);
    const accepted = without.filter(({ n }) => seen.has(n));
    const refused = answers.filter(({ http }) => (http ?? 0) >= 500);
    const faults: Fault[] = [...judgement.faults];
    if (accepted.length > 0) {
      faults.push({
        kind: 'lost',
        text: `${accepted.length} accepted requests got no reply: ${errorsOf(accepted)}`,
      });
    }
    if (refused.length > 0) {
      faults.push({
        kind: 'lost',
        text: `${refused.length} requests were answered ${String(refused[0]?.http)}`,
      });
    }
    return {
      figures: {
        stops: runs,
        'slowest stop, ms': Math.round(slowest),
        'resets of accepted requests': accepted.length,
        'answered 5xx': refused.length,
        'never read by the application': `${without.length - accepted.length} (${errorsOf(without)})`,
        ...judgedFigures(judgement),
      },
      faults,
    };
  } finally {
    await scene.close();
  }
}

function errorsOf(answers: readonly AnswerRecord[]): string {
  const counts = new Map<string, number>();
  for (const { error } of answers) counts.set(error ?? '?', (counts.get(error ?? '?') ?? 0) + 1);
  return [...counts].map(([error, count]) => `${error} ${count}`).join(', ');
}
