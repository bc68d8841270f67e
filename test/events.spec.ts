import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type AnyTrackerEvent,
  OnTrackerEvent,
  type TrackerConversionEvent,
  TrackerEventEmitter,
  type TrackerHandlerContext,
} from 'nestjs-tracker-postbacks';
import { EventRelay } from '../libs/tracker-postbacks/src/events/event-relay';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { sqlOn } from './setup/sql';

interface Call {
  readonly handler: string;
  readonly event: string;
  readonly clickId: string | null;
  readonly attempt: number;
}

/** What every handler of these specs writes down, and a way to wait for it. */
class Journal {
  readonly calls: Call[] = [];
  private waiting: { readonly holds: () => boolean; readonly tell: () => void }[] = [];

  add(handler: string, event: AnyTrackerEvent): void {
    const clickId = 'clickId' in event ? event.clickId : null;
    this.calls.push({ handler, event: event.name, clickId, attempt: event.attempt });
    this.waiting = this.waiting.filter(({ holds, tell }) => {
      if (!holds()) return true;
      tell();
      return false;
    });
  }

  of(clickId: string, handler?: string): string[] {
    return this.calls
      .filter((call) => call.clickId === clickId && (handler === undefined || call.handler === handler))
      .map(
        ({ handler: name, event, attempt }) =>
          (handler === undefined ? `${name}:` : '') + `${event}/${attempt}`,
      );
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((tell) => {
      if (holds()) tell();
      else this.waiting.push({ holds, tell });
    });
  }
}

const journal = new Journal();
/** Clicks whose registration fails at first, and how often. */
const failing = new Map<string, number>();

@Injectable()
class Flaky {
  @OnTrackerEvent(['registration', 'sale'], { name: 'flaky' })
  async handle(event: TrackerConversionEvent): Promise<void> {
    journal.add('flaky', event);
    if (event.name === 'registration' && event.attempt <= (failing.get(event.clickId) ?? 0))
      throw new Error('not yet');
    return Promise.resolve();
  }
}

@Injectable()
class Steady {
  @OnTrackerEvent(['registration', 'sale'])
  handle(event: TrackerConversionEvent, { signal, attempt }: TrackerHandlerContext): void {
    if (signal.aborted || attempt !== event.attempt) throw new Error('a wrong context');
    journal.add('steady', event);
  }

  @OnTrackerEvent('resale#2')
  second(event: TrackerConversionEvent): void {
    journal.add('second', event);
  }

  @OnTrackerEvent('*')
  everything(event: AnyTrackerEvent): void {
    journal.add('everything', event);
  }
}

