import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { DataSource } from 'typeorm';
import {
  TrackerEventEmitter,
  TrackerHealthIndicator,
  type TrackerPostbacksOptions,
} from 'nestjs-tracker-postbacks';
import { TcpProxy } from './edge/tcp-proxy';
import { ADAPTERS, type AdapterName, startApplication, type TestApplication } from './setup/application';
import { createCrm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { ENGINES } from './setup/engines';
import { sqlOn } from './setup/sql';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_TURNS = 500;

@Controller('ready')
class ReadyController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(TrackerHealthIndicator) private readonly tracker: TrackerHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  look(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.tracker.isHealthy('tracker', { timeoutMs: 1_000, maxLagMs: 5_000 }),
    ]);
  }
}

const start = (
  database: TestDatabase,
  options: Partial<TrackerPostbacksOptions> = {},
  adapter: AdapterName = 'fastify',
): Promise<TestApplication> =>
  startApplication(database, {
    adapter,
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [ReadyController],
    options: { ...options, events: { maxAttempts: 1, pollIntervalMs: 50 } },
  });

const ready = (application: TestApplication): Promise<Reply> => request(`${application.url}/api/ready`);

/** Asks until it is so: an answer of up to a second ago may be told. */
async function untilReady(
  application: TestApplication,
  holds: (reply: Reply, tracker: Record<string, any>) => boolean,
): Promise<Reply> {
  let reply = await ready(application);
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    if (holds(reply, reply.body['details']?.tracker ?? {})) return reply;
    await new Promise((resolve) => setTimeout(resolve, 20));
    reply = await ready(application);
  }
  throw new Error(`Not so after ${MAX_TURNS} questions: ${reply.text}`);
}

describe.each(ENGINES)('health by @nestjs/terminus on %s', (engine) => {
  let database: TestDatabase;
  let application: TestApplication;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    application = await start(database);
    dataSource = await new DataSource(database.options).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await application.close();
    await database.drop();
  });

  it('is up, with nothing to look at', async () => {
    const reply = await untilReady(application, ({ status }) => status === 200);
    expect(reply.body).toMatchObject({
      status: 'ok',
      info: {
        tracker: {
          status: 'up',
          concerns: [],
          database: 'up',
          queued: 0,
          journal: null,
          relay: { lagSeconds: 0, parked: 0, missingHandlers: [] },
          judgingFailed: 0,
        },
      },
    });
  });

  it('stays up while deliveries are parked, handlers are missing, events are late and judging fails', async () => {
    const emitter = application.app.get(TrackerEventEmitter);
    await emitter.handle(
      'sale',
      () => {
        throw new Error('broken');
      },
      { name: 'broken' },
    );
    await emitter.handle('conf', () => undefined, { name: 'late' });
    const crm = await createCrm(application);
    const clickId = await crm.newClick();
    await crm.send(`tracker.event=sale&clickid=${clickId}`);
    await untilReady(application, (_, { relay }) => relay.parked === 1);

    await sqlOn(
      dataSource,
      `UPDATE tracker_handlers SET last_registered_at = last_registered_at - $1 WHERE name = 'broken'`,
      DAY_MS + 60_000,
    );
    // Due for long, and nobody here runs its handler.
    await sqlOn(
      dataSource,
      `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at)
       SELECT 'elsewhere', ' registration ', last_registered_at, last_registered_at FROM tracker_handlers WHERE name = 'late'`,
    );
    await crm.send(`tracker.event=registration&clickid=${clickId}`);
    await sqlOn(
      dataSource,
      `UPDATE tracker_deliveries SET due_at = due_at - $1 WHERE handler = 'elsewhere'`,
      20_000,
    );
    await sqlOn(
      dataSource,
      `UPDATE tracker_postbacks SET code = 'judging_failed', retry_at = $1 WHERE click_id = $2 AND event = 'sale'`,
      Date.now() + DAY_MS,
      clickId,
    );
    const reply = await untilReady(application, (_, { concerns }) => concerns.length >= 4);
    expect(reply.status).toBe(200);
    const { tracker } = reply.body['info'];
    expect(tracker).toMatchObject({
      status: 'up',
      concerns: ['relay_late', 'deliveries_parked', 'handlers_missing', 'judging_failed'],
      relay: { parked: 1, missingHandlers: ['broken'] },
      judgingFailed: 1,
    });
    expect(tracker.relay.lagSeconds).toBeGreaterThanOrEqual(20);
  });
});

describe.each(ADAPTERS)('health while the database is away, on %s', (adapter) => {
  let database: TestDatabase;
  let proxy: TcpProxy;

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
  });
  beforeEach(async () => {
    proxy = await TcpProxy.start(new URL(database.url));
  });
  afterEach(async () => {
    await proxy.stop();
  });
  afterAll(async () => {
    await database.drop();
  });

  const through = (): TestDatabase => ({
    ...database,
    options: { ...database.options, url: proxy.urlOf(new URL(database.url)) } as TestDatabase['options'],
  });

  it.each(['cut', 'silence'] as const)(
    'without a journal it is down within its time (%s), and up again by itself',
    async (how) => {
      const application = await start(through(), {}, adapter);
      try {
        await untilReady(application, ({ status }) => status === 200);
        proxy[how]();
        const reply = await untilReady(application, ({ status }) => status === 503);
        expect(reply.body).toMatchObject({
          status: 'error',
          error: { tracker: { status: 'down', concerns: ['database_away'], database: 'away', relay: null } },
        });
        const asked = performance.now();
        await ready(application);
        // Well below what a statement may take.
        expect(performance.now() - asked).toBeLessThan(3_000);
        proxy.restore();
        await untilReady(application, ({ status }) => status === 200);
      } finally {
        await application.close();
      }
    },
  );

  it('with a journal it stays up, and tells what waits there', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tracker-health-'));
    const application = await start(through(), { journal: { directory } }, adapter);
    try {
      const crm = await createCrm(application);
      const clickId = await crm.newClick();
      await crm.send(`tracker.event=registration&clickid=${clickId}`);
      proxy.cut();
      const { body } = await crm.send(`tracker.event=sale&clickid=${clickId}`);
      expect(body).toMatchObject({ status: 'deferred', code: 'stored_for_later' });
      const reply = await untilReady(application, (_, { concerns }) => concerns.length === 2);
      expect(reply.status).toBe(200);
      expect(reply.body['info'].tracker).toMatchObject({
        status: 'up',
        concerns: ['database_away', 'journal_backlog'],
        database: 'away',
        journal: { writable: true, records: 1, oldestSeconds: expect.any(Number) },
      });
      expect(reply.text).not.toContain(directory);
      proxy.restore();
      await untilReady(application, (_, { concerns }) => concerns.length === 0);
    } finally {
      await application.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
