import { Client } from 'pg';
import { TrackerClicks } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { looksAreOver } from '../setup/second-look';
import { wire, type WireReply } from '../conformance/wire';
import { TcpProxy } from './tcp-proxy';

const PATIENCE_MS = 5_000;

describe.each(ADAPTERS)('the database is away on %s', (adapter) => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let application: TestApplication;
  let crm: Crm;
  /** Past the proxy. */
  let witness: Client;
  const unhandled: unknown[] = [];
  const remember = (reason: unknown): void => {
    unhandled.push(reason);
  };

  beforeAll(async () => {
    process.on('unhandledRejection', remember);
    process.on('uncaughtException', remember);
    database = await createTestDatabase();
    witness = new Client({ connectionString: database.url });
    await witness.connect();
    const target = new URL(database.url);
    proxy = await TcpProxy.start(target);
    const options = { ...database.options, url: proxy.urlOf(target) } as TestDatabase['options'];
    application = await startApplication({ ...database, options }, { adapter });
    crm = await createCrm(application);
  });

  let isFirst = true;
  beforeEach(async () => {
    if (!isFirst) proxy.restore();
    isFirst = false;
    await untilStored('');
  });

  afterAll(async () => {
    await application.close();
    await proxy.stop();
    await witness.end();
    await database.drop();
    process.off('unhandledRejection', remember);
    process.off('uncaughtException', remember);
  });

  const send = (rest: string, integrationId = crm.integrationId): Promise<WireReply> =>
    wire(application.url, `/api/postbacks/${integrationId}/tracker-postback?${rest}`);

  const rows = async (clickId: string): Promise<number> => {
    const { rows: found } = await witness.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM tracker_postbacks WHERE target LIKE $1',
      [`%${clickId}%`],
    );
    return found[0]?.count ?? -1;
  };

  function expectUnavailable(reply: WireReply): void {
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.body).toEqual({
      statusCode: 503,
      code: 'storage_unavailable',
      message: expect.stringMatching(/^The postback could not be stored now\./),
    });
    expect(reply.text).not.toMatch(/ECONN|terminat|query|postgres|127\.0\.0\.1|Error|\bat\b.*:\d+/i);
  }

  /** Sends until the application has found its database again, which takes it no longer than its promise. */
  async function untilStored(query: string): Promise<WireReply> {
    const begun = performance.now();
    while (performance.now() - begun < PATIENCE_MS) {
      const reply = await send(query);
      if (reply.status !== 503) return reply;
      expectUnavailable(reply);
    }
    throw new Error(`Still 503 after ${PATIENCE_MS} ms.`);
  }

  it.each(['cut', 'silence'] as const)(
    '%s: 503 with Retry-After, then 200 without a restart',
    async (how) => {
      const clickId = await crm.newClick();
      await untilStored(`tracker.event=registration&clickid=${clickId}`);
      const before = await rows(clickId);

      proxy[how]();
      const started = performance.now();
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, n) => send(`tracker.event=sale&clickid=${clickId}&tracker.tid=${n}`)),
      );
      expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
      replies.forEach(expectUnavailable);
      expect(await rows(clickId)).toBe(before);

      proxy.restore();
      const reply = await untilStored(`tracker.event=sale&clickid=${clickId}&tracker.tid=0`);
      expect(reply.body).toMatchObject({ status: 'accepted', event: 'sale' });
      expect(await rows(clickId)).toBe(before + 1);
      expect(unhandled).toEqual([]);
    },
  );

  it('connections that stay silent for ever are given up, and new ones used', async () => {
    const clickId = await crm.newClick();
    proxy.silence();
    expectUnavailable(await send(`tracker.event=sale&clickid=${clickId}`));
    proxy.restoreNewOnly();
    expect((await untilStored(`tracker.event=sale&clickid=${clickId}`)).body['status']).toBe('accepted');
    expect(unhandled).toEqual([]);
  }, 60_000);

  it('is answered at once while the database is known to be away, and not after a time-out each', async () => {
    const clickId = await crm.newClick();
    proxy.silence();
    expectUnavailable(await send(`tracker.event=sale&clickid=${clickId}`));
    const begun = performance.now();
    for (let n = 0; n < 20; n++)
      expectUnavailable(await send(`tracker.event=sale&clickid=${clickId}&n=${n}`));
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(unhandled).toEqual([]);
  });

  it('an integration that is not in the cache is not said to be unknown', async () => {
    const other = await createCrm(application);
    proxy.cut();
    expectUnavailable(await send('tracker.event=sale&clickid=x', other.integrationId));
    expect((await send('tracker.event=sale', 'no-uuid')).status).toBe(404);
  });

  it('breaks in the middle of the write: never a 200 that was not stored', async () => {
    const clickId = await crm.newClick();
    await untilStored(`tracker.event=registration&clickid=${clickId}`);
    await witness.query('BEGIN');
    // The click's row is locked, so that the write waits when the cable is pulled.
    await witness.query('SELECT 1 FROM tracker_clicks WHERE click_id = $1 FOR UPDATE', [clickId]);
    const sent = send(`tracker.event=sale&clickid=${clickId}&tracker.tid=1`);
    await untilWaiting(witness);
    proxy.cut();
    expectUnavailable(await sent);
    await witness.query('COMMIT');

    proxy.restore();
    const again = await untilStored(`tracker.event=sale&clickid=${clickId}&tracker.tid=1`);
    // The broken write may have reached the database; then the second is its duplicate. It counts once either way.
    expect(['accepted', 'duplicate']).toContain(again.body['status']);
    const { rows: counted } = await witness.query(
      `SELECT 1 FROM tracker_conversions WHERE click_id = $1 AND event = 'sale'`,
      [clickId],
    );
    expect(counted).toHaveLength(1);
    expect(unhandled).toEqual([]);
  });

  it('a parked postback is found by a click registered after the database came back', async () => {
    const clickId = `own-${Date.now()}-${adapter}`;
    await untilStored(`tracker.event=sale&clickid=${clickId}`);
    proxy.cut();
    await expect(application.app.get(TrackerClicks).register({ clickId, chatId: 'c' })).rejects.toThrow();
    proxy.restore();
    await untilStored(`tracker.event=conf&clickid=${clickId}`);
    await looksAreOver(application.app);
    const { rejudged } = await application.app.get(TrackerClicks).register({ clickId, chatId: 'c' });
    expect(rejudged).toBe(2);
    expect(unhandled).toEqual([]);
  });
});

/** Until a statement waits for a lock. */
async function untilWaiting(witness: Client): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    const { rows } = await witness.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
  throw new Error('No statement waits.');
}
