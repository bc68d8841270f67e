import { Controller, Get, Inject, Res } from '@nestjs/common';
import { Registry } from 'prom-client';
import { OnTrackerEvent, type TrackerConversionEvent } from 'nestjs-tracker-postbacks';
import { TcpProxy } from './edge/tcp-proxy';
import { startApplication, type TestApplication } from './setup/application';
import { createCrm, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { ENGINES } from './setup/engines';

const MAX_TURNS = 500;
const failures = new Map<string, number>();

class Deposits {
  @OnTrackerEvent('sale', { name: 'deposits' })
  book({ clickId, attempt }: TrackerConversionEvent): void {
    if (attempt <= (failures.get(clickId) ?? 0)) throw new Error('not yet');
  }
}

/** Every sample by its name and labels. */
async function scrape(registry: Registry): Promise<ReadonlyMap<string, number>> {
  const text = await registry.metrics();
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, number] => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

async function until(
  registry: Registry,
  holds: (samples: ReadonlyMap<string, number>) => boolean,
): Promise<ReadonlyMap<string, number>> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    const samples = await scrape(registry);
    if (holds(samples)) return samples;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Not so after ${MAX_TURNS} scrapes:\n${await registry.metrics()}`);
}

const answered = (status: string, code: string): string =>
  `tracker_postbacks_total{status="${status}",code="${code}"}`;

describe.each(ENGINES)('metrics on %s', (engine) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterAll(async () => {
    await database.drop();
  });

  it('tells what became of requests, batches and handlers, for each of two modules on its own', async () => {
    const [registry, other] = [new Registry(), new Registry()];
    const application = await startApplication(database, {
      providers: [Deposits],
      options: { metrics: { registry }, events: { retryDelayMs: 10, maxAttempts: 3, pollIntervalMs: 20 } },
    });
    const second = await startApplication(database, { options: { metrics: { registry: other } } });
    try {
      const crm = await createCrm(application);
      const guarded = await createCrm(application, { secret: true });
      const [clickId, failing, hopeless] = [await crm.newClick(), await crm.newClick(), await crm.newClick()];
      failures.set(failing, 1);
      failures.set(hopeless, 99);
      for (const query of [
        `tracker.event=sale&clickid=${clickId}&tracker.tid=t1`,
        `tracker.event=sale&clickid=${clickId}&tracker.tid=t1`,
        `tracker.event=sale&clickid=${failing}`,
        `tracker.event=sale&clickid=${hopeless}`,
        'tracker.event=sale&clickid=nobody',
        'tracker.event=sale&clickid={sub1}',
      ]) {
        await crm.send(query);
      }
      await guarded.send('tracker.event=sale');
      await request(
        `${application.url}/api/postbacks/11111111-1111-4111-8111-111111111111/tracker-postback?a=1`,
      );
      // A link checker is no postback.
      await crm.send(`tracker.event=sale&clickid=${clickId}`, { method: 'HEAD' });

      const parked = 'tracker_handler_attempts_total{handler="deposits",outcome="parked"}';
      const samples = await until(
        registry,
        (all) => all.get(parked) === 1 && all.get('tracker_deliveries_parked') === 1,
      );
      expect(
        [...samples].filter(([name, value]) => name.startsWith('tracker_postbacks_total') && value > 0),
      ).toEqual([
        [answered('accepted', 'ok'), 3],
        [answered('duplicate', 'same_transaction'), 1],
        [answered('unmatched', 'click_unknown'), 1],
        [answered('rejected', 'macro_unreplaced'), 1],
        [answered('quarantined', 'secret_wrong'), 1],
        [answered('unknown_integration', 'integration_unknown'), 1],
      ]);
      expect(samples.get('tracker_batch_size_sum')).toBeGreaterThanOrEqual(7);
      expect(samples.get('tracker_commit_seconds_count')).toBe(samples.get('tracker_batch_size_count'));
      expect(samples.get('tracker_handler_attempts_total{handler="deposits",outcome="done"}')).toBe(2);
      expect(samples.get('tracker_handler_attempts_total{handler="deposits",outcome="failed"}')).toBe(3);
      expect(samples.get('tracker_handler_seconds_count{handler="deposits"}')).toBe(6);
      expect(Object.fromEntries(samples)).toMatchObject({
        tracker_queue_length: 0,
        tracker_deliveries_running: 0,
        tracker_breaker_open: 0,
        tracker_database_up: 1,
        tracker_relay_lag_seconds: expect.any(Number),
        tracker_handlers_missing: 0,
        tracker_judging_failed: 0,
      });

      const others = await scrape(other);
      expect(others.get(answered('accepted', 'ok'))).toBe(0);
      expect(others.get('tracker_deliveries_parked')).toBe(1);
    } finally {
      await application.close();
      await second.close();
    }
    expect(registry.getMetricsAsArray()).toEqual([]);
  });
});

@Controller('metrics')
class MetricsController {
  constructor(@Inject('REGISTRY') private readonly registry: Registry) {}

  @Get()
  async scrape(
    @Res({ passthrough: true }) response: { header(name: string, value: string): void },
  ): Promise<string> {
    response.header('Content-Type', this.registry.contentType);
    return this.registry.metrics();
  }
}

describe('metrics while the database is away', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let application: TestApplication;
  const registry = new Registry();

  beforeAll(async () => {
    database = await createTestDatabase('postgres');
    const target = new URL(database.url);
    proxy = await TcpProxy.start(target);
    application = await startApplication(
      { ...database, options: { ...database.options, url: proxy.urlOf(target) } as TestDatabase['options'] },
      {
        controllers: [MetricsController],
        providers: [{ provide: 'REGISTRY', useValue: registry }],
        options: { metrics: { registry } },
      },
    );
  });
  afterAll(async () => {
    await application.close();
    await proxy.stop();
    await database.drop();
  });

  it('are still scraped, and say so', async () => {
    const crm = await createCrm(application);
    proxy.cut();
    expect((await crm.send('tracker.event=sale&clickid=x')).status).toBe(503);
    const samples = await until(registry, (all) => all.get('tracker_breaker_open') === 1);
    expect(samples.get('tracker_database_up')).toBe(0);
    expect(samples.has('tracker_relay_lag_seconds')).toBe(false);
    expect([...samples].filter(([name]) => name.includes('"unavailable"'))).toEqual([
      [expect.any(String), 1],
    ]);
    const page = await request(`${application.url}/api/metrics`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, registry.contentType]);
    expect(page.text).toContain('tracker_database_up 0');
    proxy.restore();
    const back = await until(registry, (all) => all.get('tracker_database_up') === 1);
    expect(back.get('tracker_breaker_open')).toBe(0);
  });
});
