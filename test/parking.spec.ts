import { DataSource } from 'typeorm';
import { TrackerClicks } from 'nestjs-tracker-postbacks';
import { databaseNow } from '../libs/tracker-postbacks/src/database/database-clock';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { SecondLook } from '../libs/tracker-postbacks/src/postbacks/second-look';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { sqlOn } from './setup/sql';
import { Gate } from './setup/gate';
import { looksAreOver, stopLooking } from './setup/second-look';

describe('a parked postback', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database);
    crm = await createCrm(application);
    await stopLooking(application.app);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const query = <R>(sql: string, parameters: readonly unknown[]): Promise<R[]> =>
    sqlOn<R & Record<string, unknown>>(application.app.get(DataSource), sql, ...parameters);
  const statuses = async (clickId: string): Promise<string[]> =>
    (
      await query<{ status: string }>(
        'SELECT status FROM tracker_postbacks WHERE click_id = $1 ORDER BY id',
        [clickId],
      )
    ).map(({ status }) => status);
  /** A click that nobody announces, as if the process had died right after storing it. */
  const storedInSilence = (clickId: string): Promise<unknown> =>
    query(
      `INSERT INTO tracker_clicks (tenant_id, click_id, chat_id, source, created_at) VALUES ('default', $1, 'c', 'registered', 0)`,
      [clickId],
    );

  it('is judged when its click is registered, and register says so', async () => {
    const { body } = await crm.send('tracker.event=sale&clickid=late-1&tracker.tid=1');
    expect(body).toMatchObject({ status: 'unmatched', code: 'click_unknown' });
    await looksAreOver(application.app);
    const registered = await application.app
      .get(TrackerClicks)
      .register({ clickId: 'late-1', chatId: 'chat' });
    expect(registered).toEqual({ registered: 1, alreadyKnown: 0, conflicts: [], rejudged: 1 });
    expect(await statuses('late-1')).toEqual(['accepted']);
  });

  it('is not lost when the click is registered between its look and its commit', async () => {
    const store = application.app.get(PostbackStore);
    const write = store.write.bind(store);
    const gate = new Gate();
    store.write = async (batch) => {
      store.write = write;
      await gate.pass();
      return write(batch);
    };
    const reply = crm.send('tracker.event=sale&clickid=late-2&tracker.tid=1');
    await gate.waiting(1);
    // Nothing is parked yet: this registration wakes nobody.
    const { rejudged } = await application.app
      .get(TrackerClicks)
      .register({ clickId: 'late-2', chatId: 'chat' });
    expect(rejudged).toBe(0);
    gate.release();
    expect((await reply).body).toMatchObject({ status: 'unmatched' });
    await looksAreOver(application.app);
    expect(await statuses('late-2')).toEqual(['accepted']);
  });

  it('is found by the sweep when the wake-up was swallowed by a crash', async () => {
    await crm.send('tracker.event=sale&clickid=late-3&tracker.tid=1');
    await crm.send('tracker.event=sale&clickid=a+b&tracker.tid=1');
    await crm.send('tracker.event=sale&clickid=never&tracker.tid=1');
    await looksAreOver(application.app);
    await storedInSilence('late-3');
    await storedInSilence('a+b');
    expect(await application.app.get(SecondLook).sweep()).toBe(2);
    expect(await statuses('late-3')).toEqual(['accepted']);
    expect(await statuses('a+b')).toEqual(['accepted']);
    expect(await statuses('never')).toEqual(['unmatched']);
    expect(await application.app.get(SecondLook).sweep()).toBe(0);
  });

  it('waits 30 days and no longer', async () => {
    await crm.send('tracker.event=sale&clickid=late-4');
    await looksAreOver(application.app);
    await query(`UPDATE tracker_postbacks SET parked_until = 1 WHERE click_id = $1`, ['late-4']);
    await storedInSilence('late-4');
    expect(await application.app.get(SecondLook).sweep()).toBe(0);
    expect(await statuses('late-4')).toEqual(['unmatched']);
  });
});

describe('a parked postback of a host that keeps its click ids elsewhere', () => {
  it('has the resolver asked again at growing intervals, and at once when the host announces the click', async () => {
    const database = await createTestDatabase();
    const known = new Map<string, { chatId: string }>();
    const asked: string[] = [];
    const application = await startApplication(database, {
      options: {
        clickResolver: {
          resolve: (ids) => {
            asked.push(...ids.map(({ clickId }) => clickId));
            return Promise.resolve(known);
          },
        },
      },
    });
    const crm = await createCrm(application);
    const look = application.app.get(SecondLook);
    await stopLooking(application.app);
    const dataSource = application.app.get(DataSource);
    const wait = async (): Promise<number> => {
      const [row] = await sqlOn(
        dataSource,
        `SELECT retry_at - ${databaseNow(database.engine)} AS wait FROM tracker_postbacks WHERE click_id = 'host-1'`,
      );
      await dataSource.query(`UPDATE tracker_postbacks SET retry_at = 0 WHERE retry_at IS NOT NULL`);
      return Math.round(Number(row?.['wait'] ?? -1000) / 1000);
    };

    await crm.send('tracker.event=sale&clickid=host-1');
    await looksAreOver(application.app);
    const waits = [await wait()];
    for (let round = 0; round < 10; round++) {
      await look.retryDue();
      waits.push(await wait());
    }
    expect(waits.slice(0, 4)).toEqual([10, 20, 40, 80]);
    expect(waits.at(-1)).toBe(3600);
    expect(asked).toHaveLength(11);

    const { clickKey } = await import('nestjs-tracker-postbacks');
    known.set(clickKey('default', 'host-1'), { chatId: 'chat-7' });
    expect(await application.app.get(TrackerClicks).announce(['host-1'])).toEqual({ rejudged: 1 });
    const [row] = await dataSource.query(
      `SELECT status, chat_id FROM tracker_postbacks WHERE click_id = 'host-1'`,
    );
    expect(row).toEqual({ status: 'accepted', chat_id: 'chat-7' });
    await application.close();
    await database.drop();
  });
});
