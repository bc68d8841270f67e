import { ADAPTERS, type AdapterName } from '../app/app.types';
import { ENGINES } from '../engines/proof.database';
import { type BadOrder, type BadReport } from '../load/bad.run';
import { type Fault } from '../oracle/facts';
import { ChildHandle } from '../processes/child.handle';
import { type Figures, type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { Scene } from './scene';

/** So many requests for one click: its whole history is read with each of them, and is not what is tried here. */
const REQUESTS_A_CLICK = 200;

/** Generated bad requests over real sockets, half of them on each adapter. */
export const badRequestsProof: Proof = {
  name: 'bad-requests',
  title: 'generated bad requests on both adapters',
  engines: ENGINES,
  unit: 'requests',
  defaultRuns: 1_000_000,
  run,
};

async function run(plan: ProofPlan): Promise<ProofResult> {
  const figures: Record<string, Figures[string]> = {};
  const faults: Fault[] = [];
  for (const adapter of ADAPTERS) {
    plan.say(adapter);
    const found = await on(adapter, plan);
    for (const [name, value] of Object.entries(found.figures)) figures[`${adapter}: ${name}`] = value;
    faults.push(...found.faults);
  }
  return { figures, faults };
}

async function on(adapter: AdapterName, { engine, runs, seed }: ProofPlan): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  const attacker = ChildHandle.start('load/load.process');
  try {
    const app = await scene.startApp({ adapter });
    const requests = Math.ceil(runs / ADAPTERS.length);
    const target = await scene.prepare(app, Math.ceil(requests / REQUESTS_A_CLICK));
    const order: BadOrder = { ...target, origin: app.origin, seed, requests };
    const report = await attacker.ask<BadReport>('bad', order);
    await scene.settle();
    const stored = new Set(
      (await scene.database.rows('SELECT id FROM tracker_postbacks')).map(({ id }) => String(id)),
    );
    const lost = report.postbackIds.filter((id) => !stored.has(id));
    const [failed] = await scene.database.rows(
      `SELECT count(*) AS n FROM tracker_postbacks WHERE code = 'judging_failed' OR attempts > 0`,
    );
    const answers = Object.entries(report.answers);
    const faults: Fault[] = report.faults.map((text) => ({ kind: 'wrong', text }));
    if (lost.length > 0)
      faults.push({ kind: 'lost', text: `${lost.length} postbacks answered 200 have no row` });
    if (Number(failed?.['n']) > 0) {
      faults.push({ kind: 'wrong', text: `judging failed for ${String(failed?.['n'])} of them` });
    }
    // One that found a fault in itself has ended already.
    if (!app.child.hasEnded) await app.child.ask('close').catch(() => undefined);
    await app.child.stop();
    return {
      figures: {
        requests: report.requests,
        answers: answers.map(([status, count]) => `${status} ${count}`).join(', '),
        '5xx': answers.reduce((sum, [status, count]) => sum + (/^5(?!01)/.test(status) ? count : 0), 0),
        'not as documented': report.faultCount,
        'answered 200 and not stored': lost.length,
        'rows stored': stored.size,
        'prototype changes, unhandled rejections': scene.processFaults.length,
      },
      faults: [...faults, ...scene.processFaults],
    };
  } finally {
    await attacker.stop();
    await scene.close();
  }
}
