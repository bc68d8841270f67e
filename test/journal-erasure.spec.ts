import { TrackerErasure } from 'nestjs-tracker-postbacks';
import { DatabaseBreaker } from '../libs/tracker-postbacks/src/database/database-breaker';
import { IntakeService } from '../libs/tracker-postbacks/src/postbacks/intake.service';
import { hold, JournalScene, until } from './journal.fixture';

describe('erasing what waits in the journal', () => {
  let scene: JournalScene;

  beforeEach(async () => {
    scene = await JournalScene.start();
    await scene.crm.send('');
  });

  afterEach(() => scene.stop());

  const drained = (): Promise<number> => until('the journal is drained', () => scene.files().length === 0);

  /** Two postbacks wait, the database is back, and nothing is drained before the gate is released. */
  async function twoWait(first: string, second: string): Promise<{ release(): void }> {
    const { app } = scene.application;
    scene.proxy.cut();
    for (const clickId of [first, second]) {
      const { body } = await scene.crm.send(`tracker.event=sale&clickid=${clickId}&fields.name=Jane`);
      expect(body['status']).toBe('deferred');
    }
    const gate = hold(app.get(IntakeService), 'judgeJournaled');
    scene.proxy.restore();
    await app.get(DatabaseBreaker).whenClosed();
    return gate;
  }

  it('by click: nothing of it is left, and others are judged', async () => {
    const [gone, kept] = [await scene.crm.newClick(), await scene.crm.newClick()];
    const gate = await twoWait(kept, gone);
    await scene.application.app.get(TrackerErasure).eraseClick(gone);
    gate.release();
    await drained();
    expect(await scene.rows(gone)).toEqual([]);
    expect(await scene.rows(kept)).toHaveLength(1);
    const { body } = await scene.crm.send(`tracker.event=sale&clickid=${gone}`);
    expect(body).toMatchObject({ status: 'ignored', code: 'click_erased' });
  });

  it('by a click id that nobody but the journal knows', async () => {
    const gate = await twoWait('never-registered', await scene.crm.newClick());
    const erasure = scene.application.app.get(TrackerErasure);
    await erasure.eraseClick('never-registered');
    await expect(erasure.eraseClick('nobody-knows-this')).rejects.toMatchObject({ code: 'not_found' });
    gate.release();
    await drained();
    expect(await scene.rows('never-registered')).toEqual([]);
    const { body } = await scene.crm.send('tracker.event=sale&clickid=never-registered');
    expect(body).toMatchObject({ status: 'ignored', code: 'click_erased' });
  });

  it('leaves nothing personal, whatever was under way', async () => {
    const clickId = await scene.crm.newClick();
    const gate = await twoWait(clickId, clickId);
    await scene.application.app.get(TrackerErasure).eraseClick(clickId);
    gate.release();
    await drained();
    const rows: readonly { readonly target: string; readonly code: string }[] = await scene.witness.query(
      `SELECT target, code FROM tracker_postbacks WHERE code <> 'event_missing'`,
    );
    // Those that were being judged are counted and hold nothing.
    for (const row of rows) expect(row).toEqual({ target: '', code: 'click_erased' });
    expect(await scene.conversions(clickId)).toEqual([]);
  });
});
