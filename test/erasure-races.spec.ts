import { randomUUID } from 'node:crypto';
import { PostbackEraser } from '../libs/tracker-postbacks/src/postbacks/postback-eraser';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { EventRelay } from '../libs/tracker-postbacks/src/events/event-relay';
import { type TestApplication } from './setup/application';
import { type Reply, request } from './setup/crm';
import { TEST_ENGINE } from './setup/engines';
import { Gate } from './setup/gate';
import { startTenantHost, type TenantHost } from './tenant-host.fixture';

/** How many wait for a lock; MySQL's other tables about it are copies that are not renewed while they are read. */
const WAITS =
  TEST_ENGINE === 'postgres'
    ? `SELECT count(*) AS "Value" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    : `SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'`;

/** One instance takes postbacks, the other one erases: what was judged before the erasure is written after it. */
describe('an erasure races with postbacks', () => {
  let world: TenantHost;
  let other: TestApplication;
  let integrationId: string;

  beforeAll(async () => {
    world = await startTenantHost();
    other = await world.another();
    integrationId = await world.newIntegration();
  });
  afterAll(async () => {
    await other.close();
    await world.stop();
  });

  const KEPT = ['tracker_audit.subject_id', 'tracker_clicks.click_id'];
  const send = (query: string): Promise<Reply> => world.sendTo(integrationId, query, {}, other);
  const erase = (path: string): Promise<Reply> => world.admin('DELETE', path);

  /** Holds the next write of the taking instance after everything in it has been judged. */
  function holdWrite(gate: Gate): void {
    const store = other.app.get(PostbackStore);
    const write = store.write.bind(store);
    store.write = async (batch) => {
      store.write = write;
      await gate.pass();
      return write(batch);
    };
  }

  /** Waits until somebody waits for a lock in the database. */
  async function somebodyWaits(): Promise<void> {
    for (;;) {
      const [row] = await world.sql(WAITS);
      if (Number(row?.['Value']) > 0) return;
    }
  }

  const conversions = async (clickId: string): Promise<number> =>
    (
      await world.sql(
        `SELECT 1 FROM tracker_conversions v JOIN tracker_clicks c ON c.seq = v.click_seq WHERE c.click_id = $1`,
        clickId,
      )
    ).length;

  const cases: readonly (readonly [string, string])[] = [
    ['a new conversion', 'tracker.event=resale&tracker.tid=2'],
    ['a duplicate, which changes nothing about its click', 'tracker.event=sale&tracker.tid=1'],
    ['a duplicate with news', 'tracker.event=sale&tracker.tid=1&fields.city=Riga'],
    ['a reversal', 'tracker.event=reversal&tracker.tid=1'],
    ['a reversal of nothing', 'tracker.event=reversal&tracker.tid=3'],
    ['an event without a name', 'tracker.event='],
  ];

  it.each(cases)('that is over before %s is written', async (_, query) => {
    const clickId = await world.newClick();
    await send(`tracker.event=sale&tracker.tid=1&clickid=${clickId}&fields.a=b`);
    const gate = new Gate();
    holdWrite(gate);
    const reply = send(`${query}&clickid=${clickId}&sub9=late@${clickId}`);
    await gate.waiting(1);
    expect((await erase(`clicks/${clickId}/data`)).status).toBe(204);
    gate.release();
    const { status, body } = await reply;
    if (query !== 'tracker.event=') {
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { status: 'ignored', code: 'click_erased' },
      });
    }
    expect(await world.placesOf(clickId)).toEqual(KEPT);
    expect(await conversions(clickId)).toBe(1);
  });

  // On SQLite nothing is under way: an erasure is over before anything else of its process runs.
  const itWaits = TEST_ENGINE === 'sqlite' ? it.skip : it;
  itWaits.each(cases)('that is under way while %s is written', async (_, query) => {
    const clickId = await world.newClick();
    await send(`tracker.event=sale&tracker.tid=1&clickid=${clickId}&fields.a=b`);
    // The erasing transaction stands still with the click locked and marked, and nothing committed.
    const eraser = world.host.app.get(PostbackEraser);
    const original = eraser.erase.bind(eraser);
    const erasing = new Gate();
    eraser.erase = async (ids, manager) => {
      eraser.erase = original;
      await original(ids, manager);
      await erasing.pass();
    };
    const erased = erase(`clicks/${clickId}/data`);
    await erasing.waiting(1);
    const reply = send(`${query}&clickid=${clickId}&sub9=late@${clickId}`);
    await somebodyWaits();
    erasing.release();
    expect((await erased).status).toBe(204);
    await reply;
    expect(await world.placesOf(clickId)).toEqual(KEPT);
    expect(await conversions(clickId)).toBe(1);
  });

  it('that begins while a duplicate is being written waits for it and erases it', async () => {
    const clickId = await world.newClick();
    await send(`tracker.event=sale&tracker.tid=1&clickid=${clickId}`);
    const gate = new Gate();
    holdWrite(gate);
    const reply = send(`tracker.event=sale&tracker.tid=1&clickid=${clickId}`);
    await gate.waiting(1);
    gate.release();
    const [written, erased] = await Promise.all([reply, erase(`clicks/${clickId}/data`)]);
    expect([written.status, erased.status]).toEqual([200, 204]);
    expect(await world.placesOf(clickId)).toEqual(KEPT);
  });

  it('of a click that nobody registered, before its next postback is parked', async () => {
    const clickId = `unregistered-${randomUUID()}`;
    await send(`tracker.event=registration&clickid=${clickId}`);
    const gate = new Gate();
    holdWrite(gate);
    const reply = send(`tracker.event=sale&clickid=${clickId}&sub9=late@${clickId}`);
    await gate.waiting(1);
    expect((await erase(`clicks/${clickId}/data`)).status).toBe(204);
    gate.release();
    // There was no row to lock: it is parked, looks for its click once more after its commit, and finds it erased.
    expect((await reply).body).toMatchObject({ status: 'unmatched' });
    while ((await world.placesOf(clickId)).length > 2) await new Promise((resolve) => setImmediate(resolve));
    expect(await world.placesOf(clickId)).toEqual(KEPT);
    expect(await conversions(clickId)).toBe(0);
  });

  it('while a parked postback is judged again', async () => {
    const clickId = `parked-${randomUUID()}`;
    await send(`tracker.event=sale&clickid=${clickId}&fields.a=b`);
    const gate = new Gate();
    const store = world.host.app.get(PostbackStore);
    const write = store.write.bind(store);
    store.write = async (batch) => {
      store.write = write;
      await gate.pass();
      return write(batch);
    };
    const body = { clicks: [{ clickId, chatId: `chat-${clickId}` }] };
    const registered = world.admin('POST', 'clicks/register', { body });
    await gate.waiting(1);
    expect((await erase(`clicks/${clickId}/data`)).status).toBe(204);
    gate.release();
    expect((await registered).body).toMatchObject({ registered: 1 });
    expect(await world.placesOf(clickId)).toEqual(KEPT);
    expect(await conversions(clickId)).toBe(0);
  });

  it.each([
    ['counts it', 'tracker.event=sale&tracker.tid=2'],
    ['finds it a duplicate, which changes nothing about its click', 'tracker.event=sale&tracker.tid=1'],
  ])('while a replay %s', async (_, query) => {
    const clickId = await world.newClick();
    await send(`tracker.event=sale&tracker.tid=1&clickid=${clickId}`);
    const settings = (status: string) =>
      world.admin('PATCH', `integrations/${integrationId}`, { body: { status } });
    await settings('paused');
    const { body } = await send(`${query}&clickid=${clickId}&sub9=b`);
    expect(body).toMatchObject({ code: 'integration_paused' });
    await settings('active');
    const gate = new Gate();
    holdWrite(gate);
    const path = `${other.url}/api/tracker/postbacks/${String(body['postbackId'])}/replay`;
    const replay = request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    const outcome = await Promise.race([replay, gate.waiting(1)]);
    expect((await erase(`clicks/${clickId}/data`)).status).toBe(204);
    gate.release();
    // A replay that changes nothing has nothing to write.
    if (outcome === undefined) expect((await replay).status).toBe(410);
    expect(await world.placesOf(clickId)).toEqual(KEPT);
    expect(await conversions(clickId)).toBe(1);
    expect((await request(path, { method: 'POST' })).status).toBe(410);
  });

  it('with many postbacks of its chat at once, unforced: nothing is left, nothing hangs', async () => {
    const chatId = `chat-${randomUUID()}`;
    const ids = Array.from({ length: 12 }, (_, n) => `${n}-${randomUUID()}`);
    const clicks = ids.map((clickId) => ({ clickId, chatId }));
    await world.admin('POST', 'clicks/register', { body: { clicks } });
    const storm = ids.flatMap((clickId) => [
      send(`tracker.event=sale&clickid=${clickId}&tracker.tid=1`),
      world.sendTo(integrationId, `tracker.event=sale&clickid=${clickId}&tracker.tid=1`),
      send(`tracker.event=conf&clickid=${clickId}&fields.a=${chatId}`),
    ]);
    const erasures = await Promise.all([erase(`chats/${chatId}/data`), erase(`chats/${chatId}/data`)]);
    for (const { status } of await Promise.all(storm)) expect(status).toBe(200);
    expect(erasures.map(({ status }) => status)).toEqual([204, 204]);
    await other.app.get(EventRelay).idle();
    for (const clickId of ids) expect(await world.placesOf(clickId)).toEqual(['tracker_clicks.click_id']);
    expect(await world.placesOf(chatId)).toEqual(['tracker_audit.subject_id']);
  });
});
