import { ENGINES } from '../engines/proof.database';
import { type Evidence, type Fault } from '../oracle/facts';
import { judgedFigures } from './judged.figures';
import { type Figures, type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { until } from './polling';
import { type RunningApp, Scene } from './scene';

const GOOD: readonly string[] = ['everything', 'deposits'];
const FAULTY: readonly string[] = ['throws', 'throws-at-once', 'hangs', 'rejects-late', 'never', 'exits'];
/** How long a good handler may have to wait for an event while others misbehave. */
const NOT_HELD_UP_MS = 5_000;
/** So many processes in a row are ended by their own handler. */
const EXITS = 3;
const EVENTS = { handlerTimeoutMs: 1_000, maxAttempts: 4, retryDelayMs: 100, pollIntervalMs: 200 };

/** Handlers that throw, hang, reject late and end the process, beside good ones. */
export const handlersProof: Proof = {
  name: 'handlers',
  title: 'handlers that throw, hang, reject late and end the process',
  engines: ENGINES,
  unit: 'postbacks',
  defaultRuns: 2_000,
  run,
};

async function run(plan: ProofPlan): Promise<ProofResult> {
  plan.say('nothing crashes: the good ones run exactly once');
  const calm = await part(plan, 'faulty');
  plan.say('a handler ends the process');
  const exiting = await part(plan, 'exiting');
  const named = (name: string, figures: Figures): Figures =>
    Object.fromEntries(Object.entries(figures).map(([figure, value]) => [`${name}: ${figure}`, value]));
  return {
    figures: { ...named('alive', calm.figures), ...named('exiting', exiting.figures) },
    faults: [...calm.faults, ...exiting.faults],
  };
}

async function part(
  { engine, adapter, runs, seed, grace }: ProofPlan,
  handlers: 'faulty' | 'exiting',
): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  try {
    let app = await scene.startApp({ adapter, handlers, events: EVENTS });
    const target = await scene.prepare(app, 100);
    await scene.beginLoad({
      ...target,
      origins: [app.origin],
      seed,
      connections: 8,
      rate: 100,
      requests: handlers === 'exiting' ? null : runs,
    });
    let exits = 0;
    if (handlers === 'exiting') ({ app, exits } = await throughExits(scene, app, adapter));
    await scene.finishLoad(handlers === 'exiting' ? 'stop' : 'end');
    await scene.registerForeign(app);
    await scene.settle();
    const judgement = await scene.judge({
      exactlyOnce: handlers === 'faulty',
      // An event that ends its process again and again is parked for it.
      mayPark: ['never', 'exits'],
      faulty: FAULTY,
    });
    const slowest = slowestReceipt(judgement.evidence);
    const faults: Fault[] = [...judgement.faults];
    if (handlers === 'faulty' && slowest > NOT_HELD_UP_MS + grace) {
      faults.push({ kind: 'misordered', text: `a good handler got an event ${slowest} ms after its commit` });
    }
    return {
      figures: {
        'processes ended by a handler': exits,
        'slowest from commit to a good handler, ms': slowest,
        'unhandled rejections': scene.processFaults.length,
        ...judgedFigures(judgement),
      },
      faults,
    };
  } finally {
    await scene.close();
  }
}

/** Starts the process again whenever its own handler has ended it; the last one has no such handler. */
async function throughExits(
  scene: Scene,
  first: RunningApp,
  adapter: ProofPlan['adapter'],
): Promise<{ readonly app: RunningApp; readonly exits: number }> {
  const order = { adapter, events: EVENTS, port: Number(new URL(first.origin).port) };
  let app = first;
  let exits = 0;
  for (;;) {
    const { child } = app;
    await until('a handler ends the process', () => Promise.resolve(child.hasEnded));
    exits += 1;
    if (exits >= EXITS) return { app: await scene.startApp({ ...order, handlers: 'faulty' }), exits };
    try {
      app = await scene.startApp({ ...order, handlers: 'exiting' });
    } catch {
      // What the one before left is handled while this one starts, and has ended it already.
      return { app: await scene.startApp({ ...order, handlers: 'faulty' }), exits: exits + 1 };
    }
  }
}

/** Milliseconds from an event's recording to the first time that a good handler was called for it. */
function slowestReceipt({ facts, receipts }: Evidence): number {
  const recorded = new Map(facts.events.map(({ id, createdAt }) => [id, createdAt]));
  let slowest = 0;
  for (const { kind, handler, attempt, eventId, time } of receipts) {
    if (kind !== 'begin' || attempt !== 1 || !GOOD.includes(handler)) continue;
    slowest = Math.max(slowest, time - (recorded.get(eventId) ?? time));
  }
  return slowest;
}
