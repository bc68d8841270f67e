import fc from 'fast-check';
import { TrackerClicks } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from '../conformance/ledger';
import { wire } from '../conformance/wire';
import { KNOWN_CLICK, requestTo } from './any-request';

const RUNS = 100;
const AT_ONCE = 4;
const VERDICTS: Readonly<Record<string, number>> = {
  accepted: 200,
  duplicate: 200,
  unmatched: 200,
  ignored: 200,
  deferred: 200,
  rejected: 400,
  quarantined: 403,
};

/** Columns in which two rows of one request differ by nature. */
const OWN_COLUMNS = new Set(['id', 'received_at', 'judged_at', 'duration_ms', 'parked_until']);

describe.each(ADAPTERS)('any request on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter });
    ledger = ledgerOf(application);
    crm = await createCrm(application);
    await application.app.get(TrackerClicks).register({ clickId: KNOWN_CLICK, chatId: 'chat' });
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  it('has a documented answer, and one row for each verdict', async () => {
    let verdicts = 0;
    const property = fc.asyncProperty(
      fc.array(requestTo(crm.integrationId), { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (requests) => {
        const replies = await Promise.all(
          requests.map(({ path, ...init }) => wire(application.url, path, init)),
        );
        let rows = 0;
        replies.forEach((reply, index) => {
          const asked = JSON.stringify(requests[index]);
          const verdict: string | undefined = reply.body['status'];
          if (reply.body['postbackId'] === undefined) {
            expect([asked, [200, 204, 400, 404, 405, 413, 414, 415].includes(reply.status)]).toEqual([
              asked,
              true,
            ]);
          } else {
            rows += 1;
            expect([asked, reply.status]).toEqual([asked, VERDICTS[verdict ?? '']]);
            expect(reply.headers['cache-control']).toBe('no-store');
          }
        });
        verdicts += rows;
        expect(await ledger.postbackCount(crm.integrationId)).toBe(verdicts);
      },
    );
    await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    // The generator is worth something only if most requests reach the route.
    expect(verdicts).toBeGreaterThan((RUNS * AT_ONCE) / 3);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    const [failed] = await ledger.query<{ count: unknown }>(
      `SELECT count(*) AS count FROM tracker_postbacks WHERE code = 'judging_failed'`,
    );
    expect(Number(failed?.count)).toBe(0);
  }, 60_000);
});

describe('the same request on Express and on Fastify', () => {
  let database: TestDatabase;
  let applications: readonly TestApplication[];
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    applications = [
      await startApplication(database, { adapter: 'express' }),
      await startApplication(database, { adapter: 'fastify' }),
    ];
    crm = await createCrm(applications[0] as TestApplication);
  });

  afterAll(async () => {
    for (const application of applications) await application.close();
    await database.drop();
  });

  it('means the same', async () => {
    // Nobody's click: a verdict without history is the same twice.
    const property = fc.asyncProperty(requestTo(crm.integrationId), async ({ path, ...init }) => {
      const answers = await Promise.all(
        applications.map(async (application) => {
          const reply = await wire(application.url, path, init);
          const { postbackId, ...said } = reply.body;
          // What is no postback is the adapter's own to answer.
          if (postbackId === undefined) return 'not stored';
          const row = await ledgerOf(application).postback(postbackId);
          return { said, row: Object.entries(row).filter(([column]) => !OWN_COLUMNS.has(column)) };
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
    });
    await fc.assert(property, { numRuns: RUNS * AT_ONCE, endOnFailure: true });
  }, 60_000);
});
