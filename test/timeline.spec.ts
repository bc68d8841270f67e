import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  OnTrackerEvent,
  TrackerClickTimeline,
  TrackerConversion,
  TrackerCorrections,
  TrackerDelivery,
  TrackerPostback,
} from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';

@Injectable()
class Chat {
  @OnTrackerEvent('*', { name: 'Chat.write' })
  write(): void {
    /* what the CRM would do */
  }
}

/** What an entry of a timeline is about, in one line. */
const line = (entry: Record<string, any>): string => {
  switch (entry['kind']) {
    case 'postback':
      return `postback ${entry['postback'].status} ${entry['postback'].code}`;
    case 'conversion':
      return `conversion ${entry['conversion'].event} ${entry['conversion'].ordinal}${entry['reason'] === null ? '' : ` (${entry['reason']})`}`;
    case 'conversion_reversed':
    case 'conversion_voided':
      return `${entry['kind']} ${entry['conversion'].event} ${entry['conversion'].ordinal}`;
    case 'fields':
      return `fields ${JSON.stringify(entry['fields'])}`;
    case 'event':
      return `event ${entry['event'].name}`;
    case 'delivery':
      return `delivery ${entry['event'].name} ${entry['delivery'].handler} ${entry['delivery'].status}`;
    default:
      return entry['kind'];
  }
};

describe.each(ADAPTERS)('the timeline of a click over HTTP on %s', (adapter) => {
  let database: TestDatabase;
  let host: TestApplication;
  let crm: Crm;
  let now = Date.UTC(2026, 10, 1);

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database, {
      adapter,
      providers: [Chat],
      options: {
        clock: { now: () => (now += 1_000) },
        tenant: (req) => (req as { headers: Record<string, string> }).headers['x-tenant'] ?? 'default',
      },
    });
    crm = await createCrm(host, { eventMap: { chargeback: 'reversal' } });
  });
  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  const get = (clickId: string, query = '', headers: Record<string, string> = {}) =>
    request(`${host.url}/api/tracker/clicks/${encodeURIComponent(clickId)}/timeline${query}`, { headers });
  /** Until handlers are through with what was sent. */
  const settled = async (): Promise<void> => {
    const deliveries = host.app.get(DataSource).getRepository(TrackerDelivery);
    while ((await deliveries.countBy({ status: 'pending' })) > 0) await new Promise((r) => setTimeout(r, 20));
  };

  it('tells everything, oldest first, cause before effect', async () => {
    const clickId = await crm.newClick();
    const send = (query: string) => crm.send(`clickid=${clickId}&${query}`);
    await send('tracker.event=registration&fields.user_id=5');
    await send('tracker.event=sale&tracker.cost=10&tracker.currency=usd&tracker.tid=a');
    const again = await send('tracker.event=sale&tracker.cost=10&tracker.currency=usd&tracker.tid=a');
    await send('tracker.event=registration&fields.user_id=6');
    await send('tracker.event=chargeback&tracker.tid=a');
    await send('tracker.event=error');
    await host.app.get(TrackerCorrections).count(again.body['postbackId'], 'paid twice');
    await settled();

    const { status, body } = await get(clickId);
    expect(status).toBe(200);
    expect(body).toMatchObject({ clickId, nextCursor: null });
    const items: Record<string, any>[] = body['items'];
    // Handlers finish by the database's clock, years from the clock of this test: after everything that they follow.
    expect(items.filter(({ kind }) => kind !== 'delivery').map(line)).toEqual([
      'click',
      'postback accepted ok',
      'conversion registration 1',
      'fields {"user_id":"5"}',
      'event registration',
      'postback accepted ok',
      'conversion sale 1',
      'event sale',
      'postback accepted ok',
      'conversion sale 2 (paid twice)',
      'postback duplicate once_per_click',
      'fields {"user_id":"6"}',
      'event fields',
      'postback accepted ok',
      'conversion_reversed sale 1',
      'event reversal',
      'postback rejected event_invalid',
      'event sale',
    ]);
    expect(items.filter(({ kind }) => kind === 'delivery').map(line)).toEqual([
      'delivery registration Chat.write done',
      'delivery sale Chat.write done',
      'delivery fields Chat.write done',
      'delivery reversal Chat.write done',
      'delivery sale Chat.write done',
    ]);
    const times = items.map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const { at, postback } of items) if (postback !== null) expect(at).toBe(postback.receivedAt);
    await expect(host.app.get(TrackerClickTimeline).of(clickId)).resolves.toEqual(body);
  });

  it('comes page by page, everything once', async () => {
    const clickId = await crm.newClick();
    for (let n = 0; n < 5; n += 1) await crm.send(`tracker.event=resale&clickid=${clickId}&tracker.tid=${n}`);
    await settled();
    const whole = (await get(clickId)).body['items'] as Record<string, any>[];
    expect(whole).toHaveLength(1 + 5 * 4);
    const seen: Record<string, any>[] = [];
    let cursor: string | null = '';
    let pages = 0;
    while (cursor !== null) {
      const { body }: { body: Record<string, any> } = await get(
        clickId,
        `?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...body['items']);
      cursor = body['nextCursor'];
      pages += 1;
    }
    expect(pages).toBe(3);
    const key = (entry: Record<string, any>): string => JSON.stringify(entry);
    expect(seen.map(key).toSorted()).toEqual(whole.map(key).toSorted());
  });

  it('is there for an id that no click has yet', async () => {
    const clickId = 'waits for: ä/?';
    await crm.send(`tracker.event=sale&clickid=${encodeURIComponent(clickId)}`);
    await settled();
    const { body } = await get(clickId);
    expect(body['items'].map(line)).toEqual([
      'postback unmatched click_unknown',
      'event unmatched',
      'delivery unmatched Chat.write done',
    ]);
  });

  it('keeps conversions whose postbacks are kept no longer', async () => {
    const clickId = await crm.newClick();
    const { body: sent } = await crm.send(`tracker.event=sale&clickid=${clickId}`);
    await settled();
    await host.app.get(DataSource).getRepository(TrackerPostback).delete({ id: sent['postbackId'] });
    expect((await get(clickId)).body['items'].map(line)).toEqual([
      'click',
      'conversion sale 1',
      'event sale',
      'delivery sale Chat.write done',
    ]);
  });

  it('shows what a replay replaced', async () => {
    const clickId = await crm.newClick();
    const { body: sent } = await crm.send(`tracker.event=resale&clickid=${clickId}&tracker.tid=v`);
    const conversions = host.app.get(DataSource).getRepository(TrackerConversion);
    await conversions.update({ id: sent['conversionId'] }, { voidedAt: new Date(now), tidKey: null });
    await settled();
    const lines = (await get(clickId)).body['items'].map(line);
    expect(lines.indexOf('conversion_voided resale 1')).toBeGreaterThan(lines.indexOf('conversion resale 1'));
  });

  it('belongs to one tenant, and is 404 where nothing is known', async () => {
    const clickId = await crm.newClick();
    await crm.send(`tracker.event=sale&clickid=${clickId}`);
    expect((await get(clickId, '', { 'x-tenant': 'other' })).status).toBe(404);
    expect(await get('nobody')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it.each([
    ['an unknown name', '?page=2', 'page'],
    ['no number', '?limit=all', 'limit'],
    ['no cursor', '?cursor=x', 'cursor'],
  ])('refuses %s', async (_, query, field) => {
    const clickId = await crm.newClick();
    expect(await get(clickId, query)).toMatchObject({ status: 400, body: { details: [{ field }] } });
  });
});
