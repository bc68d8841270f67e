import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type AnyTrackerEvent, OnTrackerEvent } from 'nestjs-tracker-postbacks';
import { EventRelay } from '../libs/tracker-postbacks/src/events/event-relay';
import { RetentionStore } from '../libs/tracker-postbacks/src/retention/retention.store';
import { RetentionSweep } from '../libs/tracker-postbacks/src/retention/retention.sweep';
import { type TestApplication } from './setup/application';
import { TEST_ENGINE } from './setup/engines';
import { looksAreOver, stopLooking } from './setup/second-look';
import { startTenantHost, type TenantHost } from './tenant-host.fixture';

const DAY = 24 * 60 * 60 * 1000;
const START = Date.parse('2026-06-01T00:00:00Z');
let isFailing = false;

@Injectable()
class Handlers {
  @OnTrackerEvent('*', { name: 'everything' })
  all(event: AnyTrackerEvent): void {
    if (isFailing) throw new Error(`not now: ${event.id}`);
  }
}

describe('retention', () => {
  let world: TenantHost;
  let integrationId: string;
  let now = START;

  beforeAll(async () => {
    world = await startTenantHost({
      providers: [Handlers],
      options: {
        clock: { now: () => now },
        retention: { postbacksDays: 30, eventsDays: 7, batchSize: 4 },
        events: { retryDelayMs: 3_600_000, maxAttempts: 1_000 },
      },
    });
    integrationId = await world.newIntegration();
    await stopLooking(world.host.app);
  });
  beforeEach(async () => {
    now = START;
    isFailing = false;
    for (const table of ['postbacks', 'events', 'deliveries'])
      await world.sql(`DELETE FROM tracker_${table}`);
  });
  afterAll(() => world.stop());

  const send = (query: string) => world.sendTo(integrationId, query);
  const sweep = (application: TestApplication = world.host) => application.app.get(RetentionSweep).sweep();
  const handled = async (): Promise<void> => {
    world.host.app.get(EventRelay).wake();
    await world.host.app.get(EventRelay).idle();
  };
  const count = async (table: string): Promise<unknown> =>
    Number((await world.sql(`SELECT count(*) AS n FROM tracker_${table}`))[0]?.['n']);
  const counts = async (): Promise<unknown[]> => [
    await count('postbacks'),
    await count('events'),
    await count('deliveries'),
  ];

  it('deletes events and postbacks when they are old enough, and not a moment before', async () => {
    const clickId = await world.newClick();
    await send(`tracker.event=registration&clickid=${clickId}`);
    await send('tracker.event=&clickid=');
    await handled();
    expect(await counts()).toEqual([2, 1, 1]);
    now = START + 7 * DAY;
    expect(await sweep()).toEqual({ postbacks: 0, events: 0 });
    now += 1;
    expect(await sweep()).toEqual({ postbacks: 0, events: 1 });
    expect(await counts()).toEqual([2, 0, 0]);
    now = START + 30 * DAY;
    expect(await sweep()).toEqual({ postbacks: 0, events: 0 });
    now += 1;
    expect(await sweep()).toEqual({ postbacks: 2, events: 0 });
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('never deletes a conversion, so that nothing is counted again when its postback is long gone', async () => {
    const clickId = await world.newClick();
    const sale = `tracker.event=sale&tracker.cost=5&tracker.currency=usd&tracker.tid=1&clickid=${clickId}`;
    const conf = `tracker.event=conf&clickid=${clickId}`;
    const first = [await send(sale), await send(conf)];
    await handled();
    const { body: before } = await world.admin('GET', `conversions?clickId=${clickId}`);
    now = START + 400 * DAY;
    expect(await sweep()).toEqual({ postbacks: 2, events: 2 });
    const again = [await send(sale), await send(conf), await send(sale.replace('tid=1', 'tid=2'))];
    expect(again.map(({ body }) => [body['status'], body['code'], body['event']])).toEqual([
      ['duplicate', 'same_transaction', 'sale'],
      ['duplicate', 'once_per_click', 'conf'],
      ['accepted', 'ok', 'resale'],
    ]);
    expect(again[0]?.body['conversionId']).toBe(first[0]?.body['conversionId']);
    const { body: after } = await world.admin('GET', `conversions?clickId=${clickId}&event=sale&event=conf`);
    expect(after).toEqual(before);
  });

  it('keeps a postback whose event is still to be delivered, until it is', async () => {
    isFailing = true;
    await send(`tracker.event=registration&clickid=${await world.newClick()}`);
    await handled();
    now = START + 100 * DAY;
    expect(await sweep()).toEqual({ postbacks: 0, events: 0 });
    expect(await counts()).toEqual([1, 1, 1]);
    isFailing = false;
    await world.sql('UPDATE tracker_deliveries SET due_at = $1', Date.now());
    await handled();
    expect(await sweep()).toEqual({ postbacks: 1, events: 1 });
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('keeps what waits for its click while it waits, and what could not be judged', async () => {
    await send(`tracker.event=sale&clickid=${randomUUID()}`);
    await send(`tracker.event=sale&clickid=${randomUUID()}`);
    await handled();
    const [newest] = await world.sql('SELECT id FROM tracker_postbacks ORDER BY id DESC LIMIT 1');
    const until = START + 60 * DAY;
    await world.sql('UPDATE tracker_postbacks SET parked_until = $1 WHERE id = $2', until, newest?.['id']);
    await world.sql(
      `INSERT INTO tracker_postbacks (id, tenant_id, integration_id, status, code, method, target, received_at, retry_at)
       VALUES ('01800000-0000-7000-8000-000000000000', 'default', $1, 'deferred', 'judging_failed', 'GET', '/x', 0, 9e15)`,
      integrationId,
    );
    // Its waiting is over and it is not old yet: it keeps its row.
    now = START + 30 * DAY;
    expect(await sweep()).toMatchObject({ postbacks: 0 });
    expect(await count('postbacks')).toBe(3);
    now = START + 30 * DAY + 1;
    expect(await sweep()).toMatchObject({ postbacks: 1 });
    now = START + 60 * DAY;
    expect(await sweep()).toMatchObject({ postbacks: 1 });
    expect(await world.sql('SELECT status FROM tracker_postbacks')).toEqual([{ status: 'deferred' }]);
  });

  it('goes by when an event was recorded, not by when its postback came', async () => {
    const clickId = randomUUID();
    await send(`tracker.event=sale&clickid=${clickId}`);
    await looksAreOver(world.host.app);
    now = START + 29 * DAY;
    await world.sql('UPDATE tracker_postbacks SET parked_until = 9e15');
    const body = { clicks: [{ clickId, chatId: `chat-${clickId}` }] };
    expect((await world.admin('POST', 'clicks/register', { body })).body).toMatchObject({ rejudged: 1 });
    await handled();
    now = START + 29 * DAY + 6 * DAY;
    // The `unmatched` of the beginning is old, the sale is not; both go with their postback when that is.
    const other = await world.another({ options: { retention: { eventsDays: 7 } } });
    expect(await sweep(other)).toEqual({ postbacks: 0, events: 1 });
    await other.close();
    expect(await world.sql('SELECT name FROM tracker_events')).toEqual([{ name: 'sale' }]);
    expect(await sweep()).toEqual({ postbacks: 1, events: 0 });
    expect(await counts()).toEqual([0, 0, 0]);
  });

  it('works through any number of rows in small batches, over those that have to stay', async () => {
    isFailing = true;
    const clickId = await world.newClick();
    for (let n = 0; n < 10; n += 1) {
      await send(`tracker.event=resale&tracker.tid=${n}&clickid=${clickId}`);
    }
    await handled();
    isFailing = false;
    for (let n = 0; n < 30; n += 1) await send(`tracker.event=&clickid=${n}`);
    const store = world.host.app.get(RetentionStore);
    const original = store.deletePostbacks.bind(store);
    const deleted: number[] = [];
    store.deletePostbacks = async (...given) => {
      const window = await original(...given);
      deleted.push(window.deleted);
      return window;
    };
    now = START + 100 * DAY;
    expect(await sweep()).toEqual({ postbacks: 30, events: 0 });
    store.deletePostbacks = original;
    expect(Math.max(...deleted)).toBeLessThanOrEqual(4);
    expect(deleted.length).toBeGreaterThan(8);
    expect(await count('postbacks')).toBe(10);
    await world.sql("UPDATE tracker_deliveries SET status = 'done'");
    expect(await sweep()).toEqual({ postbacks: 10, events: 10 });
  });

  // SQLite locks no rows: whoever writes has the database to himself.
  const itLocks = TEST_ENGINE === 'sqlite' ? it.skip : it;
  itLocks('neither waits for a row that somebody is at nor makes intake wait', async () => {
    const clickId = await world.newClick();
    for (let n = 0; n < 3; n += 1) await send(`tracker.event=&clickid=${clickId}&n=${n}`);
    now = START + 100 * DAY;
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query('SELECT id FROM tracker_postbacks ORDER BY id LIMIT 1 FOR UPDATE');
      expect(await sweep()).toMatchObject({ postbacks: 2 });
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
    expect((await send(`tracker.event=sale&clickid=${clickId}`)).status).toBe(200);
    expect(await sweep()).toMatchObject({ postbacks: 1 });
  });

  it('of two instances deletes every row once', async () => {
    const other = await world.another();
    try {
      for (let n = 0; n < 24; n += 1) await send(`tracker.event=&clickid=${n}`);
      now = START + 100 * DAY;
      let total = 0;
      while ((await count('postbacks')) !== 0) {
        const swept = await Promise.all([sweep(), sweep(other)]);
        total += swept.reduce((sum, { postbacks }) => sum + postbacks, 0);
      }
      expect(total).toBe(24);
    } finally {
      await other.close();
    }
  });

  it('sweeps by itself, and stops with the application', async () => {
    await send('tracker.event=&clickid=1');
    now = START + 100 * DAY;
    const other = await world.another({ options: { retention: { postbacksDays: 30, sweepIntervalMs: 5 } } });
    while ((await count('postbacks')) !== 0) await new Promise((resolve) => setImmediate(resolve));
    const spy = jest.spyOn(other.app.get(RetentionStore), 'deletePostbacks');
    await other.close();
    const calls = spy.mock.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(spy.mock.calls).toHaveLength(calls);
  });

  it('without days keeps everything', async () => {
    await send('tracker.event=&clickid=1');
    now = START + 10_000 * DAY;
    const other = await world.another({ options: { retention: {} } });
    expect(await sweep(other)).toEqual({ postbacks: 0, events: 0 });
    await other.close();
    expect(await count('postbacks')).toBe(1);
  });

  it.each([
    ['postbacksDays', 0],
    ['eventsDays', -1],
    ['batchSize', Number.NaN],
    ['sweepIntervalMs', Infinity],
  ])('refuses at boot what would delete everything: %s = %p', async (name, value) => {
    await expect(world.another({ options: { retention: { [name]: value } } })).rejects.toMatchObject({
      code: 'retention_invalid',
      message: expect.stringContaining(name),
    });
  });
});