describe('events reach handlers at least once and in order', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, {
      providers: [Flaky, Steady],
      options: { events: { retryDelayMs: 1, pollIntervalMs: 20, maxAttempts: 5 } },
    });
    crm = await createCrm(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const deliveries = (clickId: string): Promise<{ handler: string; status: string; attempts: number }[]> =>
    sqlOn(
      application.app.get(DataSource),
      `SELECT d.handler, e.name, d.status, d.attempts, d.errors FROM tracker_deliveries d JOIN tracker_events e ON e.id = d.event_id
       WHERE e.payload LIKE $1 ORDER BY d.handler, e.seq`,
      `%"clickId":"${clickId}"%`,
    );

  it('runs a handler that throws twice a third time, the others once, and holds back later events of that click', async () => {
    const clickId = await crm.newClick();
    const other = await crm.newClick();
    failing.set(clickId, 2);
    await crm.send(`tracker.event=registration&clickid=${clickId}`);
    await crm.send(`tracker.event=sale&clickid=${clickId}`);
    await crm.send(`tracker.event=registration&clickid=${other}`);
    await journal.until(
      () => journal.of(clickId, 'flaky').length === 4 && journal.of(other, 'flaky').length === 1,
    );

    expect(journal.of(clickId, 'flaky')).toEqual([
      'registration/1',
      'registration/2',
      'registration/3',
      'sale/1',
    ]);
    await journal.until(() => journal.of(clickId, 'steady').length === 2);
    expect(journal.of(clickId, 'steady')).toEqual(['registration/1', 'sale/1']);
    await journal.until(() => journal.of(clickId, 'everything').length === 2);
    expect(journal.of(clickId, 'everything')).toEqual(['registration/1', 'sale/1']);
  });

  it('parks a delivery that keeps failing, with its errors, and goes on with the later ones', async () => {
    const clickId = await crm.newClick();
    failing.set(clickId, 99);
    await crm.send(`tracker.event=registration&clickid=${clickId}`);
    await journal.until(() => journal.of(clickId, 'flaky').length === 5);
    await crm.send(`tracker.event=sale&clickid=${clickId}`);
    await journal.until(() => journal.of(clickId, 'flaky').includes('sale/1'));
    await application.app.get(EventRelay).idle();
    const rows = (await deliveries(clickId)).filter(({ handler }) => handler === 'flaky');
    expect(rows).toMatchObject([
      { status: 'parked', attempts: 5, errors: expect.stringContaining('not yet') },
      { status: 'done', attempts: 1 },
    ]);
  });

  it('hands resale#2 to its handler and nothing else of that click', async () => {
    const clickId = await crm.newClick();
    for (const tid of [1, 2, 3]) await crm.send(`tracker.event=resale&tracker.tid=${tid}&clickid=${clickId}`);
    await journal.until(
      () => journal.of(clickId, 'everything').length === 3 && journal.of(clickId, 'second').length > 0,
    );
    await application.app.get(EventRelay).idle();
    expect(journal.of(clickId, 'second')).toEqual(['resale/1']);
  });

  it('tells an alarm of postbacks without a click', async () => {
    await crm.send('tracker.event=sale&clickid=nobody-knows-it');
    await journal.until(() =>
      journal.calls.some(({ event, handler }) => event === 'unmatched' && handler === 'everything'),
    );
    expect(journal.of('nobody-knows-it')).toContain('everything:unmatched/1');
  });

  it('runs a handler registered later, from its registration on or from the beginning', async () => {
    const emitter = application.app.get(TrackerEventEmitter);
    const before = await crm.newClick();
    await crm.send(`tracker.event=vip&clickid=${before}`);
    await emitter.handle(
      'vip',
      (event) => {
        journal.add('late', event);
      },
      { name: 'late' },
    );
    await emitter.handle(
      'vip',
      (event) => {
        journal.add('all', event);
      },
      { name: 'all', from: 'beginning' },
    );
    const after = await crm.newClick();
    await crm.send(`tracker.event=vip&clickid=${after}`);
    await journal.until(
      () => journal.of(after, 'late').length === 1 && journal.of(after, 'all').length === 1,
    );
    expect(journal.of(before, 'late')).toEqual([]);
    expect(journal.of(before, 'all')).toEqual(['vip/1']);
  });

  it('refuses two handlers of one name and targets that are no event', async () => {
    const emitter = application.app.get(TrackerEventEmitter);
    await expect(emitter.handle('sale', () => undefined, { name: 'flaky' })).rejects.toThrow(
      /Two tracker handlers/,
    );
    await expect(emitter.handle('No Event', () => undefined, { name: 'x' })).rejects.toThrow(
      /names the event/,
    );
  });

  it('survives what cannot be put into words', async () => {
    const emitter = application.app.get(TrackerEventEmitter);
    const clickId = await crm.newClick();
    const odd = (): never => {
      const unspeakable = Object.create(null) as Error;
      throw unspeakable;
    };
    await emitter.handle('odd', odd, { name: 'odd' });
    emitter.once('odd', odd);
    await crm.send(`tracker.event=odd&clickid=${clickId}`);
    await journal.until(() => journal.of(clickId, 'everything').length === 1);
    let rows = await deliveries(clickId);
    while (rows.some(({ status }) => status === 'pending')) {
      // SQLite answers before anybody else has a turn.
      await new Promise((resolve) => setImmediate(resolve));
      rows = await deliveries(clickId);
    }
    expect(rows.filter(({ handler }) => handler === 'odd')).toMatchObject([
      { status: 'parked', attempts: 5 },
    ]);
  });

  it('keeps listeners apart: one that throws harms neither the postback nor the others', async () => {
    const emitter = application.app.get(TrackerEventEmitter);
    const clickId = await crm.newClick();
    emitter.once('sale', () => {
      throw new Error('a listener');
    });
    emitter.once('sale', () => Promise.reject(new Error('a late listener')));
    const heard = emitter.waitFor('conversion', {
      filter: (event) => event.clickId === clickId,
      timeoutMs: 5000,
    });
    const reply = await crm.send(`tracker.event=sale&clickid=${clickId}`);
    expect(reply.body['status']).toBe('accepted');
    expect((await heard).name).toBe('sale');
  });
});

describe('events wait for a process that has handlers', () => {
  it('gives a worker that starts later what was recorded before any handler was known', async () => {
    const database = await createTestDatabase();
    const web = await startApplication(database);
    const crm = await createCrm(web);
    const clickId = await crm.newClick();
    await crm.send(`tracker.event=registration&clickid=${clickId}`);

    const worker = await startApplication(database, { providers: [Steady] });
    await journal.until(() => journal.of(clickId, 'steady').length === 1);
    // The web process has no handler of its own and still gives the worker its work.
    await crm.send(`tracker.event=sale&clickid=${clickId}`);
    await journal.until(() => journal.of(clickId, 'steady').length === 2);
    expect(journal.of(clickId, 'steady')).toEqual(['registration/1', 'sale/1']);
    await worker.close();
    await web.close();
    await database.drop();
  });
});
