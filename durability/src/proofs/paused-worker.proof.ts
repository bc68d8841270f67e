import { ENGINES } from '../engines/proof.database';
import { HttpSender } from '../load/http.sender';
import { targetOf } from '../load/traffic';
import { type Fault } from '../oracle/facts';
import { readReceipts } from '../oracle/facts.reader';
import { until } from './polling';
import { type Figures, type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { type RunningApp, Scene } from './scene';

const CLICKS = 8;

/** A process is stopped in the middle of its work for longer than its leases, and then goes on as if nothing was. */
export const pausedWorkerProof: Proof = {
  name: 'paused-worker',
  title: 'a worker stopped past its lease and resumed: its writes are refused',
  engines: ENGINES,
  unit: 'rounds',
  defaultRuns: 10,
  run,
};

async function run({ engine, adapter, runs, say }: ProofPlan): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  const sender = new HttpSender(CLICKS);
  const faults: Fault[] = [];
  const counts = { taken: 0, late: 0, conversions: 0 };
  try {
    for (let round = 0; round < runs; round++) {
      say(`round ${round + 1} of ${runs}`);
      // In turns: the other worker is still at it, or has long finished, when the stopped one goes on.
      const found = await pausedRound(scene, sender, adapter, round % 2 === 0);
      counts.taken += found.taken;
      counts.late += found.late;
      faults.push(...found.faults);
      const judged = await pausedJudge(scene, sender, adapter);
      counts.conversions += judged.conversions;
      faults.push(...judged.faults);
    }
    const figures: Figures = {
      rounds: runs,
      'deliveries taken over': counts.taken,
      'late results, all refused': counts.late,
      'conversions judged by two processes, counted once': counts.conversions,
    };
    return { figures, faults: [...faults, ...scene.processFaults] };
  } finally {
    sender.close();
    await scene.close();
  }
}

type Adapter = ProofPlan['adapter'];

async function pausedRound(
  scene: Scene,
  sender: HttpSender,
  adapter: Adapter,
  otherIsDone: boolean,
): Promise<{ taken: number; late: number; faults: readonly Fault[] }> {
  const stopped = await scene.startApp({ adapter, handlers: 'failing' });
  const target = await scene.prepare(stopped, CLICKS);
  await sendToEach(sender, stopped, target);
  const events = new Set(
    (
      await scene.database.rows(
        `SELECT id FROM tracker_events e WHERE click_seq IN
           (SELECT seq FROM tracker_clicks WHERE click_id LIKE '${target.clickIds[0]?.slice(0, 8) ?? ''}%')`,
      )
    ).map(({ id }) => String(id)),
  );
  const begunBy = (name: number): number =>
    readReceipts(scene.records).filter(
      (receipt) => receipt.kind === 'begin' && receipt.pid === name && events.has(receipt.eventId),
    ).length;
  await until('every event is begun', () => Promise.resolve(begunBy(stopped.child.pid) === CLICKS));
  stopped.child.signal('SIGSTOP');

  const other = await scene.startApp({ adapter, handlers: 'held', open: otherIsDone });
  await until('the other process took the work over', () =>
    Promise.resolve(begunBy(other.child.pid) === CLICKS),
  );
  const done = async (): Promise<boolean> => (await pending(scene)) === 0;
  if (otherIsDone) await until('the other process is done', done);

  const before = await deliveries(scene);
  stopped.child.signal('SIGCONT');
  await stopped.child.ask('openGate');
  await until(
    'the stopped process tried to write its results',
    async () => (await stopped.child.ask<{ finished: number }>('stallCounts')).finished >= CLICKS,
  );
  const after = await deliveries(scene);
  const faults: Fault[] = [];
  // Leases may have been renewed by their owner meanwhile; nothing else may differ.
  before.forEach((row, index) => {
    if (row !== after[index]) {
      faults.push({ kind: 'wrong', text: `a late write changed ${row} to ${String(after[index])}` });
    }
  });
  await other.child.ask('openGate');
  await until('everything is done', done);
  await stopped.child.stop();
  await other.child.stop();
  return { taken: CLICKS, late: CLICKS, faults };
}

/** A batch that was judged, and held while another process counted the same: it must not count again. */
async function pausedJudge(
  scene: Scene,
  sender: HttpSender,
  adapter: Adapter,
): Promise<{ conversions: number; faults: readonly Fault[] }> {
  const stopped = await scene.startApp({ adapter, handlers: 'none' });
  const other = await scene.startApp({ adapter, handlers: 'none' });
  const target = await scene.prepare(stopped, CLICKS);
  await stopped.child.ask('holdWrites');
  const unanswered = sendToEach(sender, stopped, target);
  const counts = (): Promise<{ held: number; written: number }> => stopped.child.ask('stallCounts');
  await until('a batch is judged', async () => (await counts()).held > 0);
  stopped.child.signal('SIGSTOP');
  const statuses = await sendToEach(sender, other, target);
  stopped.child.signal('SIGCONT');
  await stopped.child.ask('releaseWrites');
  await unanswered;
  await stopped.child.stop();
  await other.child.stop();
  const rows = await scene.database.rows(
    `SELECT click_id, count(*) AS n FROM tracker_conversions WHERE integration_id = '${target.integrationId}'
     GROUP BY click_id`,
  );
  const faults: Fault[] = [];
  if (statuses.some((status) => status !== 200)) {
    faults.push({ kind: 'wrong', text: `the other process answered ${statuses.join(', ')}` });
  }
  for (const { click_id: clickId, n } of rows) {
    if (Number(n) !== 1)
      faults.push({ kind: 'doubled', text: `${String(clickId)} has ${String(n)} conversions` });
  }
  if (rows.length !== CLICKS)
    faults.push({ kind: 'lost', text: `${rows.length} of ${CLICKS} clicks counted` });
  return { conversions: rows.length, faults };
}

function sendToEach(
  sender: HttpSender,
  { origin }: RunningApp,
  { integrationId, clickIds }: { readonly integrationId: string; readonly clickIds: readonly string[] },
): Promise<readonly (number | null)[]> {
  return Promise.all(
    clickIds.map(async (clickId, n) => {
      const path = targetOf(integrationId, { n, clickId, event: 'sale', tid: 'one' });
      return (await sender.get(origin, path, 60_000)).status;
    }),
  );
}

async function pending(scene: Scene): Promise<number> {
  const [row] = await scene.database.rows(
    `SELECT count(*) AS n FROM tracker_deliveries WHERE status = 'pending'`,
  );
  return Number(row?.['n']);
}

/** Every delivery as it stands, but for the end of its lease. */
async function deliveries(scene: Scene): Promise<readonly string[]> {
  const rows = await scene.database.rows(
    `SELECT event_id, handler, status, attempts, lease_token, errors, finished_at, due_at
     FROM tracker_deliveries ORDER BY id`,
  );
  return rows.map((row) =>
    JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  );
}
