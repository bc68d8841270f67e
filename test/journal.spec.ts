import { statSync } from 'node:fs';
import { join } from 'node:path';
import { TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { DirectoryWarmth } from '../libs/tracker-postbacks/src/integrations/directory-warmth';
import { JournalScene, until } from './journal.fixture';
import { ADAPTERS } from './setup/application';
import { createCrm } from './setup/crm';

const PROMISE_MS = 5_000;

describe.each(ADAPTERS)('with a journal on %s, while the database is away', (adapter) => {
  let scene: JournalScene;

  beforeAll(async () => {
    scene = await JournalScene.start({ adapter });
  });

  afterEach(async () => {
    scene.proxy.restore();
    await until('the journal is drained', () => scene.files().length === 0);
  });

  afterAll(() => scene.stop());

  it.each(['cut', 'silence'] as const)(
    '%s: every postback is kept, answered in time, and judged in its order afterwards',
    async (how) => {
      const clickId = await scene.crm.newClick();
      await scene.crm.send(`tracker.event=registration&clickid=${clickId}`);
      scene.proxy[how]();
      const begun = performance.now();
      const replies = [];
      for (let n = 1; n <= 30; n++) {
        replies.push(
          scene.crm.send(`tracker.event=sale&clickid=${clickId}&tracker.tid=t${n}&tracker.cost=${n}`),
        );
        // In this order on the wire, so that the order has a meaning.
        if (n > 1) await replies.at(-1);
      }
      const answers = await Promise.all(replies);
      expect(performance.now() - begun).toBeLessThan(PROMISE_MS);
      for (const { status, body } of answers) {
        expect({ status, ...body }).toMatchObject({ status: 'deferred', code: 'stored_for_later' });
        expect(status).toBe(200);
      }
      const ids = answers.map(({ body }) => body['postbackId'] as string);
      expect(scene.records().map(({ id }) => id)).toEqual(ids);

      scene.proxy.restore();
      const took = await until('all are judged', async () => (await scene.rows(clickId)).length === 31);
      expect(took).toBeLessThan(PROMISE_MS);
      const rows = await scene.rows(clickId);
      expect(rows.slice(1).map(({ id }) => id)).toEqual(ids);
      expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['accepted']));
      expect((await scene.conversions(clickId)).filter((name) => /sale/.test(name))).toHaveLength(30);
      const { body } = await scene.crm.send(`tracker.event=sale&clickid=${clickId}&tracker.tid=t1`);
      expect(body).toMatchObject({ status: 'duplicate', event: 'sale' });
    },
  );

  it('keeps them in files that only this user may read', async () => {
    scene.proxy.cut();
    await scene.crm.send(`tracker.event=sale&clickid=x`);
    const modes = scene.files().map((name) => statSync(join(scene.directory, name)).mode & 0o777);
    expect(modes).toEqual([0o600]);
  });

  it('tests secret and address on arrival, keeps the outcome, and writes no secret down', async () => {
    const guarded = await createCrm(scene.application, { secret: true });
    const { postbacks } = await scene.application.app.get(TrackerIntegrations).get(guarded.integrationId);
    expect(postbacks).not.toEqual([]);
    const { secret } = await scene.application.app
      .get(TrackerIntegrations)
      .rotateSecret(guarded.integrationId, {});
    const clickId = await guarded.newClick();
    await guarded.send(`tracker.event=registration&clickid=${clickId}&key=${secret}`);
    scene.proxy.cut();
    const [right, wrong, header] = [
      await guarded.send(`tracker.event=sale&clickid=${clickId}&key=${secret}&tracker.tid=1`),
      await guarded.send(`tracker.event=sale&clickid=${clickId}&key=nonsense&tracker.tid=2`),
      await guarded.send(`tracker.event=sale&clickid=${clickId}&tracker.tid=3&x=${secret}`, {
        headers: { 'X-Tracker-Key': secret },
      }),
    ];
    expect(right.body).toMatchObject({ status: 'deferred' });
    expect(wrong.body).toMatchObject({ status: 'quarantined', code: 'secret_wrong' });
    expect(wrong.status).toBe(403);
    expect(header.body).toMatchObject({ status: 'deferred' });
    expect(scene.bytes().includes(secret)).toBe(false);
    expect(scene.bytes().includes('nonsense')).toBe(false);
    scene.proxy.restore();
    await until('all are judged', async () => (await scene.rows(clickId)).length === 4);
    expect((await scene.rows(clickId)).map(({ status }) => status)).toEqual([
      'accepted',
      'accepted',
      'quarantined',
      'accepted',
    ]);
  });

  it('knows every integration, not only those it has seen a postback of', async () => {
    const quiet = await createCrm(scene.application);
    const clickId = await quiet.newClick();
    await scene.application.app.get(DirectoryWarmth).refresh();
    scene.proxy.cut();
    const reply = await quiet.send(`tracker.event=sale&clickid=${clickId}`);
    expect(reply.body).toMatchObject({ status: 'deferred', code: 'stored_for_later' });
    const unknown = await scene.crm.send('tracker.event=sale', {
      path: '/api/postbacks/5c3f7a52-7a3c-4b1e-9d3f-111111111111/tracker-postback',
    });
    expect(unknown.status).toBe(503);
    scene.proxy.restore();
    await until('it is judged', async () => (await scene.rows(clickId)).length === 1);
  });

  it('answers as the integration wants it', async () => {
    const quiet = await createCrm(scene.application, { reply: { format: 'text', text: 'thanks' } });
    await quiet.send('');
    scene.proxy.cut();
    const reply = await quiet.send('tracker.event=sale&clickid=abc');
    expect([reply.status, reply.text]).toEqual([200, 'thanks']);
  });
});
