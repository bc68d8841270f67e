import { randomUUID } from 'node:crypto';
import { TrackerClicks, TrackerPostbackLog } from 'nestjs-tracker-postbacks';
import { ClickStore } from '../../libs/tracker-postbacks/src/clicks/click.store';
import { NearMisses } from '../../libs/tracker-postbacks/src/clicks/near-misses';
import { startApplication, type TestApplication } from '../setup/application';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { ENGINES } from '../setup/engines';

describe.each(ENGINES)('clicks on %s', (engine) => {
  let database: TestDatabase;
  let host: TestApplication;
  let clicks: TrackerClicks;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    host = await startApplication(database);
    clicks = host.app.get(TrackerClicks);
  });
  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  it('are told apart byte by byte, blanks at the end included', async () => {
    const ids = ['AbC', 'abc', 'AbC ', 'ÁbC', 'A\u0301bC', 'AbC\u00a0', '😀', '😁', 'ß', 'ss'];
    const named = ids.map((clickId) => ({ clickId, chatId: `chat of ${clickId}` }));
    expect(await clicks.register({ clicks: named })).toMatchObject({ registered: ids.length, conflicts: [] });
    expect(await clicks.register({ clicks: named })).toMatchObject({
      registered: 0,
      alreadyKnown: ids.length,
    });
    for (const clickId of ids) {
      expect(await clicks.find(clickId)).toMatchObject({ clickId, chatId: `chat of ${clickId}` });
    }
    expect(await clicks.find('ABC')).toBeNull();
    // Filters too: none of these was ever sent, and no engine refuses to compare them with its columns.
    const log = host.app.get(TrackerPostbackLog);
    for (const text of ids) {
      for (const filter of [
        { clickId: text },
        { chatId: `chat of ${text}` },
        { tid: text },
        { event: text },
        { q: text },
      ]) {
        expect((await log.list(filter)).items).toEqual([]);
      }
    }
  });

  it('hold what is as long as it may be, and nothing is cut', async () => {
    const named = { clickId: '😀'.repeat(255), chatId: 'я'.repeat(255), campaignId: '中'.repeat(255) };
    expect(await clicks.register(named)).toMatchObject({ registered: 1 });
    expect(await clicks.find(named.clickId)).toMatchObject(named);
  });

  it('are inserted once, however batches that overlap cross each other', async () => {
    const ids = Array.from({ length: 120 }, (_, n) => `${n}-${randomUUID()}`);
    const batches = Array.from({ length: 8 }, (_, n) => {
      const turned = [...ids.slice(n * 10), ...ids.slice(0, n * 10)].slice(0, 100);
      return n % 2 === 0 ? turned : turned.toReversed();
    });
    const results = await Promise.all(
      batches.map((batch, n) =>
        clicks.register({ clicks: batch.map((clickId) => ({ clickId, chatId: `chat ${n}` })) }),
      ),
    );
    expect(results.reduce((sum, { registered }) => sum + registered, 0)).toBe(ids.length);
    for (const [n, { registered, alreadyKnown, conflicts }] of results.entries()) {
      expect(registered + alreadyKnown + conflicts.length).toBe(batches[n]?.length);
    }
    // Nobody was told that a click is his and finds it with another chat.
    const owners = await Promise.all(ids.map(async (clickId) => (await clicks.find(clickId))?.chatId));
    for (const [n, { registered, alreadyKnown }] of results.entries()) {
      const own = owners.filter((chatId) => chatId === `chat ${n}`).length;
      expect([registered, alreadyKnown]).toEqual([own, 0]);
    }
  });

  it('answer those that went in, where some ids and some issue keys are taken', async () => {
    const store = host.app.get(ClickStore);
    const click = (clickId: string, issueKey: string | null = null, tenantId = 'default') => ({
      ...{ tenantId, clickId, issueKey },
      ...({ chatId: 'c', campaignId: null, source: 'registered', createdAt: 1 } as const),
    });
    const key = randomUUID();
    await store.insert([click('taken'), click('keyed', key)]);
    const inserted = await store.insert([
      click('taken'),
      click('TAKEN'),
      click('taken', null, 'other'),
      click('key taken', key),
      click('key free', randomUUID()),
    ]);
    expect(inserted.map(({ tenantId, clickId }) => `${tenantId}/${clickId}`).sort()).toEqual([
      'default/TAKEN',
      'default/key free',
      'other/taken',
    ]);
    expect(await clicks.find('key taken')).toBeNull();
    expect(await store.insert([click('taken')])).toEqual([]);
    expect(await store.insert([])).toEqual([]);
  });

  it('give a chat one id, however many ask for it at once', async () => {
    const chatId = randomUUID();
    const issued = await Promise.all(Array.from({ length: 20 }, () => clicks.issue({ chatId })));
    expect(new Set(issued.map(({ clickId }) => clickId)).size).toBe(1);
  });

  it.each([
    ['in other case', 'ABCDEFGH1234', 'AbCdEfGh1234'],
    ['in other case beyond ASCII', 'ÁBCDEFGH1234', 'ÁbCdEfGh1234'],
    ['cut off', 'zyxwvu', 'ZyXwVu12'],
    ['that holds signs of a pattern, cut off', 'a%_!\\b1', 'a%_!\\b12'],
    ['with something glued on', 'Glued12345_de', 'Glued12345'],
  ])('are hinted at for an id %s', async (_, came, known) => {
    await clicks.register({ clickId: known, chatId: 'near' });
    await clicks.register({ clickId: `x${known}`, chatId: 'near' });
    const hints = await host.app.get(NearMisses).of('default', came);
    expect(hints.map(({ clickId }) => clickId)).toEqual([known]);
    expect(await host.app.get(NearMisses).of('other', came)).toEqual([]);
  });
});
