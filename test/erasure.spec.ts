import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import {
  type AnyTrackerEvent,
  OnTrackerEvent,
  TrackerClick,
  TrackerEventEmitter,
  TrackerPostback,
} from 'nestjs-tracker-postbacks';
import { EventRelay } from '../libs/tracker-postbacks/src/events/event-relay';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { SecondLook } from '../libs/tracker-postbacks/src/postbacks/second-look';
import { stopLooking } from './setup/second-look';
import { startTenantHost, type TenantHost } from './tenant-host.fixture';

/** Clicks on whose events the handler fails, with the message that it fails with. */
const failing = new Map<string, string>();
const handled: AnyTrackerEvent[] = [];

@Injectable()
class Handlers {
  @OnTrackerEvent('*', { name: 'everything' })
  all(event: AnyTrackerEvent): void {
    handled.push(event);
    const clickId = 'clickId' in event ? event.clickId : null;
    const message = clickId === null ? undefined : failing.get(clickId);
    if (message !== undefined) throw new Error(message);
  }
}

describe('erasure', () => {
  let world: TenantHost;
  let integrationId: string;

  beforeAll(async () => {
    world = await startTenantHost({
      providers: [Handlers],
      // A failed delivery stays pending for the length of these specs.
      options: { events: { retryDelayMs: 3_600_000, maxAttempts: 2 } },
    });
    integrationId = await world.newIntegration();
    await stopLooking(world.host.app);
  });
  afterAll(() => world.stop());
  afterEach(() => {
    failing.clear();
    handled.length = 0;
  });

  const send = (query: string, init?: RequestInit) => world.sendTo(integrationId, query, init);
  const erase = async (path: string, tenant = 'default'): Promise<number> =>
    (await world.admin('DELETE', path, { 'x-tenant': tenant, 'x-actor': 'dpo' })).status;
  const settled = (): Promise<void> => world.host.app.get(EventRelay).idle();
  const conversions = (clickId: string) =>
    world.sql(
      `SELECT v.* FROM tracker_conversions v JOIN tracker_clicks c ON c.seq = v.click_seq
       WHERE c.click_id = $1 ORDER BY v.received_at, v.id`,
      clickId,
    );

  /** What stays on purpose: the tombstone, and who erased what. */
  const KEPT = ['tracker_audit.subject_id', 'tracker_clicks.click_id'];

  describe('of a click', () => {
    it('takes everything personal out and leaves what counts', async () => {
      const chatId = `chat-${randomUUID()}`;
      const clickId = await world.newClick(chatId);
      const secret = `lead-${randomUUID()}`;
      failing.set(clickId, `Chat of ${secret} is locked`);
      const headers = { 'x-forwarded-for': `203.0.113.9, ${secret}` };
      const query = `clickid=${clickId}&fields.email=${secret}&sub9=${secret}`;
      await send(
        `tracker.event=sale&tracker.cost=12.50&tracker.currency=usd&tracker.tid=${secret}&${query}`,
        {
          headers,
        },
      );
      await send(
        `tracker.event=sale&tracker.cost=13&tracker.tid=${secret}&fields.name=${secret}-2&clickid=${clickId}`,
      );
      await send(`tracker.event=vip-x&tracker.cost=%24x${secret}&${query}`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ note: secret }),
      });
      await send(`tracker.event=reversal&tracker.tid=other-${secret}&${query}`);
      await send(`tracker.event=a/b${secret}&${query}`);
      await settled();
      const before = await conversions(clickId);
      expect(before).toHaveLength(2);
      const rows = await world.sql(
        'SELECT id, status, code, event, integration_id, received_at FROM tracker_postbacks',
      );
      expect((await world.placesOf(secret)).length).toBeGreaterThan(8);

      expect(await erase(`clicks/${clickId}/data`)).toBe(204);

      expect(await world.placesOf(secret)).toEqual([]);
      expect(await world.placesOf(chatId)).toEqual([]);
      expect(await world.placesOf(clickId)).toEqual(KEPT);
      const kept = [
        'id',
        'event',
        'ordinal',
        'cost',
        'currency',
        'tid_key',
        'received_at',
        'click_seq',
        'postback_id',
      ];
      const counted = (all: Record<string, unknown>[]) =>
        all.map((row) => Object.fromEntries(kept.map((name) => [name, row[name]])));
      expect(counted(await conversions(clickId))).toEqual(counted(before));
      const after = await world.sql(
        'SELECT id, status, code, event, integration_id, received_at FROM tracker_postbacks',
      );
      // The parked reversal waits for nothing any more; every other verdict stands.
      expect(after).toEqual(
        expect.arrayContaining(
          rows.map((row) =>
            row['status'] === 'unmatched' ? { ...row, status: 'ignored', code: 'click_erased' } : row,
          ),
        ),
      );
      const { body: list } = await world.admin('GET', 'conversions?limit=200');
      expect(list['items']).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            event: 'sale',
            ordinal: 1,
            cost: '12.50',
            currency: 'USD',
            clickId: null,
            chatId: null,
            tid: null,
            fields: {},
          }),
        ]),
      );
      for (const { id } of rows) {
        const { status, text } = await world.admin('GET', `postbacks/${String(id)}`);
        expect(status).toBe(200);
        expect(text).not.toContain(secret);
      }
      expect((await world.admin('GET', `clicks/${clickId}`)).body).toMatchObject({
        clickId,
        chatId: null,
        erasedAt: expect.stringMatching(/Z$/),
      });
    });

    it('can be repeated, and is written down once', async () => {
      const clickId = await world.newClick();
      await send(`tracker.event=registration&clickid=${clickId}`);
      expect(await erase(`clicks/${clickId}/data`)).toBe(204);
      expect(await erase(`clicks/${clickId}/data`)).toBe(204);
      const { body } = await world.admin('GET', `audit?subjectId=${clickId}`);
      expect(body['items']).toMatchObject([
        {
          action: 'click.erased',
          actor: 'dpo',
          subjectType: 'click',
          subjectId: clickId,
          details: { postbacks: 1, conversions: 1 },
        },
      ]);
    });

    it.each(['clicks/nobody/data', 'chats/nobody/data', `clicks/${'x'.repeat(99)}/data`, 'clicks/%00/data'])(
      'answers 404 for what is unknown: %s',
      async (path) => {
        expect(await world.admin('DELETE', path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      },
    );

    it("leaves another tenant's click of the same id alone", async () => {
      const [clickId, chatId] = [`shared-${randomUUID()}`, `chat-${randomUUID()}`];
      const theirs = await world.newIntegration('other');
      await world.admin('POST', 'clicks/register', {
        body: { clicks: [{ clickId, chatId }] },
        'x-tenant': 'other',
      });
      await world.sendTo(theirs, `tracker.event=sale&clickid=${clickId}&fields.a=b`);
      const before = await world.sql('SELECT * FROM tracker_postbacks WHERE click_id = $1', clickId);
      expect(await erase(`clicks/${clickId}/data`)).toBe(404);
      expect(await erase(`chats/${chatId}/data`)).toBe(404);
      await world.admin('POST', 'clicks/register', { body: { clicks: [{ clickId, chatId }] } });
      expect(await erase(`clicks/${clickId}/data`)).toBe(204);
      expect(await world.sql('SELECT * FROM tracker_postbacks WHERE click_id = $1', clickId)).toEqual(before);
      expect((await world.admin('GET', `clicks/${clickId}`, { 'x-tenant': 'other' })).body).toMatchObject({
        chatId,
      });
    });

    it.each([
      ['a new conversion', 'tracker.event=resale&tracker.tid=9'],
      ['the conversion again', 'tracker.event=sale&tracker.tid=1'],
      ['a reversal', 'tracker.event=reversal&tracker.tid=1'],
    ])('ignores what comes late, and stores nothing of it: %s', async (_, query) => {
      const clickId = await world.newClick();
      await send(`tracker.event=sale&tracker.tid=1&clickid=${clickId}`);
      await erase(`clicks/${clickId}/data`);
      const late = await send(`${query}&clickid=${clickId}&fields.email=late@${clickId}`);
      expect(late).toMatchObject({ status: 200, body: { status: 'ignored', code: 'click_erased' } });
      expect(await world.placesOf(clickId)).toEqual(KEPT);
      expect(await conversions(clickId)).toHaveLength(1);
      expect((await world.admin('GET', `postbacks/${String(late.body['postbackId'])}`)).body).toMatchObject({
        code: 'click_erased',
        clickId: null,
        chatId: null,
        tid: null,
        url: null,
        address: null,
        warnings: [],
      });
    });

    it('stores nothing of what comes late, whatever else is wrong with it', async () => {
      const clickId = await world.newClick();
      await erase(`clicks/${clickId}/data`);
      for (const query of ['tracker.event=', 'tracker.event=%7Bx%7D', 'tracker.event=a&tracker.event=b']) {
        await send(`${query}&clickid=${clickId}`);
      }
      await world.admin('PATCH', `integrations/${integrationId}`, { body: { status: 'paused' } });
      await send(`tracker.event=sale&clickid=${clickId}`);
      await world.admin('PATCH', `integrations/${integrationId}`, { body: { status: 'active' } });
      expect(await world.placesOf(clickId)).toEqual(KEPT);
    });

    it('never gives the id out again, and the chat gets a new one', async () => {
      const chatId = `chat-${randomUUID()}`;
      const clickId = await world.newClick(chatId);
      await erase(`clicks/${clickId}/data`);
      const body = { clicks: [{ clickId, chatId }] };
      expect((await world.admin('POST', 'clicks/register', { body })).body).toMatchObject({
        registered: 0,
        alreadyKnown: 0,
        conflicts: [clickId],
      });
      const next = await world.newClick(chatId);
      expect(next).not.toBe(clickId);
      expect(await world.newClick(chatId)).toBe(next);
      expect((await send(`tracker.event=sale&clickid=${next}`)).body).toMatchObject({ status: 'accepted' });
    });

    it('erases postbacks of a click that was never registered, and recognises later ones', async () => {
      const clickId = `unknown +${randomUUID()}`;
      const sent = `tracker.event=sale&clickid=${encodeURIComponent(clickId)}&fields.email=x@example.com`;
      expect((await send(sent)).body).toMatchObject({ status: 'unmatched' });
      expect(await erase(`clicks/${encodeURIComponent(clickId)}/data`)).toBe(204);
      expect(await world.placesOf(clickId.slice(9))).toEqual(KEPT);
      const body = { clicks: [{ clickId, chatId: 'chat' }] };
      expect((await world.admin('POST', 'clicks/register', { body })).body).toMatchObject({
        conflicts: [clickId],
        rejudged: 0,
      });
      expect((await send(sent)).body).toMatchObject({ status: 'ignored', code: 'click_erased' });
      expect(await world.placesOf(clickId.slice(9))).toEqual(KEPT);
      expect(await erase(`clicks/${encodeURIComponent(clickId)}/data`)).toBe(204);
    });

    it('finds a click whose plus arrived as a space', async () => {
      const clickId = `a+${randomUUID()}`;
      expect((await send(`tracker.event=sale&clickid=${clickId}`)).body).toMatchObject({
        status: 'unmatched',
      });
      await world.admin('POST', 'clicks/register', {
        body: { clicks: [{ clickId: `x${clickId}`, chatId: 'c' }] },
      });
      await world.admin('POST', 'clicks/register', {
        body: { clicks: [{ clickId, chatId: `c${clickId}` }] },
      });
      expect(await erase(`clicks/${encodeURIComponent(clickId)}/data`)).toBe(204);
      expect(await world.placesOf(clickId.slice(2))).toEqual(KEPT);
    });
  });

  describe('of what still waits', () => {
    it('judges a deferred postback of the click now, erases it, and never judges it again', async () => {
      const clickId = await world.newClick();
      const store = world.host.app.get(PostbackStore);
      const write = store.write.bind(store);
      const refused = new QueryFailedError('', [], Object.assign(new Error('refused'), { code: '22P05' }));
      store.write = (batch) =>
        batch.postbacks.some((row) => row.click_id === clickId) ? Promise.reject(refused) : write(batch);
      const { body } = await send(`tracker.event=sale&clickid=${clickId}`);
      expect(body).toMatchObject({ status: 'deferred', code: 'judging_failed' });
      store.write = write;

      expect(await erase(`clicks/${clickId}/data`)).toBe(204);
      expect(await world.placesOf(clickId)).toEqual(KEPT);
      await world.sql('UPDATE tracker_postbacks SET retry_at = 0 WHERE retry_at IS NOT NULL');
      expect(await world.host.app.get(SecondLook).retryDue()).toBe(0);
      expect(await conversions(clickId)).toEqual([]);
      expect((await world.admin('GET', `postbacks/${String(body['postbackId'])}`)).body).toMatchObject({
        status: 'ignored',
        code: 'click_erased',
        parkedUntil: null,
      });
    });

    it('gives no handler an erased event: what was pending or parked is done', async () => {
      const clickId = await world.newClick();
      failing.set(clickId, 'not now');
      await send(`tracker.event=registration&clickid=${clickId}`);
      await send(`tracker.event=sale&clickid=${clickId}`);
      await settled();
      await world.sql(
        `UPDATE tracker_deliveries SET status = 'parked' WHERE event_id = (
           SELECT id FROM tracker_events WHERE name = 'registration' AND payload LIKE $1)`,
        `%${clickId}%`,
      );
      await erase(`clicks/${clickId}/data`);
      failing.clear();
      handled.length = 0;
      await world.sql('UPDATE tracker_deliveries SET due_at = $1', Date.now());
      world.host.app.get(EventRelay).wake();
      await settled();
      const seen: AnyTrackerEvent[] = [];
      await world.host.app.get(TrackerEventEmitter).handle('sale', (event) => seen.push(event), {
        name: `late-${randomUUID()}`,
        from: 'beginning',
      });
      await settled();
      const deliveries = await world.sql(
        `SELECT d.status, d.errors, d.finished_at FROM tracker_deliveries d
         JOIN tracker_events e ON e.id = d.event_id WHERE e.click_seq = (SELECT seq FROM tracker_clicks WHERE click_id = $1)`,
        clickId,
      );
      expect(deliveries).toHaveLength(2);
      for (const delivery of deliveries) {
        expect(delivery).toMatchObject({ status: 'done', finished_at: expect.anything() });
        expect(JSON.parse(String(delivery['errors']))).toEqual([
          { attempt: expect.any(Number), at: expect.stringMatching(/^\d{4}-.*Z$/), message: 'erased' },
        ]);
      }
      expect(handled).toEqual([]);
      expect(seen.filter((event) => 'clickId' in event && event.clickId === null)).toEqual([]);
      const [own] = await world.sql<{ payload: string }>(
        `SELECT payload FROM tracker_events WHERE name = 'sale'
         AND click_seq = (SELECT seq FROM tracker_clicks WHERE click_id = $1)`,
        clickId,
      );
      expect(JSON.parse(own?.payload ?? '{}')).toMatchObject({
        event: 'sale',
        ordinal: 1,
        chatId: null,
        clickId: null,
        fields: {},
        params: {},
      });
    });
  });

  describe('of a chat', () => {
    it('erases all of its clicks and nothing else, and can be repeated', async () => {
      const chatId = `chat-${randomUUID()}`;
      const ids = ['a', 'b', 'c'].map((name) => `${name}-${randomUUID()}`);
      const clicks = ids.map((clickId) => ({ clickId, chatId }));
      await world.admin('POST', 'clicks/register', { body: { clicks } });
      const stranger = await world.newClick();
      for (const clickId of [...ids, stranger])
        await send(`tracker.event=sale&clickid=${clickId}&fields.a=${clickId}`);
      expect(await erase(`chats/${chatId}/data`)).toBe(204);
      for (const clickId of ids) expect(await world.placesOf(clickId)).toEqual(['tracker_clicks.click_id']);
      expect(await world.placesOf(chatId)).toEqual(['tracker_audit.subject_id']);
      expect(await conversions(stranger)).toMatchObject([
        { click_id: stranger, fields: JSON.stringify({ a: stranger }) },
      ]);
      expect(await erase(`chats/${chatId}/data`)).toBe(204);
      expect(await erase(`chats/${chatId}/data`, 'other')).toBe(404);
      const again = await world.newClick(chatId);
      expect(await erase(`chats/${chatId}/data`)).toBe(204);
      expect((await send(`tracker.event=sale&clickid=${again}`)).body).toMatchObject({
        code: 'click_erased',
      });
      const { body } = await world.admin('GET', `audit?subjectId=${chatId}&action=chat.erased`);
      expect(body['items']).toMatchObject([
        { details: { postbacks: 0, conversions: 0 } },
        { details: { postbacks: 3, conversions: 3 } },
      ]);
    });

    it('erases a huge one in several transactions', async () => {
      const chatId = `huge-${randomUUID()}`;
      const clicks = Array.from({ length: 230 }, (_, n) => ({ clickId: `${chatId}-${n}`, chatId }));
      await world.admin('POST', 'clicks/register', { body: { clicks } });
      const receivedAt = new Date(0);
      const postback = {
        tenantId: 'default',
        integrationId,
        chatId,
        method: 'GET',
        target: '/x',
        receivedAt,
      };
      const duplicate = { ...postback, status: 'duplicate', code: 'same_request' } as const;
      for (const { seq, clickId } of await world.dataSource.getRepository(TrackerClick).findBy({ chatId })) {
        await world.dataSource
          .getRepository(TrackerPostback)
          .insert(
            Array.from({ length: 15 }, () => ({ ...duplicate, id: randomUUID(), clickId, clickSeq: seq })),
          );
      }
      expect(await erase(`chats/${chatId}/data`)).toBe(204);
      expect(await world.placesOf(chatId)).toEqual(['tracker_audit.subject_id', 'tracker_clicks.click_id']);
      const { body } = await world.admin('GET', `audit?subjectId=${chatId}`);
      expect(body['items']).toMatchObject([{ details: { postbacks: 3450 } }]);
    }, 60_000);
  });
});
