import { setTimeout as wait } from 'node:timers/promises';
import { type Target } from '../app/app.types';
import { ENGINES } from '../engines/proof.database';
import { Random } from '../load/random';
import { judgedFigures } from './judged.figures';
import { type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { type RunningApp, Scene } from './scene';

const CLICKS = 40;
/** One kill in ten comes while the application is starting. */
const WHILE_STARTING = 0.1;

/** kill -9 at a random moment under load, start again, and in the end let everything settle. */
export const killProof: Proof = {
  name: 'kill',
  title: 'kill -9 at random moments under load',
  engines: ENGINES,
  unit: 'kills',
  defaultRuns: 200,
  run,
};

async function run({ engine, adapter, runs, seed, say }: ProofPlan): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  const random = new Random(seed);
  try {
    const journal = scene.journal;
    let app = await scene.startApp({ adapter, journal });
    const target = await scene.prepare(app, CLICKS);
    let starting = 0;
    for (let kill = 1; kill <= runs; kill++) {
      if (kill % 10 === 0) {
        say(`kill ${kill} of ${runs}`);
        await scene.registerForeign(app);
      }
      await loadUntilKilled(scene, app, target, random, seed);
      if (random.next() < WHILE_STARTING) {
        starting += 1;
        await killWhileStarting(scene, random);
      }
      app = await scene.startApp({ adapter, journal });
    }
    await scene.registerForeign(app);
    await scene.settle();
    const judgement = await scene.judge();
    return {
      figures: { kills: runs + starting, 'of them while starting': starting, ...judgedFigures(judgement) },
      faults: judgement.faults,
    };
  } finally {
    await scene.close();
  }
}

async function loadUntilKilled(
  scene: Scene,
  app: RunningApp,
  { integrationId, clickIds }: Target,
  random: Random,
  seed: number,
): Promise<void> {
  await scene.beginLoad({
    origins: [app.origin],
    integrationId,
    clickIds,
    seed,
    connections: 16,
    rate: null,
    requests: null,
  });
  await wait(50 + random.below(700));
  await app.child.kill();
  await scene.finishLoad('stop');
}

async function killWhileStarting(scene: Scene, random: Random): Promise<void> {
  const child = scene.fork();
  const started = child.ask('start', scene.appOrder({ journal: scene.journal })).catch(() => undefined);
  await wait(300 + random.below(1_200));
  await child.kill();
  await started;
}
