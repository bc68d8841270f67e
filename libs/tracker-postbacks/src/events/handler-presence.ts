import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { failureOf } from '../database/database-error';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { describeError } from './describe-error';
import { HandlerRegistry } from './handler-registry';
import { type HandlerRegistration, HandlerStore } from './handler-store';

/** How often a process says that it still has its handlers. */
const BEAT_MS = 60_000;
/** How long a registration that somebody is in the way of is tried again. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 200;
const ENDED_AT_ONCE = 500;

/**
 * Which handlers this process has, as the database is to know them: registered at the start, said again every minute for
 * as long as the process lives, signed off when it stops in order.
 */
@Injectable()
export class HandlerPresence {
  private readonly logger = new Logger(HandlerPresence.name);
  private readonly ready = new Set<string>();
  private readonly behind = new Set<string>();
  private catchingUp: Promise<void> | null = null;
  private beating: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private onReady: () => void = () => undefined;

  constructor(
    @Inject(HandlerRegistry) private readonly handlers: HandlerRegistry,
    @Inject(HandlerStore) private readonly store: HandlerStore,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /** Registers every handler of this process. `onReady` is called whenever another one may be given events. */
  async start(onReady: () => void): Promise<void> {
    this.onReady = onReady;
    // One that is handed over while the others are being registered must not be left out.
    for (let registered = 0; registered < this.handlers.all().length;) {
      const handlers = this.handlers.all();
      await this.enrol(handlers);
      registered = handlers.length;
    }
    this.timer = setInterval(() => {
      this.beating ??= this.beat().finally(() => {
        this.beating = null;
      });
    }, BEAT_MS);
    this.timer.unref();
  }

  /** Registers handlers; they get every event that is recorded from now on. */
  async enrol(handlers: readonly HandlerRegistration[]): Promise<void> {
    const behind = new Set(await this.patiently(() => this.store.enrol(handlers)));
    for (const { name } of handlers) {
      if (behind.has(name)) this.behind.add(name);
      else this.ready.add(name);
    }
    this.catchUp();
    this.onReady();
  }

  /** Whether it may be given events: not before it has caught up with those it is to get first. */
  isReady(name: string): boolean {
    return this.ready.has(name);
  }

  /** Says that the handlers are still here, and does what a process of before may have left undone. */
  async beat(): Promise<void> {
    try {
      const lost = new Set(await this.store.touch([...this.ready, ...this.behind]));
      if (lost.size > 0 && !this.stopped) {
        this.logger.warn(
          `${[...lost].join(', ')}: retired, and registered again as new, because this process still has it. ` +
            'Take the handler out of the code before you retire it.',
        );
        await this.enrol(this.handlers.all().filter(({ name }) => lost.has(name)));
      }
      this.catchUp();
      await this.endRetired();
    } catch (error) {
      this.logger.warn(`The handlers of this process could not be kept alive: ${describeError(error)}`);
    }
  }

  /** Ends what is pending for handlers that were retired, for so long that nobody need wait for the rest. */
  async endRetired(milliseconds = BEAT_MS / 2): Promise<void> {
    const end = performance.now() + milliseconds;
    for (;;) {
      const [name] = await this.store.retiredWithWork();
      if (name === undefined || this.stopped || performance.now() > end) return;
      await this.store.endRetired(name, ENDED_AT_ONCE, new Date(this.clock.now()).toISOString());
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await Promise.all([this.catchingUp, this.beating]);
    try {
      await this.store.signOff([...this.ready, ...this.behind]);
    } catch (error) {
      this.logger.warn(`The handlers of this process could not be signed off: ${describeError(error)}`);
    }
  }

  private catchUp(): void {
    if (this.behind.size === 0) return;
    this.catchingUp ??= this.catchAllUp().finally(() => {
      this.catchingUp = null;
    });
  }

  private async catchAllUp(): Promise<void> {
    for (const name of this.behind) {
      try {
        while (!(await this.store.catchUp(name))) if (this.stopped) return;
      } catch (error) {
        // The next beat goes on where this one was.
        this.logger.warn(
          `Earlier events could not be handed to the handler ${name}: ${describeError(error)}`,
        );
        return;
      }
      this.behind.delete(name);
      this.ready.add(name);
      this.onReady();
    }
  }

  private async patiently<T>(work: () => Promise<T>): Promise<T> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (failureOf(error) !== 'conflict' || performance.now() > end || this.stopped) throw error;
      }
      await pause(PAUSE_MS);
    }
  }
}
