import {
  AggregatorRegistry,
  Counter as HostCounter,
  type OpenMetricsContentType,
  Registry,
} from 'prom-client';
import { RegistryMeter } from './registry-meter';

/** The samples of one metric, without comments. */
async function samples(registry: Pick<Registry, 'metrics'>, name: string): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name) && !line.endsWith(' 0'));
}

describe("measurements in the host's prom-client registry", () => {
  it('counts answers by status and code, and knows every code before it occurs', async () => {
    const registry = new Registry();
    const meter = new RegistryMeter({ registry });
    expect(await registry.metrics()).toContain(
      'tracker_postbacks_total{status="quarantined",code="secret_wrong"} 0\n',
    );
    meter.answered('accepted', 'ok');
    meter.answered('accepted', 'ok');
    meter.answered('unavailable', 'queue_full');
    expect(await samples(registry, 'tracker_postbacks_total')).toEqual([
      'tracker_postbacks_total{status="accepted",code="ok"} 2',
      'tracker_postbacks_total{status="unavailable",code="queue_full"} 1',
    ]);
    expect(await registry.metrics()).toContain('# TYPE tracker_postbacks_total counter\n');
  });

  it('spreads batches and commit times over buckets', async () => {
    const registry = new Registry();
    const meter = new RegistryMeter({ registry });
    meter.batch(3, 4);
    meter.batch(600, 7_000);
    const sizes = await samples(registry, 'tracker_batch_size');
    expect(sizes).toEqual([
      'tracker_batch_size_bucket{le="4"} 1',
      'tracker_batch_size_bucket{le="8"} 1',
      'tracker_batch_size_bucket{le="16"} 1',
      'tracker_batch_size_bucket{le="32"} 1',
      'tracker_batch_size_bucket{le="64"} 1',
      'tracker_batch_size_bucket{le="128"} 1',
      'tracker_batch_size_bucket{le="256"} 1',
      'tracker_batch_size_bucket{le="512"} 1',
      'tracker_batch_size_bucket{le="+Inf"} 2',
      'tracker_batch_size_sum 603',
      'tracker_batch_size_count 2',
    ]);
    expect(await samples(registry, 'tracker_commit_seconds_bucket{le="0.005"}')).toEqual([
      'tracker_commit_seconds_bucket{le="0.005"} 1',
    ]);
    expect(await samples(registry, 'tracker_commit_seconds_sum')).toEqual([
      'tracker_commit_seconds_sum 7.004',
    ]);
  });

  it('counts attempts and times them for each handler', async () => {
    const registry = new Registry();
    const meter = new RegistryMeter({ registry });
    meter.attempted('Deposits.book', 'done', 20);
    meter.attempted('Deposits.book', 'failed', 40);
    meter.attempted('crm "x"', 'parked', 1);
    expect(await samples(registry, 'tracker_handler_attempts_total')).toEqual([
      'tracker_handler_attempts_total{handler="Deposits.book",outcome="done"} 1',
      'tracker_handler_attempts_total{handler="Deposits.book",outcome="failed"} 1',
      'tracker_handler_attempts_total{handler="crm \\"x\\"",outcome="parked"} 1',
    ]);
    expect(await samples(registry, 'tracker_handler_seconds_count')).toEqual([
      'tracker_handler_seconds_count{handler="Deposits.book"} 2',
      'tracker_handler_seconds_count{handler="crm \\"x\\""} 1',
    ]);
  });

  it('reads gauges at the scrape; one that cannot be read has no sample and costs the others nothing', async () => {
    const registry = new Registry();
    const meter = new RegistryMeter({ registry });
    let waiting = 1;
    meter.watch('queue_length', () => waiting);
    meter.watch('journal_bytes', () => {
      throw new Error('no journal');
    });
    let database: 'up' | 'away' = 'up';
    meter.figures(() =>
      database === 'away'
        ? Promise.reject(new Error('away'))
        : Promise.resolve({
            relayLagMs: 1_500,
            parkedDeliveries: 2,
            missingHandlers: 1,
            judgingFailed: 3,
          }),
    );
    waiting = 7;
    expect(await samples(registry, 'tracker_queue_length')).toEqual(['tracker_queue_length 7']);
    expect(await samples(registry, 'tracker_journal_bytes')).toEqual([]);
    expect(await samples(registry, 'tracker_relay_lag_seconds')).toEqual(['tracker_relay_lag_seconds 1.5']);
    expect(await samples(registry, 'tracker_deliveries_parked')).toEqual(['tracker_deliveries_parked 2']);
    expect(await samples(registry, 'tracker_handlers_missing')).toEqual(['tracker_handlers_missing 1']);
    expect(await samples(registry, 'tracker_judging_failed')).toEqual(['tracker_judging_failed 3']);
    expect(await samples(registry, 'tracker_database_up')).toEqual(['tracker_database_up 1']);

    database = 'away';
    const text = await registry.metrics();
    expect(text).toContain('tracker_database_up 0\n');
    expect(text).not.toMatch(/^tracker_(relay_lag_seconds|deliveries_parked) /m);
  });

  it('two modules share a registry under two prefixes, or have one each', async () => {
    const [first, second] = [new Registry(), new Registry()];
    const meters = [
      new RegistryMeter({ registry: first }),
      new RegistryMeter({ registry: first, prefix: 'shop_' }),
      new RegistryMeter({ registry: second }),
    ];
    meters.forEach((meter, index) => {
      for (let n = 0; n <= index; n++) meter.answered('accepted', 'ok');
    });
    const labels = '{status="accepted",code="ok"}';
    expect(await samples(first, 'tracker_postbacks_total')).toEqual([`tracker_postbacks_total${labels} 1`]);
    expect(await samples(first, 'shop_postbacks_total')).toEqual([`shop_postbacks_total${labels} 2`]);
    expect(await samples(second, 'tracker_postbacks_total')).toEqual([`tracker_postbacks_total${labels} 3`]);
  });

  it('says so when a name is taken, and gives its own back at the end', () => {
    const registry = new Registry();
    new HostCounter({ name: 'tracker_batch_size', help: 'of the host', registers: [registry] });
    expect(() => new RegistryMeter({ registry })).toThrow(
      expect.objectContaining({
        code: 'metrics_name_taken',
        message: expect.stringContaining('a metric "tracker_batch_size" already'),
      }),
    );
    const other = new Registry();
    for (let start = 0; start < 2; start++) {
      const meter = new RegistryMeter({ registry: other });
      meter.watch('queue_length', () => 0);
      meter.onApplicationShutdown();
      expect(other.getMetricsAsArray()).toEqual([]);
    }
  });

  it.each(['', '9x', 'a-b', 'tracker '])('refuses the prefix "%s"', (prefix) => {
    expect(() => new RegistryMeter({ registry: new Registry(), prefix })).toThrow(
      expect.objectContaining({ code: 'metrics_prefix_invalid' }),
    );
  });

  it('suits OpenMetrics, default labels and a reset', async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    registry.setDefaultLabels({ app: 'crm' });
    const meter = new RegistryMeter({ registry });
    meter.answered('accepted', 'ok');
    meter.batch(1, 1);
    const text = await registry.metrics();
    expect(text).toContain('# TYPE tracker_postbacks counter\n');
    expect(text).toContain('tracker_postbacks_total{status="accepted",code="ok",app="crm"} 1\n');
    expect(text).toContain('tracker_batch_size_bucket{le="1",app="crm"} 1\n');
    registry.resetMetrics();
    expect(await samples(registry, 'tracker_batch_size')).toEqual([]);
    expect(await samples(registry, 'tracker_postbacks_total')).toEqual([]);
  });

  it('is added up over the workers of a cluster, what the database knows once', async () => {
    const workers = [1, 2].map((count) => {
      const registry = new Registry();
      const meter = new RegistryMeter({ registry });
      for (let n = 0; n < count; n++) {
        meter.answered('accepted', 'ok');
        meter.batch(1, 1);
      }
      meter.watch('queue_length', () => count);
      meter.figures(() =>
        Promise.resolve({ relayLagMs: 0, parkedDeliveries: 5, missingHandlers: 0, judgingFailed: 0 }),
      );
      return registry;
    });
    const told = await Promise.all(workers.map((worker) => worker.getMetricsAsJSON()));
    const all = AggregatorRegistry.aggregate(told);
    expect(await samples(all, 'tracker_postbacks_total')).toEqual([
      'tracker_postbacks_total{status="accepted",code="ok"} 3',
    ]);
    expect(await samples(all, 'tracker_batch_size_count')).toEqual(['tracker_batch_size_count 3']);
    expect(await samples(all, 'tracker_queue_length')).toEqual(['tracker_queue_length 3']);
    expect(await samples(all, 'tracker_deliveries_parked')).toEqual(['tracker_deliveries_parked 5']);
  });
});
