import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type TrackerClock, type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { TRACKER_CLOCK, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { RetentionStore, type Window } from './retention.store';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULTS = { sweepIntervalMs: 60_000, batchSize: 500 };
/** Windows of one sweep and kind; the next sweep goes on where it ended. */
const MAX_WINDOWS = 40;

/** What one sweep deleted. */
export interface Swept {
  readonly postbacks: number;
  readonly events: number;
}

/** Deletes what is older than the host wants it kept, a few rows at a time. */
@Injectable()
export class RetentionSweep implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('TrackerRetention');
  private readonly settings: NonNullable<TrackerPostbacksOptions['retention']> & typeof DEFAULTS;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<unknown> = Promise.resolve();
  private isStopped = false;
  /** Rows that may not go yet are not looked at in every sweep again, before the end has been reached. */
  private readonly reached: { postbacks: string | null; events: string | null } = {
    postbacks: null,
    events: null,
  };

  constructor(
    @Inject(RetentionStore) private readonly store: RetentionStore,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
    @Inject(TRACKER_OPTIONS) { retention }: TrackerPostbacksOptions,
  ) {
    this.settings = { ...DEFAULTS, ...retention };
    for (const [name, value] of Object.entries(this.settings)) {
      if (!(value > 0) || !Number.isFinite(value)) {
        throw new TrackerSetupError(
          'retention_invalid',
          `retention.${name} is ${String(value)}: it has to be a number over 0; leave it out for the default.`,
        );
      }
    }
  }

  onApplicationBootstrap(): void {
    const { postbacksDays, eventsDays } = this.settings;
    if (postbacksDays !== undefined || eventsDays !== undefined) this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /** Deletes what is old enough now, within the bounds of one sweep. */
  async sweep(): Promise<Swept> {
    const { postbacksDays, eventsDays, batchSize } = this.settings;
    const now = this.clock.now();
    const events =
      eventsDays === undefined
        ? 0
        : await this.windows('events', (after) =>
            this.store.deleteEvents(after, now - eventsDays * DAY_MS, batchSize),
          );
    const postbacks =
      postbacksDays === undefined
        ? 0
        : await this.windows('postbacks', (after) =>
            this.store.deletePostbacks(after, now - postbacksDays * DAY_MS, now, batchSize),
          );
    if (postbacksDays !== undefined) await this.store.deleteRejectedCounts(now - postbacksDays * DAY_MS);
    return { postbacks, events };
  }

  private async windows(
    kind: 'postbacks' | 'events',
    look: (after: string | null) => Promise<Window>,
  ): Promise<number> {
    let total = 0;
    for (let count = 0; count < MAX_WINDOWS && !this.isStopped; count += 1) {
      const { next, deleted } = await look(this.reached[kind]);
      total += deleted;
      this.reached[kind] = next;
      if (next === null) break;
    }
    return total;
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep()
        .catch((error: unknown) => {
          this.logger.warn(`Old rows could not be deleted and are tried again: ${String(error)}`);
        })
        .finally(() => {
          if (!this.isStopped) this.schedule();
        });
    }, this.settings.sweepIntervalMs);
    this.timer.unref();
  }
}
