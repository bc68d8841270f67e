import { ENGINES } from '../engines/proof.database';
import { type Fault } from '../oracle/facts';
import { judgedFigures } from './judged.figures';
import { type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { Scene } from './scene';

/** The host rolls its own transactions back while postbacks arrive in the same process, on the same database. */
export const hostRollbackProof: Proof = {
  name: 'host-rollback',
  title: 'host transactions rolled back while postbacks arrive',
  engines: ENGINES,
  unit: 'seconds',
  defaultRuns: 30,
  run,
};

async function run({ engine, adapter, runs: seconds, seed }: ProofPlan): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  try {
    const app = await scene.startApp({ adapter });
    const target = await scene.prepare(app, 50);
    await scene.beginLoad({
      ...target,
      origins: [app.origin],
      seed,
      connections: 16,
      rate: null,
      requests: null,
    });
    const rolledBack = await app.child.ask<number>('hostTransactions', seconds * 1000);
    await scene.finishLoad('stop');
    await scene.registerForeign(app);
    await scene.settle();
    const judgement = await scene.judge();
    const [left] = await scene.database.rows('SELECT count(*) AS n FROM host_rows');
    const faults: Fault[] = [...judgement.faults];
    if (rolledBack === 0) faults.push({ kind: 'wrong', text: 'no transaction was rolled back' });
    if (Number(left?.['n']) > 0)
      faults.push({ kind: 'wrong', text: 'a row of the host that was rolled back stands' });
    return { figures: { 'transactions rolled back': rolledBack, ...judgedFigures(judgement) }, faults };
  } finally {
    await scene.close();
  }
}
