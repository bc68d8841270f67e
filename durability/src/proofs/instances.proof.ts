import { ENGINES } from '../engines/proof.database';
import { type TrafficMix } from '../load/load.types';
import { type Evidence, type Fault } from '../oracle/facts';
import { judgedFigures } from './judged.figures';
import { type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { Scene } from './scene';

const PROCESSES = 4;
const LEAST_SHARE = 0.05;
/** Of the requests that go out, 30 % repeat an earlier one and 20 % repeat one that is under way elsewhere. */
const MIX: TrafficMix = {
  duplicates: 0.375,
  twins: 0.5,
  onceAClick: 0.05,
  reversals: 0.02,
  unknown: 0.02,
  rejected: 0.02,
};

/** Several processes on one database, and senders that repeat themselves to another process at the same time. */
export const instancesProof: Proof = {
  name: 'instances',
  title: `${PROCESSES} processes, duplicates and concurrent duplicates`,
  engines: ENGINES,
  unit: 'postbacks',
  defaultRuns: 50_000,
  run,
};

async function run({ engine, adapter, runs, seed }: ProofPlan): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  try {
    const apps = await Promise.all(Array.from({ length: PROCESSES }, () => scene.startApp({ adapter })));
    const [first] = apps;
    if (first === undefined) throw new Error('No process was started.');
    const target = await scene.prepare(first, Math.ceil(runs / 25));
    await scene.beginLoad({
      ...target,
      origins: apps.map(({ origin }) => origin),
      seed,
      connections: 64,
      rate: null,
      requests: runs,
      mix: MIX,
    });
    await scene.finishLoad('end');
    await scene.registerForeign(first);
    await scene.settle();
    const judgement = await scene.judge({ exactlyOnce: true, everySent: true });
    const shares = sharesOf(judgement.evidence);
    const { testimony, facts } = judgement.evidence;
    const duplicates = testimony.answers.filter(({ status }) => status === 'duplicate').length;
    const secondLeases = facts.deliveries.filter(({ attempts }) => attempts !== 1).length;
    const faults: readonly Fault[] = [
      ...judgement.faults,
      ...(secondLeases > 0
        ? [{ kind: 'doubled', text: `${secondLeases} deliveries were leased more than once` } as const]
        : []),
      ...(shares.size < PROCESSES || [...shares.values()].some((share) => share < LEAST_SHARE)
        ? [{ kind: 'wrong', text: `the shares of the processes are ${shown(shares)}` } as const]
        : []),
    ];
    return {
      figures: {
        'answered duplicate': duplicates,
        'deliveries leased twice': secondLeases,
        'shares of the deliveries': shown(shares),
        ...judgedFigures(judgement),
      },
      faults,
    };
  } finally {
    await scene.close();
  }
}

function sharesOf({ receipts }: Evidence): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let all = 0;
  for (const { kind, process } of receipts) {
    if (kind !== 'end') continue;
    counts.set(process, (counts.get(process) ?? 0) + 1);
    all += 1;
  }
  return new Map([...counts].map(([name, count]) => [name, count / all]));
}

function shown(shares: ReadonlyMap<string, number>): string {
  return [...shares.values()].map((share) => `${Math.round(share * 100)} %`).join(', ');
}
