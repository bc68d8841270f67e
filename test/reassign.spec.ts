import { randomUUID } from 'node:crypto';
import { type TrackerConversionEvent, TrackerEventEmitter } from 'nestjs-tracker-postbacks';
import { EventRelay } from '../libs/tracker-postbacks/src/events/event-relay';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { Gate } from './setup/gate';
import { startTenantHost, type TenantHost } from './tenant-host.fixture';

describe('merging two chats', () => {
  let world: TenantHost;
  let integrationId: string;

  beforeAll(async () => {
    world = await startTenantHost();
    integrationId = await world.newIntegration();
  });
  afterAll(() => world.stop());

  const names = (): [string, string] => [`from-${randomUUID()}`, `to-${randomUUID()}`];
  const reassign = (fromChatId: unknown, toChatId: unknown, tenant = 'default') =>
    world.admin('POST', 'clicks/reassign', {
      body: { fromChatId, toChatId },
      'x-tenant': tenant,
      'x-actor': 'anna',
    });
  const chatsIn = async (table: string, clickId: string): Promise<unknown[]> =>
    (await world.sql(`SELECT DISTINCT chat_id FROM ${table} WHERE click_id = $1`, clickId)).map(
      (row) => row['chat_id'],
    );

  it('moves clicks, conversions and postbacks, says how many, and emits nothing again', async () => {
    const [from, to] = names();
    const clickId = await world.newClick(from);
    for (const event of ['registration', 'sale', 'sale']) {
      await world.sendTo(integrationId, `tracker.event=${event}&clickid=${clickId}`);
    }
    const [events] = await world.sql('SELECT count(*) AS n FROM tracker_events');
    const { status, body } = await reassign(from, to);
    expect({ status, body }).toEqual({ status: 200, body: { clicks: 1, conversions: 2, postbacks: 3 } });
    for (const table of ['tracker_clicks', 'tracker_conversions', 'tracker_postbacks']) {
      expect(await chatsIn(table, clickId)).toEqual([to]);
    }
    expect(await world.sql('SELECT count(*) AS n FROM tracker_events')).toEqual([events]);
    expect((await reassign(from, to)).body).toEqual({ clicks: 0, conversions: 0, postbacks: 0 });
    const { body: audit } = await world.admin('GET', `audit?subjectId=${to}`);
    expect(audit['items']).toMatchObject([
      {
        action: 'chat.reassigned',
        actor: 'anna',
        subjectType: 'chat',
        subjectId: to,
        details: { fromChatId: from, clicks: 1, conversions: 2, postbacks: 3 },
      },
    ]);
  });

  it('judges what comes afterwards on the history, and tells handlers of the chat that stays', async () => {
    const [from, to] = names();
    const clickId = await world.newClick(from);
    await world.sendTo(integrationId, `tracker.event=sale&tracker.tid=1&clickid=${clickId}`);
    await reassign(from, to);
    const told: TrackerConversionEvent[] = [];
    await world.host.app
      .get(TrackerEventEmitter)
      .handle('resale', (event) => told.push(event), { name: 'merge' });
    const again = await world.sendTo(integrationId, `tracker.event=sale&tracker.tid=1&clickid=${clickId}`);
    const next = await world.sendTo(integrationId, `tracker.event=sale&tracker.tid=2&clickid=${clickId}`);
    expect([again.body['code'], next.body['event']]).toEqual(['same_transaction', 'resale']);
    await world.host.app.get(EventRelay).idle();
    expect(told.map(({ chatId }) => chatId)).toEqual([to]);
  });

  describe('leaves issue() with the right id', () => {
    it('for the chat that stays, where only the other one had a click', async () => {
      const [from, to] = names();
      const clickId = await world.newClick(from);
      await reassign(from, to);
      expect(await world.newClick(to)).toBe(clickId);
      // The chat that went gets an id of its own, should it come back: the old key must not be in its way.
      const fresh = await world.newClick(from);
      expect(fresh).not.toBe(clickId);
      expect(await world.newClick(from)).toBe(fresh);
      await reassign(from, to);
      expect(await world.newClick(to)).toBe(fresh);
    });

    it('where both had one: the newest of them, every time', async () => {
      const [from, to] = names();
      const older = await world.newClick(from);
      const newer = await world.newClick(to);
      expect(newer).not.toBe(older);
      await reassign(from, to);
      expect(await world.newClick(to)).toBe(newer);
      await reassign(to, from);
      expect(await world.newClick(from)).toBe(newer);
    });

    it('per campaign', async () => {
      const [from, to] = names();
      const { body } = await world.admin('POST', 'clicks', { body: { chatId: from, campaignId: 'spring' } });
      await reassign(from, to);
      const plain = await world.newClick(to);
      expect(plain).not.toBe(body['clickId']);
      const { body: spring } = await world.admin('POST', 'clicks', {
        body: { chatId: to, campaignId: 'spring' },
      });
      expect(spring).toEqual(body);
    });
  });

  it('touches no chat of another tenant', async () => {
    const [from, to] = names();
    const clickId = await world.newClick(from, 'other');
    expect((await reassign(from, to)).body).toEqual({ clicks: 0, conversions: 0, postbacks: 0 });
    expect(await chatsIn('tracker_clicks', clickId)).toEqual([from]);
  });

  it.each([
    ['the same chat', 'a', 'a', 'toChatId'],
    ['an empty one', '', 'b', 'fromChatId'],
    ['none', undefined, 'b', 'fromChatId'],
    ['no text', 'a', 7, 'toChatId'],
    ['NUL', 'a', 'b\u0000', 'toChatId'],
    ['a long one', 'x'.repeat(256), 'b', 'fromChatId'],
  ])('refuses %s', async (_, from, to, field) => {
    expect(await reassign(from, to)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', details: [{ field }] },
    });
  });

  it.each([
    ['a new conversion', 'tracker.event=conf'],
    ['a duplicate, which changes nothing about its click', 'tracker.event=sale'],
  ])('wins against %s that was judged for the old chat', async (_, query) => {
    const [from, to] = names();
    const clickId = await world.newClick(from);
    await world.sendTo(integrationId, `tracker.event=sale&clickid=${clickId}`);
    const gate = new Gate();
    const store = world.host.app.get(PostbackStore);
    const write = store.write.bind(store);
    store.write = async (batch) => {
      store.write = write;
      await gate.pass();
      return write(batch);
    };
    const reply = world.sendTo(integrationId, `${query}&clickid=${clickId}`);
    await gate.waiting(1);
    await reassign(from, to);
    gate.release();
    expect((await reply).status).toBe(200);
    for (const table of ['tracker_clicks', 'tracker_conversions', 'tracker_postbacks']) {
      expect(await chatsIn(table, clickId)).toEqual([to]);
    }
  });
});
