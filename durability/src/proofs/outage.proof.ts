import { ENGINES } from '../engines/proof.database';
import { TcpProxy } from '../network/tcp.proxy';
import { databaseSwitch } from './database.switch';
import { judgedFigures } from './judged.figures';
import { outageFindings, sendThrough } from './outage';
import { type Figures, type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { Scene } from './scene';

const CLICKS = 200;
const RATE = 200;

/** The database is away, the journal is on: nothing that was sent may be lost, answered or not. */
export const databaseStoppedProof: Proof = {
  name: 'database-stopped',
  title: `the database is stopped under ${RATE} requests a second, journal on`,
  engines: ENGINES,
  unit: 'seconds',
  defaultRuns: 30,
  run: stopped,
};

/** Packets to the database vanish, without and with a journal. */
export const blackHoleProof: Proof = {
  name: 'black-hole',
  title: 'the network to the database swallows everything',
  engines: ['postgres', 'mysql'],
  unit: 'seconds',
  defaultRuns: 30,
  run: blackHole,
};

async function stopped(plan: ProofPlan): Promise<ProofResult> {
  const { engine, adapter, runs: seconds, seed } = plan;
  const scene = await Scene.open({ engine, own: true });
  const power = await databaseSwitch(scene.database, scene.server.power);
  try {
    const app = await scene.startApp({ adapter, database: power.address, journal: scene.journal });
    const target = await scene.prepare(app, CLICKS);
    const times = await sendThrough(scene, app, target, {
      seconds,
      rate: RATE,
      seed,
      begin: () => power.off(),
      end: () => power.on(),
    });
    await scene.registerForeign(app);
    await scene.settle();
    const judgement = await scene.judge({ everySent: true });
    const found = outageFindings(judgement.evidence.testimony.answers, times, {
      journal: true,
      grace: plan.grace,
    });
    return {
      figures: { ...found.figures, ...judgedFigures(judgement) },
      faults: [...found.faults, ...judgement.faults],
    };
  } finally {
    await scene.close();
    await power.close();
  }
}

async function blackHole(plan: ProofPlan): Promise<ProofResult> {
  const figures: Record<string, Figures[string]> = {};
  const faults: ProofResult['faults'][number][] = [];
  for (const journal of [false, true]) {
    const name = journal ? 'with journal' : 'without';
    plan.say(name);
    const found = await throughBlackHole(plan, journal);
    for (const [figure, value] of Object.entries(found.figures)) figures[`${name}: ${figure}`] = value;
    faults.push(...found.faults);
  }
  return { figures, faults };
}

async function throughBlackHole(plan: ProofPlan, journal: boolean): Promise<ProofResult> {
  const { engine, adapter, runs: seconds, seed } = plan;
  const scene = await Scene.open({ engine });
  const proxy = await TcpProxy.start(scene.database.address);
  try {
    const app = await scene.startApp({
      adapter,
      database: proxy.address,
      journal: journal ? scene.journal : null,
    });
    const target = await scene.prepare(app, CLICKS);
    const times = await sendThrough(scene, app, target, {
      seconds,
      rate: RATE,
      seed,
      begin: () => {
        proxy.silence();
      },
      end: () => {
        proxy.restore();
      },
    });
    await scene.registerForeign(app);
    await scene.settle();
    const judgement = await scene.judge({ everySent: journal });
    const found = outageFindings(judgement.evidence.testimony.answers, times, { journal, grace: plan.grace });
    return {
      figures: { ...found.figures, ...judgedFigures(judgement) },
      faults: [...found.faults, ...judgement.faults],
    };
  } finally {
    await scene.close();
    await proxy.stop();
  }
}
