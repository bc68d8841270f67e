import { TrackerStats } from 'nestjs-tracker-postbacks';
import { DataSource } from 'typeorm';
import { RejectedCap } from '../libs/tracker-postbacks/src/postbacks/rejected-cap';
import { RetentionStore } from '../libs/tracker-postbacks/src/retention/retention.store';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { ENGINES } from './setup/engines';

const NOON = Date.parse('2026-11-21T12:00:00.000Z');
const LIMIT = 20;

describe.each(ENGINES)('rejected postbacks of an hour on %s', (engine) => {
  let database: TestDatabase;
  let first: TestApplication;
  let second: TestApplication;
  let now = NOON;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    const options = { clock: { now: () => now }, intake: { maxRejectedPerHour: LIMIT } };
    first = await startApplication(database, { options });
    second = await startApplication(database, { options });
  });

  beforeEach(() => {
    now += 24 * 3_600_000;
  });

  afterAll(async () => {
    await first.close();
    await second.close();
    await database.drop();
  });

  const stored = async ({ integrationId }: Crm, code?: string): Promise<number> => {
    const rows: readonly unknown[] = await first.app
      .get(DataSource)
      .query(
        `SELECT id FROM tracker_postbacks WHERE integration_id = '${integrationId}' AND status = 'rejected'` +
          (code === undefined ? '' : ` AND code = '${code}'`),
      );
    return rows.length;
  };

  const flush = async (): Promise<void> => {
    for (const { app } of [first, second]) await app.get(RejectedCap).flush();
  };

  const rejected = async ({ integrationId }: Crm, groupBy: string): Promise<unknown> => {
    const day = new Date(now).toISOString().slice(0, 10);
    const { rows } = await first.app.get(TrackerStats).of({ from: day, groupBy });
    const key = { day, event: null, integration: integrationId }[groupBy];
    return rows.find((row) => row.key === key)?.postbacks.rejected;
  };

  it('are stored up to the limit, then counted with one sample of each code, and answered alike', async () => {
    const crm = await createCrm(first);
    const replies = [];
    for (let n = 0; n < LIMIT + 15; n++) replies.push(await crm.send(`clickid=c${n}`));
    const other = [await crm.send('tracker.event=a%20b'), await crm.send('tracker.event=c%20d')];
    for (const { status, body } of replies) {
      expect(status).toBe(400);
      expect(body).toMatchObject({
        status: 'rejected',
        code: 'event_missing',
        postbackId: expect.any(String),
      });
    }
    for (const { body } of other) expect(body).toMatchObject({ code: 'event_invalid' });
    expect(await stored(crm, 'event_missing')).toBe(LIMIT + 1);
    expect(await stored(crm, 'event_invalid')).toBe(1);

    await flush();
    const all = LIMIT + 15 + 2;
    expect(await rejected(crm, 'day')).toBe(all);
    expect(await rejected(crm, 'event')).toBe(all);
    expect(await rejected(crm, 'integration')).toBe(all);
  });

  it('begin anew with the next clock hour, and with another integration', async () => {
    now = Math.floor(now / 3_600_000) * 3_600_000 + 3_599_000;
    const crm = await createCrm(first);
    for (let n = 0; n < LIMIT + 5; n++) await crm.send('');
    expect(await stored(crm)).toBe(LIMIT + 1);
    const other = await createCrm(first);
    await other.send('');
    expect(await stored(other)).toBe(1);
    now += 1_000;
    await crm.send('');
    expect(await stored(crm)).toBe(LIMIT + 2);
  });

  it('never cost a postback that is not rejected', async () => {
    const crm = await createCrm(first);
    for (let n = 0; n < LIMIT + 5; n++) await crm.send('');
    const clickId = await crm.newClick();
    const { body } = await crm.send(`tracker.event=sale&clickid=${clickId}`);
    expect(body).toMatchObject({ status: 'accepted' });
    const { body: parked } = await crm.send('tracker.event=sale&clickid=nobody');
    expect(parked).toMatchObject({ status: 'unmatched' });
  });

  it('are limited for all processes together, once they have heard of each other', async () => {
    const crm = await createCrm(first);
    const path = `/api/postbacks/${crm.integrationId}/tracker-postback`;
    for (let n = 0; n < LIMIT; n++) await crm.send('');
    await flush();
    await fetch(second.url + path);
    await flush();
    for (let n = 0; n < 10; n++) await fetch(second.url + path);
    // What the second stored before it had heard, and its sample.
    expect(await stored(crm)).toBeLessThanOrEqual(LIMIT + 2);
    await flush();
    expect(await rejected(crm, 'integration')).toBe(LIMIT + 11);
  });

  it('are forgotten with the log of their time', async () => {
    const crm = await createCrm(first);
    for (let n = 0; n < LIMIT + 5; n++) await crm.send('');
    await flush();
    await first.app.get(RetentionStore).deleteRejectedCounts(now - 3_600_000);
    expect(await rejected(crm, 'integration')).toBe(LIMIT + 5);
    await first.app.get(RetentionStore).deleteRejectedCounts(now + 1);
    // What is left are the rows.
    expect(await rejected(crm, 'integration')).toBe(LIMIT + 1);
  });
});
