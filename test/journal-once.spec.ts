import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseBreaker } from '../libs/tracker-postbacks/src/database/database-breaker';
import { type JournaledPostback } from '../libs/tracker-postbacks/src/journal/journaled-postback';
import { IntakeService } from '../libs/tracker-postbacks/src/postbacks/intake.service';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { hold, JournalScene, until } from './journal.fixture';
import { createCrm, type Crm } from './setup/crm';

/** As where the server is out of reach of the request to stop: what was given up on is carried out after all. */
jest.mock('../libs/tracker-postbacks/src/database/postgres-cancel', () => ({
  cancelStatement: () => undefined,
}));

/** Every rule about repetitions is switched off: two of these are two conversions, unless the id says otherwise. */
const RESALE = 'tracker.event=resale&tracker.cost=10&tracker.currency=usd';

describe('a postback in the journal that the database may have already', () => {
  let scene: JournalScene;
  let crm: Crm;

  beforeEach(async () => {
    scene = await JournalScene.start();
    crm = await createCrm(scene.application, { duplicateWindowSeconds: 0 });
    await crm.send('');
  });

  afterEach(() => scene.stop());

  const drained = (): Promise<number> =>
    until('the journal is drained', () => scene.files().every((name) => !name.endsWith('.journal')));

  /** What lies in the journal, as a process would read it. */
  const journaled = (): readonly JournaledPostback[] =>
    scene.records() as unknown as readonly JournaledPostback[];

  async function expectOnce(clickId: string, postbackId: unknown): Promise<void> {
    expect(await scene.rows(clickId)).toEqual([
      expect.objectContaining({ id: postbackId, status: 'accepted' }),
    ]);
    expect(await scene.conversions(clickId)).toEqual(['resale#1 -']);
    const events: readonly unknown[] = await scene.witness.query(
      `SELECT id FROM tracker_events WHERE postback_id = '${String(postbackId)}'`,
    );
    expect(events).toHaveLength(1);
  }

  it('is there once when the write was carried out and its answer lost', async () => {
    const clickId = await crm.newClick();
    const store = scene.application.app.get(PostbackStore);
    const write = store.write.bind(store);
    store.write = (batch) => {
      scene.proxy.swallowReplies();
      return write(batch);
    };
    const { status, body } = await crm.send(`${RESALE}&clickid=${clickId}`);
    store.write = write;
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'deferred', code: 'stored_for_later' });
    // It is in both.
    expect(await scene.rows(clickId)).toHaveLength(1);
    expect(scene.records()).toHaveLength(1);
    scene.proxy.restore();
    await drained();
    await expectOnce(clickId, body['postbackId']);
  });

  it('is there once when the write that was given up on is carried out while the journal is drained', async () => {
    const clickId = await crm.newClick();
    const locker = scene.witness.createQueryRunner();
    await locker.startTransaction();
    await locker.query(`SELECT 1 FROM tracker_clicks WHERE click_id = '${clickId}' FOR UPDATE`);
    const { body } = await crm.send(`${RESALE}&clickid=${clickId}`);
    expect(body).toMatchObject({ status: 'deferred', code: 'stored_for_later' });
    // The server still holds the first write; the drain's own waits behind it.
    await until('both writes wait', async () => {
      const waiting: readonly unknown[] = await scene.witness.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting.length === 2;
    });
    await locker.commitTransaction();
    await locker.release();
    await drained();
    await expectOnce(clickId, body['postbackId']);
  });

  it('is there once when the row comes between the look and the write', async () => {
    const clickId = await crm.newClick();
    scene.proxy.cut();
    const { body } = await crm.send(`${RESALE}&clickid=${clickId}`);
    const { app } = scene.application;
    const gate = hold(app.get(PostbackStore), 'write');
    scene.proxy.restore();
    await gate.waiting(1);
    // Judged, and about to be written: another process is faster.
    const second = await scene.another();
    expect(await second.app.get(IntakeService).judgeJournaled(journaled())).toEqual([null]);
    gate.release();
    await drained();
    await expectOnce(clickId, body['postbackId']);
    await second.close();
  });

  it('does not cost those that are written with it in one batch', async () => {
    const [known, fresh] = [await crm.newClick(), await crm.newClick()];
    scene.proxy.cut();
    const one = await crm.send(`${RESALE}&clickid=${known}`);
    const two = await crm.send(`${RESALE}&clickid=${fresh}`);
    const gate = hold(scene.application.app.get(PostbackStore), 'write');
    scene.proxy.restore();
    await gate.waiting(1);
    const second = await scene.another();
    await second.app.get(IntakeService).judgeJournaled(journaled().slice(0, 1));
    gate.release();
    await drained();
    await expectOnce(known, one.body['postbackId']);
    await expectOnce(fresh, two.body['postbackId']);
    await second.close();
  });

  it('is there once when the process died after the commit and before it had deleted the file', async () => {
    const clickId = await crm.newClick();
    scene.proxy.cut();
    const { body } = await crm.send(`${RESALE}&clickid=${clickId}`);
    const [name = ''] = scene.files();
    const copy = join(scene.directory, name.replace(/-\d+\.journal$/, '.copy'));
    copyFileSync(join(scene.directory, name), copy);
    scene.proxy.restore();
    await drained();
    await expectOnce(clickId, body['postbackId']);

    // As the dead process left it: a segment of a token that nobody has.
    copyFileSync(copy, join(scene.directory, 'tracker-00000000deadbeef-00000001.journal'));
    const second = await scene.another();
    await until('it is taken over and drained', () =>
      scene.files().every((file) => !file.endsWith('.journal')),
    );
    await expectOnce(clickId, body['postbackId']);
    await second.close();
  });

  it('is judged by its own time of arrival, and by the recipe of then and there', async () => {
    const clickId = await crm.newClick();
    scene.proxy.cut();
    const before = Date.now();
    const { body } = await crm.send(`${RESALE}&clickid=${clickId}`);
    const after = Date.now();
    await until('the database is known to be away', () => scene.application.app.get(DatabaseBreaker).isOpen);
    scene.proxy.restore();
    await drained();
    const [row]: readonly { readonly at: string }[] = await scene.witness.query(
      `SELECT received_at AS at FROM tracker_conversions WHERE postback_id = '${String(body['postbackId'])}'`,
    );
    expect(Number(row?.at)).toBeGreaterThanOrEqual(before);
    expect(Number(row?.at)).toBeLessThanOrEqual(after);
  });
});
