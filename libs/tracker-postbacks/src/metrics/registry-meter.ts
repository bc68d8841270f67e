import { type OnApplicationShutdown } from '@nestjs/common';
import { VERDICT_CODES } from '../rules/codes';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { type AnyInstrument, Counter, Gauge, Histogram } from './instruments';
import { type AttemptOutcome, type DatabaseFigures, type MeterGauge, TrackerMeter } from './meter';
import { type TrackerMetricsOptions, type TrackerMetricsRegistry } from './metrics.options';

const PREFIX = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const COMMIT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const HANDLER_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30];

const WATCHED: Readonly<Record<MeterGauge, string>> = {
  queue_length: 'Postbacks waiting to be written in this process.',
  journal_records: 'Postbacks in the journal of this process, waiting for the database.',
  journal_bytes: 'Bytes of the journal of this process.',
  breaker_open: '1 while the database is not asked because it did not answer, else 0.',
  deliveries_running: 'Deliveries that handlers of this process work on now.',
};

/** Measures into the host's prom-client registry. */
export class RegistryMeter extends TrackerMeter implements OnApplicationShutdown {
  private readonly registry: TrackerMetricsRegistry;
  private readonly prefix: string;
  private readonly registered: string[] = [];
  private readonly answers: Counter<'status' | 'code'>;
  private readonly sizes: Histogram;
  private readonly commits: Histogram;
  private readonly attempts: Counter<'handler' | 'outcome'>;
  private readonly handlerTimes: Histogram<'handler'>;

  constructor({ registry, prefix = 'tracker_' }: TrackerMetricsOptions) {
    super();
    this.registry = registry;
    this.prefix = prefix;
    if (!PREFIX.test(prefix)) {
      throw new TrackerSetupError(
        'metrics_prefix_invalid',
        `metrics.prefix is "${prefix}": begin with a letter or "_", and use letters, digits, "_" and ":" only.`,
      );
    }
    this.answers = this.add(
      new Counter(
        `${prefix}postbacks_total`,
        'Requests of the public route, by verdict; "unavailable" is a 503, "unknown_integration" a 404.',
        ['status', 'code'],
      ),
    );
    for (const [status, codes] of Object.entries(VERDICT_CODES)) {
      for (const code of codes) this.answers.add({ status, code }, 0);
    }
    this.sizes = this.add(
      new Histogram(`${prefix}batch_size`, 'Postbacks written in one batch.', BATCH_SIZES),
    );
    this.commits = this.add(
      new Histogram(
        `${prefix}commit_seconds`,
        'Time of a batch from its judging to its commit.',
        COMMIT_SECONDS,
      ),
    );
    this.attempts = this.add(
      new Counter(`${prefix}handler_attempts_total`, 'Attempts of durable handlers, by how they ended.', [
        'handler',
        'outcome',
      ]),
    );
    this.handlerTimes = this.add(
      new Histogram(
        `${prefix}handler_seconds`,
        'Time of one attempt of a durable handler.',
        HANDLER_SECONDS,
        ['handler'],
      ),
    );
  }

  /** An application that is started again in the same process, as tests do, finds the names free. */
  onApplicationShutdown(): void {
    for (const name of this.registered) this.registry.removeSingleMetric(name);
  }

  answered(status: string, code: string): void {
    this.answers.add({ status, code });
  }

  batch(size: number, milliseconds: number): void {
    this.sizes.observe(size, {});
    this.commits.observe(milliseconds / 1000, {});
  }

  attempted(handler: string, outcome: AttemptOutcome, milliseconds: number): void {
    this.attempts.add({ handler, outcome });
    this.handlerTimes.observe(milliseconds / 1000, { handler });
  }

  watch(gauge: MeterGauge, read: () => number): void {
    this.add(new Gauge(`${this.prefix}${gauge}`, WATCHED[gauge], 'sum', read));
  }

  figures(read: () => Promise<DatabaseFigures>): void {
    const figure = (name: string, help: string, of: (figures: DatabaseFigures) => number): void => {
      this.add(new Gauge(`${this.prefix}${name}`, help, 'max', async () => of(await read())));
    };
    this.add(
      new Gauge(`${this.prefix}database_up`, '1 when the database answered this scrape, else 0.', 'max', () =>
        read().then(
          () => 1,
          () => 0,
        ),
      ),
    );
    figure(
      'relay_lag_seconds',
      'For how long the oldest due delivery has been waiting.',
      ({ relayLagMs }) => relayLagMs / 1000,
    );
    figure(
      'deliveries_parked',
      'Deliveries given up after their last attempt.',
      ({ parkedDeliveries }) => parkedDeliveries,
    );
    figure(
      'handlers_missing',
      'Handlers that no process has registered for a day.',
      ({ missingHandlers }) => missingHandlers,
    );
    figure(
      'judging_failed',
      'Postbacks kept raw because judging them failed.',
      ({ judgingFailed }) => judgingFailed,
    );
  }

  private add<T extends AnyInstrument>(instrument: T): T {
    const { name } = instrument;
    if (this.registry.getSingleMetric(name) !== undefined && !this.registered.includes(name)) {
      throw new TrackerSetupError(
        'metrics_name_taken',
        `The metrics registry has a metric "${name}" already. Give this module a registry of its own or another ` +
          'prefix: metrics: { registry, prefix: "other_" }.',
      );
    }
    if (this.registered.includes(name)) this.registry.removeSingleMetric(name);
    else this.registered.push(name);
    this.registry.registerMetric(instrument as never);
    return instrument;
  }
}
