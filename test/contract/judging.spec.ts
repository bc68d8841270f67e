import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { TrackerCorrections, TrackerConversion } from 'nestjs-tracker-postbacks';
import { failureOf } from '../../libs/tracker-postbacks/src/database/database-error';
import { JudgingService } from '../../libs/tracker-postbacks/src/postbacks/judging.service';
import { PostbackStore } from '../../libs/tracker-postbacks/src/postbacks/postback-store';
import { classOf, tidKeyOf } from '../../libs/tracker-postbacks/src/rules/event-class.rule';
import { startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm, type Reply } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { ENGINES } from '../setup/engines';
import { Gate } from '../setup/gate';
import { sqlOn } from '../setup/sql';

/** What a database says no to, and what becomes of the batch, from the wire to the row. */
describe.each(ENGINES)('a batch on %s', (engine) => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;
  let store: PostbackStore;
  let failures: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    application = await startApplication(database, { options: { intake: { concurrency: 1 } } });
    crm = await createCrm(application);
    store = application.app.get(PostbackStore);
    const write = store.write.bind(store);
    store.write = async (batch) => {
      try {
        return await write(batch);
      } catch (error) {
        failures.push(failureOf(error));
        throw error;
      }
    };
  });
  beforeEach(() => {
    failures = [];
  });
  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const sql = (statement: string, ...parameters: readonly unknown[]): Promise<Record<string, unknown>[]> =>
    sqlOn(application.app.get(DataSource), statement, ...parameters);
  const deposits = (clickId: string): Promise<Record<string, unknown>[]> =>
    sql('SELECT event, tid FROM tracker_conversions WHERE click_id = $1', clickId);

  /** Sends all of them into one batch: another one is held until they are in the queue behind it. */
  async function together(...queries: readonly string[]): Promise<readonly Reply[]> {
    const judging = application.app.get(JudgingService);
    const [held, queued] = [new Gate(), new Gate()];
    queued.release();
    const write = store.write.bind(store);
    const read = judging.read.bind(judging);
    store.write = async (batch) => {
      store.write = write;
      await held.pass();
      return write(batch);
    };
    const first = crm.send('tracker.event=registration&clickid=nobody');
    await held.waiting(1);
    judging.read = (...given) => {
      void queued.pass();
      return read(...given);
    };
    const arrived = queries.map((query) => crm.send(query));
    // What is read goes into the queue at once.
    await queued.waiting(queries.length);
    judging.read = read;
    let size = 0;
    store.write = (batch) => {
      size = Math.max(size, batch.postbacks.length);
      return write(batch);
    };
    held.release();
    await first;
    const replies = await Promise.all(arrived);
    store.write = write;
    expect(size).toBe(queries.length);
    return replies;
  }

  /** The unique key says no to a sale with this tid, whatever the history says. */
  async function poisoned(tid: string): Promise<string> {
    const clickId = await crm.newClick();
    const [click] = await sql('SELECT seq, chat_id FROM tracker_clicks WHERE click_id = $1', clickId);
    await application.app
      .get(DataSource)
      .getRepository(TrackerConversion)
      .insert({
        id: randomUUID(),
        tenantId: 'default',
        integrationId: crm.integrationId,
        clickSeq: String(click?.['seq']),
        clickId,
        chatId: String(click?.['chat_id']),
        event: 'registration',
        reportedEvent: 'registration',
        ordinal: 1,
        tid: 'another',
        tidKey: tidKeyOf(crm.integrationId, classOf('sale'), tid),
        requestHash: 'h',
        fields: {},
        receivedAt: new Date(0),
        postbackId: randomUUID(),
      });
    return clickId;
  }

  it('keeps the raw row of the one that the database refuses, and stores its neighbours', async () => {
    const bad = await poisoned('77');
    const good = [await crm.newClick(), await crm.newClick(), await crm.newClick()];
    const clicks = [good[0], bad, good[1], good[2]];
    const replies = await together(
      ...clicks.map((clickId) => `tracker.event=sale&tracker.tid=77&clickid=${clickId}`),
    );
    expect(replies.map(({ status, body }) => [status, body['status'], body['code']])).toEqual([
      [200, 'accepted', 'ok'],
      [200, 'deferred', 'judging_failed'],
      [200, 'accepted', 'ok'],
      [200, 'accepted', 'ok'],
    ]);
    expect(failures).toEqual(expect.arrayContaining(['data']));
    for (const clickId of good) expect(await deposits(clickId)).toEqual([{ event: 'sale', tid: '77' }]);
    expect(await deposits(bad)).toEqual([{ event: 'registration', tid: 'another' }]);
    const [kept] = await sql(
      'SELECT status, target FROM tracker_postbacks WHERE id = $1',
      replies[1]?.body['postbackId'],
    );
    expect(kept).toEqual({
      status: 'deferred',
      target: `/api/postbacks/${crm.integrationId}/tracker-postback?tracker.event=sale&tracker.tid=77&clickid=${bad}`,
    });

    await sql('UPDATE tracker_conversions SET tid_key = NULL WHERE click_id = $1', bad);
    const replayed = await application.app
      .get(TrackerCorrections)
      .replay(String(replies[1]?.body['postbackId']));
    expect(replayed).toMatchObject({ changed: true, after: { status: 'accepted', event: 'sale' } });
  });

  it('of texts that no database takes as they are is stored, the texts cleaned', async () => {
    const clickId = await crm.newClick();
    const odd = 'a%00b%F0%9F%98%80%27%22%5C%25_%E2%80%A8é'.replace('é', '%C3%A9');
    const replies = await together(
      `tracker.event=sale&tracker.tid=${odd}&clickid=${clickId}&fields.name=${odd}&x=%ED%A0%80`,
      `tracker.event=sale&tracker.tid=1&clickid=${await crm.newClick()}`,
    );
    expect(replies.map(({ body }) => body['status'])).toEqual(['accepted', 'accepted']);
    expect(failures).toEqual([]);
    const clean = 'ab😀\'"\\%_\u2028é';
    expect(await deposits(clickId)).toEqual([{ event: 'sale', tid: clean }]);
    const [event] = await sql('SELECT payload FROM tracker_events WHERE payload LIKE $1', `%${clickId}%`);
    expect(JSON.parse(String(event?.['payload']))).toMatchObject({ tid: clean, fields: { name: clean } });
  });

  it('of ids that differ in a blank, a case or an accent counts each for itself', async () => {
    const ids = ['AbC', 'abc', 'AbC ', 'ÁbC', 'Ábc', 'ábc😀', 'ábc😁'];
    const clickId = await crm.newClick();
    const replies = await together(
      ...ids.map(
        (tid) => `tracker.event=resale&tracker.tid=${encodeURIComponent(`x${tid}x`)}&clickid=${clickId}`,
      ),
    );
    expect(replies.map(({ body }) => body['status'])).toEqual(ids.map(() => 'accepted'));
    const again = await together(
      ...ids.map(
        (tid) => `tracker.event=resale&tracker.tid=${encodeURIComponent(`x${tid}x`)}&clickid=${clickId}`,
      ),
    );
    expect(again.map(({ body }) => body['code'])).toEqual(ids.map(() => 'same_transaction'));
    expect(new Set((await deposits(clickId)).map(({ tid }) => tid))).toEqual(
      new Set(ids.map((id) => `x${id}x`)),
    );
  });

  it('is sent again when another transaction was in the way', async () => {
    const clickId = await crm.newClick();
    const write = store.write.bind(store);
    let left = 2;
    store.write = (batch) =>
      left-- > 0
        ? Promise.reject(Object.assign(new Error('Deadlock found'), CONFLICTS[engine]))
        : write(batch);
    const reply = await crm.send(`tracker.event=sale&clickid=${clickId}`);
    store.write = write;
    expect(reply.body).toMatchObject({ status: 'accepted' });
    expect(left).toBe(-1);
  });
});

const CONFLICTS = {
  postgres: { code: '40P01' },
  mysql: { code: 'ER_LOCK_DEADLOCK', errno: 1213, sqlState: '40001' },
  sqlite: { code: 'SQLITE_BUSY' },
} as const;
