import { IntakeService } from '../libs/tracker-postbacks/src/postbacks/intake.service';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { hold, JournalScene, until } from './journal.fixture';
import { type Reply } from './setup/crm';

const TIMEOUT_MS = 400;

describe('the order of a click with a journal', () => {
  let scene: JournalScene;

  beforeEach(async () => {
    scene = await JournalScene.start({ options: { intake: { maxQueue: 3, timeoutMs: TIMEOUT_MS } } });
  });

  afterEach(() => scene.stop());

  const sale = (clickId: string, tid: number): Promise<Reply> =>
    scene.crm.send(`tracker.event=sale&clickid=${clickId}&tracker.tid=${tid}`);

  const drained = (): Promise<number> => until('the journal is drained', () => scene.files().length === 0);

  /** What was sent in this order is recorded in this order: the first as the sale, the others as resales 1, 2, 3 … */
  const inOrder = (tids: readonly number[]): readonly string[] =>
    tids.map((tid, n) => (n === 0 ? `sale#1 ${tid}` : `resale#${n} ${tid}`));

  const recorded = async (clickId: string): Promise<readonly string[]> => {
    const all = await scene.conversions(clickId);
    return [...all.filter((one) => one.startsWith('sale')), ...all.filter((one) => one.startsWith('resale'))];
  };

  it('newer postbacks wait behind those in the journal, and those of other clicks do not', async () => {
    const [clickId, other] = [await scene.crm.newClick(), await scene.crm.newClick()];
    await scene.crm.send('');
    scene.proxy.cut();
    for (const tid of [1, 2]) expect((await sale(clickId, tid)).body['status']).toBe('deferred');
    const gate = hold(scene.application.app.get(IntakeService), 'judgeJournaled');
    scene.proxy.restore();
    await gate.waiting(1);
    // The database is back, and the journal is not drained yet.
    expect((await sale(other, 1)).body['status']).toBe('accepted');
    for (const tid of [3, 4]) expect((await sale(clickId, tid)).body['status']).toBe('deferred');
    gate.release();
    await drained();
    expect(await recorded(clickId)).toEqual(inOrder([1, 2, 3, 4]));
    expect((await sale(clickId, 5)).body['status']).toBe('accepted');
  });

  it('a full queue flows over into the journal, behind what waits in the queue', async () => {
    const clickId = await scene.crm.newClick();
    await scene.crm.send('');
    const gate = hold(scene.application.app.get(PostbackStore), 'write');
    const sent = [sale(clickId, 1)];
    await gate.waiting(1);
    const queued = (): boolean => scene.application.app.get(IntakeService).queueLength === sent.length - 1;
    for (const tid of [2, 3, 4]) {
      sent.push(sale(clickId, tid));
      await until('it waits', queued);
    }
    for (const tid of [5, 6]) expect((await sale(clickId, tid)).body['status']).toBe('deferred');
    gate.release();
    for (const reply of await Promise.all(sent)) expect(reply.body['status']).toBe('accepted');
    await drained();
    expect(await recorded(clickId)).toEqual(inOrder([1, 2, 3, 4, 5, 6]));
  });

  it('what is under way, what waits, and what comes next, when the connection breaks', async () => {
    const clickId = await scene.crm.newClick();
    await scene.crm.send('');
    const gate = hold(scene.application.app.get(PostbackStore), 'write');
    const sent = [sale(clickId, 1)];
    await gate.waiting(1);
    for (const tid of [2, 3]) {
      sent.push(sale(clickId, tid));
      await until('it waits', () => scene.application.app.get(IntakeService).queueLength === tid - 1);
    }
    scene.proxy.cut();
    gate.release();
    for (const reply of await Promise.all(sent)) expect(reply.body['status']).toBe('deferred');
    expect((await sale(clickId, 4)).body['status']).toBe('deferred');
    const tids = scene
      .records()
      .map(({ request }) => /tid=(\d)/.exec((request as { target: string }).target)?.[1]);
    expect(tids).toEqual(['1', '2', '3', '4']);
    scene.proxy.restore();
    await drained();
    expect(await recorded(clickId)).toEqual(inOrder([1, 2, 3, 4]));
  });

  it('and each once, when the first is written after all, too late', async () => {
    const clickId = await scene.crm.newClick();
    await scene.crm.send('');
    const gate = hold(scene.application.app.get(PostbackStore), 'write');
    const sent = [sale(clickId, 1)];
    await gate.waiting(1);
    for (const tid of [2, 3]) {
      sent.push(sale(clickId, tid));
      await until('it waits', () => scene.application.app.get(IntakeService).queueLength === tid - 1);
    }
    const begun = performance.now();
    for (const reply of await Promise.all(sent)) expect(reply.body['status']).toBe('deferred');
    expect(performance.now() - begun).toBeLessThan(TIMEOUT_MS + 500);
    gate.release();
    await drained();
    expect(await recorded(clickId)).toEqual(inOrder([1, 2, 3]));
    expect((await scene.rows(clickId)).map(({ status }) => status)).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
  });
});
