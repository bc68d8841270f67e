import { DataSource } from 'typeorm';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { Gate } from './setup/gate';

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
    instances = [await startApplication(database), await startApplication(database)];
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

  const recorded = async (clickId: string): Promise<string[]> => {
    const rows: { name: string }[] = await instances[0].app
      .get(DataSource)
      .query(
        `SELECT event || '#' || ordinal AS name FROM tracker_conversions WHERE click_id = $1 ORDER BY event DESC, ordinal`,
        [clickId],
      );
    return rows.map(({ name }) => name);
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
    const [{ count }] = await instances[0].app
      .get(DataSource)
      .query(`SELECT count(*)::integer AS count FROM tracker_events WHERE payload LIKE $1`, [`%${clickId}%`]);
    expect(count).toBe(names.length);
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
    const { TrackerIntegrations } = await import('nestjs-tracker-postbacks');
    await sendTo(1, `tracker.event=registration&clickid=${clickId}`);
    const integrations = instances[0].app.get(TrackerIntegrations);
    await integrations.update(crm.integrationId, { status: 'paused' });
    const paused = await sendTo(1, `tracker.event=sale&clickid=${clickId}`);
    await integrations.update(crm.integrationId, { status: 'active' });
    expect(paused.body).toMatchObject({ status: 'ignored', code: 'integration_paused' });
  });
});
