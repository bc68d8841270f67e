import { randomUUID } from 'node:crypto';
import { TrackerConversion, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { DataSource } from 'typeorm';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { type TestEngine } from './setup/engines';
import { Gate } from './setup/gate';
import { sqlOn } from './setup/sql';

/** A migration that changes what the hot path reads, and back. */
const MIGRATIONS: Readonly<Record<TestEngine, readonly [string, string]>> = {
  postgres: [
    'ALTER TABLE tracker_clicks ALTER chat_id TYPE varchar(300)',
    'ALTER TABLE tracker_clicks ALTER chat_id TYPE varchar(255)',
  ],
  mysql: [
    'ALTER TABLE tracker_clicks MODIFY campaign_id varchar(300)',
    'ALTER TABLE tracker_clicks MODIFY campaign_id varchar(255)',
  ],
  sqlite: [
    'ALTER TABLE tracker_clicks ADD COLUMN later varchar(10)',
    'ALTER TABLE tracker_clicks DROP COLUMN later',
  ],
};

/**
 * Two application instances on one database. The gate holds each instance after it has read the history and before it
 * writes, so that both have judged on the same past: the worst interleaving there is.
 */
describe('postbacks race through two instances', () => {
  let database: TestDatabase;
  let instances: [TestApplication, TestApplication];
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    // What is raced for here is the verdict, not the time in which a busy machine reaches it.
    const options = { intake: { timeoutMs: 30_000 } };
    instances = [
      await startApplication(database, { options }),
      await startApplication(database, { options }),
    ];
    crm = await createCrm(instances[0]);
  });

  afterAll(async () => {
    for (const instance of instances) await instance.close();
    await database.drop();
  });

  const sendTo = (instance: number, query: string): Promise<Reply> =>
    request(`${instances[instance]?.url ?? ''}/api/postbacks/${crm.integrationId}/tracker-postback?${query}`);

  /** Sends each query to the instance of its position, all judged before any is written. */
  async function race(...queries: readonly string[]): Promise<Reply[]> {
    const gate = new Gate();
    const restore = instances.map(({ app }) => {
      const store = app.get(PostbackStore);
      const write = store.write.bind(store);
      let first = true;
      store.write = async (batch) => {
        if (first) {
          first = false;
          await gate.pass();
        }
        return write(batch);
      };
      return () => {
        store.write = write;
      };
    });
    try {
      const replies = queries.map((query, index) => sendTo(index % 2, query));
      await gate.waiting(Math.min(2, queries.length));
      gate.release();
      return await Promise.all(replies);
    } finally {
      for (const undo of restore) undo();
    }
  }

  const sql = (statement: string, ...parameters: readonly unknown[]): Promise<Record<string, unknown>[]> =>
    sqlOn(instances[0].app.get(DataSource), statement, ...parameters);
  const recorded = async (clickId: string): Promise<string[]> => {
    const rows = await sql(
      'SELECT event, ordinal FROM tracker_conversions WHERE click_id = $1 ORDER BY event DESC, ordinal',
      clickId,
    );
    return rows.map(({ event, ordinal }) => `${String(event)}#${String(ordinal)}`);
  };

  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['two identical postbacks make one conversion', ['sale&tracker.tid=1', 'sale&tracker.tid=1'], ['sale#1']],
    ['two identical tid-less sales make one', ['sale', 'sale'], ['sale#1']],
    ['two identical registrations make one', ['registration', 'registration'], ['registration#1']],
    [
      'sales with different tids make sale#1 and resale#1',
      ['sale&tracker.tid=1', 'sale&tracker.tid=2'],
      ['sale#1', 'resale#1'],
    ],
    [
      "a tid-less and a tid'd sale make sale#1 and resale#1",
      ['sale', 'sale&tracker.tid=2'],
      ['sale#1', 'resale#1'],
    ],
    [
      'the same tid as sale and as resale is one deposit',
      ['sale&tracker.tid=1', 'resale&tracker.tid=1'],
      expect.anything(),
    ],
    [
      'twelve identical tid-less resales make one',
      Array<string>(12).fill('resale&tracker.cost=5'),
      ['resale#1'],
    ],
    ['two different custom events both count', ['vstyp1', 'withdraw'], ['withdraw#1', 'vstyp1#1']],
    [
      'two different tid-less resales both count',
      ['resale&tracker.cost=5', 'resale&tracker.cost=6'],
      ['resale#1', 'resale#2'],
    ],
  ];

  it.each(cases)('%s', async (_, queries, expected) => {
    const clickId = await crm.newClick();
    const replies = await race(...queries.map((query) => `tracker.event=${query}&clickid=${clickId}`));
    const names = await recorded(clickId);
    expect(names).toEqual(expected);
    expect(replies.map(({ status }) => status)).toEqual(queries.map(() => 200));
    expect(replies.filter(({ body }) => body['status'] === 'accepted')).toHaveLength(names.length);
    expect(replies.filter(({ body }) => body['status'] === 'duplicate')).toHaveLength(
      queries.length - names.length,
    );
    const events = await sql('SELECT id FROM tracker_events WHERE payload LIKE $1', `%${clickId}%`);
    expect(events).toHaveLength(names.length);
  });

  it('one deposit of a tid raced as sale and resale', async () => {
    const clickId = await crm.newClick();
    await race(
      `tracker.event=sale&tracker.tid=1&clickid=${clickId}`,
      `tracker.event=resale&tracker.tid=1&clickid=${clickId}`,
    );
    expect(await recorded(clickId)).toHaveLength(1);
  });

  it('sees another instance pause the integration before the next verdict', async () => {
    const clickId = await crm.newClick();
    await sendTo(1, `tracker.event=registration&clickid=${clickId}`);
    const integrations = instances[0].app.get(TrackerIntegrations);
    await integrations.update(crm.integrationId, { status: 'paused' });
    const paused = await sendTo(1, `tracker.event=sale&clickid=${clickId}`);
    await integrations.update(crm.integrationId, { status: 'active' });
    expect(paused.body).toMatchObject({ status: 'ignored', code: 'integration_paused' });
  });

  describe('a secret that another instance has just changed', () => {
    const changed = async (
      rotate: boolean,
    ): Promise<{
      readonly send: (key: string) => Promise<Reply>;
      readonly old: string;
      readonly current: string;
      readonly id: string;
    }> => {
      const integrations = instances[0].app.get(TrackerIntegrations);
      const guarded = await integrations.create({
        name: 'Guarded',
        network: 'custom',
        ...(rotate ? { secret: true } : {}),
      });
      const address = `${instances[1].url}/api/postbacks/${guarded.id}/tracker-postback`;
      const send = async (key: string): Promise<Reply> =>
        request(`${address}?tracker.event=sale&clickid=${await crm.newClick()}&key=${key}`);
      await send(guarded.secret ?? 'none');
      const { secret } = await integrations.rotateSecret(guarded.id, { graceHours: 0 });
      return { send, old: guarded.secret ?? 'none', current: secret, id: guarded.id };
    };

    it('is asked for at once where there was none, and is never stored', async () => {
      const { send, current, id } = await changed(false);
      expect((await send(current)).body).toMatchObject({ status: 'accepted' });
      const rows = await sql('SELECT target FROM tracker_postbacks WHERE integration_id = $1', id);
      expect(rows).not.toEqual([]);
      expect(rows.filter(({ target }) => String(target).includes(current))).toEqual([]);
    });

    it('is right at once when it is the new one', async () => {
      const { send, current } = await changed(true);
      expect((await send(current)).body).toMatchObject({ status: 'accepted' });
    });

    it('is wrong at once when it is the old one', async () => {
      const { send, old } = await changed(true);
      expect((await send(old)).body).toMatchObject({ status: 'quarantined', code: 'secret_wrong' });
    });
  });

  it('answers a burst of postbacks of one busy click', async () => {
    const clickId = await crm.newClick();
    const [click] = await sql('SELECT seq, chat_id FROM tracker_clicks WHERE click_id = $1', clickId);
    const past = Array.from({ length: 2000 }, (_, n) => ({
      id: randomUUID(),
      tenantId: 'default',
      integrationId: crm.integrationId,
      clickSeq: String(click?.['seq']),
      clickId,
      chatId: String(click?.['chat_id']),
      event: 'vip',
      reportedEvent: 'vip',
      ordinal: n + 1,
      tid: `t${n}`,
      tidKey: `t${n}`,
      requestHash: 'h',
      fields: {},
      receivedAt: new Date(0),
      postbackId: randomUUID(),
    }));
    const conversions = instances[0].app.get(DataSource).getRepository(TrackerConversion);
    for (let from = 0; from < past.length; from += 200) {
      await conversions.insert(past.slice(from, from + 200));
    }
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        sendTo(n % 2, `tracker.event=vip&tracker.tid=new-${n}&clickid=${clickId}`),
      ),
    );
    expect(replies.filter(({ body }) => body['status'] !== 'accepted')).toEqual([]);
  });

  it('goes on after a migration changed what a prepared statement answers', async () => {
    const dataSource = instances[0].app.get(DataSource);
    const send = async (): Promise<unknown> =>
      (await sendTo(0, `tracker.event=sale&clickid=${await crm.newClick()}`)).body['status'];
    expect(await send()).toBe('accepted');
    const [there, back] = MIGRATIONS[database.engine];
    await dataSource.query(there);
    expect(await send()).toBe('accepted');
    await dataSource.query(back);
    expect(await send()).toBe('accepted');
  });
});
