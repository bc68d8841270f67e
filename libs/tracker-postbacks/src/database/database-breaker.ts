import { Inject, Injectable, Logger } from '@nestjs/common';
import { TrackerDatabase } from './tracker-database';

const PROBE_EVERY_MS = 500;
/** Several may be under way: one that a network swallowed must not hide that the next would be answered. */
const PROBE_MS = 3_000;

/**
 * Knows that the database is away, so that nobody waits for it in vain. A failed statement opens it; from then on only
 * probes go there, and the first one that is answered closes it.
 */
@Injectable()
export class DatabaseBreaker {
  private readonly logger = new Logger('TrackerDatabase');
  private openedAt: number | null = null;
  /** By the monotonic clock. */
  private closedAt = 0;
  private lastError: unknown = null;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private isDoubting = false;
  private readonly openListeners: ((error: unknown) => void)[] = [];
  private closeListeners: (() => void)[] = [];

  constructor(@Inject(TrackerDatabase) private readonly database: TrackerDatabase) {}

  get isOpen(): boolean {
    return this.openedAt !== null;
  }

  /** Milliseconds since the epoch, by the system's clock; null while the database is there. */
  get openSince(): number | null {
    return this.openedAt;
  }

  /** Why it is open. */
  get error(): unknown {
    return this.lastError;
  }

  /** Called synchronously whenever it opens. */
  onOpen(listener: (error: unknown) => void): void {
    this.openListeners.push(listener);
  }

  /**
   * A statement failed in a way that says nothing about its data.
   * @param begun when it was sent, by the monotonic clock: one of before the last return tells nothing new
   */
  trip(error: unknown, begun = performance.now()): void {
    if (this.isOpen || this.isStopped || begun < this.closedAt) return;
    this.openedAt = Date.now();
    this.lastError = error;
    this.logger.error(`The database is away: ${String(error)}`);
    for (const listener of this.openListeners) listener(error);
    this.probeAgain();
  }

  /**
   * Something takes long: opens it unless the database answers a probe.
   * @param milliseconds how long that may take
   */
  doubt(reason: unknown, milliseconds = PROBE_MS): void {
    if (this.isOpen || this.isStopped || this.isDoubting) return;
    this.isDoubting = true;
    this.database.probe(milliseconds).then(
      () => {
        this.isDoubting = false;
      },
      () => {
        this.isDoubting = false;
        this.trip(reason);
      },
    );
  }

  /** Resolves once it is closed, or stopped. */
  whenClosed(): Promise<void> {
    if (!this.isOpen || this.isStopped) return Promise.resolve();
    return new Promise((resolve) => this.closeListeners.push(resolve));
  }

  /** Probes no more; whoever waits goes on. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.release();
  }

  private probeAgain(): void {
    this.database.probe(PROBE_MS).then(
      () => {
        this.close();
      },
      () => undefined,
    );
    this.timer = setTimeout(() => {
      if (this.isOpen) this.probeAgain();
    }, PROBE_EVERY_MS);
    this.timer.unref();
  }

  private close(): void {
    if (this.openedAt === null || this.isStopped) return;
    clearTimeout(this.timer);
    // Connections of before look open and may be dead, each good for one more time-out.
    this.database.reconnect();
    this.logger.log(`The database is back after ${Date.now() - this.openedAt} ms.`);
    this.openedAt = null;
    this.closedAt = performance.now();
    this.lastError = null;
    this.release();
  }

  private release(): void {
    const listeners = this.closeListeners;
    this.closeListeners = [];
    for (const listener of listeners) listener();
  }
}
