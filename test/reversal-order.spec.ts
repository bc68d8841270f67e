import fc from 'fast-check';
import { DataSource } from 'typeorm';
import { IntakeService } from '../libs/tracker-postbacks/src/postbacks/intake.service';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { sqlOn } from './setup/sql';

/** What a network may send about three deposits; the order in which it arrives must not matter. */
const SENT = [
  'tracker.event=resale&tracker.tid=1&tracker.cost=10',
  'tracker.event=resale&tracker.tid=2&tracker.cost=20',
  'tracker.event=resale&tracker.tid=3&tracker.cost=30',
  'tracker.event=reversal&tracker.tid=1',
  'tracker.event=reversal&tracker.tid=1',
  'tracker.event=reversal&tracker.tid=3',
  'tracker.event=reversal&tracker.tid=9',
] as const;

describe('reversals and their deposits', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;
  let now = Date.parse('2026-01-01T00:00:00Z');

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { options: { clock: { now: () => now } } });
    crm = await createCrm(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  it('come to the same in whatever order they arrive', async () => {
    const dataSource = application.app.get(DataSource);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...SENT], { minLength: SENT.length }), async (order) => {
        const clickId = await crm.newClick();
        for (const query of order) {
          now += 60_000;
          expect((await crm.send(`${query}&clickid=${clickId}`)).status).toBe(200);
        }
        await application.app.get(IntakeService).settled();
        const rows = await sqlOn(
          dataSource,
          'SELECT tid, reversed_at FROM tracker_conversions WHERE click_id = $1 ORDER BY tid',
          clickId,
        );
        expect(rows.map(({ tid, reversed_at: at }) => ({ tid, reversed: at !== null }))).toEqual([
          { tid: '1', reversed: true },
          { tid: '2', reversed: false },
          { tid: '3', reversed: true },
        ]);
        const waiting = await sqlOn(
          dataSource,
          `SELECT DISTINCT tid FROM tracker_postbacks WHERE click_id = $1 AND status = 'unmatched'`,
          clickId,
        );
        expect(waiting).toEqual([{ tid: '9' }]);
      }),
      { numRuns: Number(process.env['ORDER_RUNS'] ?? 40) },
    );
  }, 120_000);
});
