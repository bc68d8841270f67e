import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { TrackerDatabase } from '../database/tracker-database';
import { type TrackerClock, type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { type ClaimedDelivery, type DeliveryResult, DeliveryStore } from './delivery-store';
import { type EventPayload } from './event-payload';
import { describeError } from './describe-error';
import { HandlerRegistry, type RegisteredHandler } from './handler-registry';
import { eventOf } from './tracker-events';

const DEFAULTS = {
  handlerTimeoutMs: 30_000,
  maxAttempts: 12,
  retryDelayMs: 1_000,
  pollIntervalMs: 1_000,
  concurrency: 16,
};
const MAX_RETRY_MS = 3_600_000;
/** Short, and renewed while the handler runs: what a killed process had claimed is soon somebody else's. */
const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
/** Deliveries claimed for each one that may be under way. */
const CLAIM_AHEAD = 4;
const ERROR_LENGTH = 2_000;

/**
 * Brings committed events to the handlers of this process. Deliveries are rows; waking up is a hint and the poll is
 * the truth, so that a crash or another process's work is found.
 */
@Injectable()
export class EventRelay implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger(EventRelay.name);
  private readonly settings: typeof DEFAULTS;
  private readonly underWay = new Set<Promise<void>>();
  /** Claimed and waiting for a place. */
  private readonly waiting: ClaimedDelivery[] = [];
  private readonly leased = new Map<string, ClaimedDelivery>();
  private readonly finished: DeliveryResult[] = [];
  private saving: Promise<void> | null = null;
  private claiming: Promise<void> | null = null;
  private again = false;
  private state: 'waiting' | 'running' | 'stopped' = 'waiting';
  private timer: NodeJS.Timeout | undefined;
  private renewal: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HandlerRegistry) private readonly handlers: HandlerRegistry,
    @Inject(DeliveryStore) private readonly store: DeliveryStore,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
    @Inject(TrackerDatabase) database: TrackerDatabase,
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
  ) {
    database.beforeClose(() => this.stop());
    this.settings = { ...DEFAULTS, ...options.events };
  }

  onModuleInit(): void {
    this.handlers.discover();
  }

  /** Handlers run once every provider of the host is ready, and not before. */
  async onApplicationBootstrap(): Promise<void> {
    // One that is handed over while the others are being registered must not be left out.
    for (let registered = 0; registered < this.handlers.all().length;) {
      const handlers = this.handlers.all();
      await this.store.register(handlers);
      registered = handlers.length;
    }
    this.state = 'running';
    this.wake();
    this.timer = setInterval(() => {
      this.wake();
    }, this.settings.pollIntervalMs);
    this.timer.unref();
    this.renewal = setInterval(() => {
      void this.renew();
    }, RENEW_EVERY_MS);
    this.renewal.unref();
  }

  private async stop(): Promise<void> {
    this.state = 'stopped';
    clearInterval(this.timer);
    const unbegun = this.waiting.splice(0);
    if (unbegun.length > 0) {
      await this.store.release(unbegun).catch((error: unknown) => {
        this.logger.warn(
          `${unbegun.length} claimed deliveries wait for their lease to end: ${describeError(error)}`,
        );
      });
    }
    await this.idle();
    clearInterval(this.renewal);
  }

  /** Registers a handler; after the start also in the database at once. */
  async add(handler: RegisteredHandler): Promise<void> {
    this.handlers.add(handler);
    if (this.state !== 'running') return;
    try {
      await this.store.register([handler]);
    } catch (error) {
      // Left out whole, so that the host may try again.
      this.handlers.remove(handler.name);
      throw error;
    }
    this.wake();
  }

  /** Looks for due deliveries now. */
  wake(): void {
    if (this.state !== 'running') return;
    this.again = true;
    this.claiming ??= this.claimAll().finally(() => {
      this.claiming = null;
    });
  }

  /** Resolves once nothing is being claimed, run or saved in this process. */
  async idle(): Promise<void> {
    for (;;) {
      const pending = [this.claiming, this.saving, ...this.underWay].filter((work) => work !== null);
      if (pending.length === 0) return;
      await Promise.allSettled(pending);
    }
  }

  private async claimAll(): Promise<void> {
    // `wake` while we ask may mean rows that this question did not see.
    while (this.again && this.state === 'running') {
      this.again = false;
      const free = this.settings.concurrency * CLAIM_AHEAD - this.underWay.size - this.waiting.length;
      const names = this.handlers.all().map(({ name }) => name);
      // A claim costs the database the same for a few as for many: it is made when half of the room is free.
      if (free < (this.settings.concurrency * CLAIM_AHEAD) / 2 || names.length === 0) return;
      try {
        const claimed = await this.store.claim(names, free, randomUUID(), LEASE_MS);
        for (const delivery of claimed) this.leased.set(delivery.id, delivery);
        this.waiting.push(...claimed);
        this.startWaiting();
        if (claimed.length === free) this.again = true;
      } catch (error) {
        this.logger.warn(`Due events could not be looked for: ${String(error)}`);
        return;
      }
    }
  }

  private async renew(): Promise<void> {
    if (this.leased.size === 0) return;
    try {
      await this.store.renew([...this.leased.values()], LEASE_MS);
    } catch (error) {
      this.logger.warn(`${this.leased.size} leases could not be renewed: ${String(error)}`);
    }
  }

  private startWaiting(): void {
    while (this.underWay.size < this.settings.concurrency) {
      const delivery = this.waiting.shift();
      if (delivery === undefined) return;
      this.start(delivery);
    }
  }

  private start(delivery: ClaimedDelivery): void {
    const attempt = this.attempt(delivery).then((result) => {
      this.underWay.delete(attempt);
      this.startWaiting();
      this.finished.push(result);
      this.saving ??= this.save();
    });
    this.underWay.add(attempt);
  }

  private async save(): Promise<void> {
    while (this.finished.length > 0) {
      const results = this.finished.splice(0);
      try {
        await this.store.finish(results);
      } catch (error) {
        // The leases run out and the handlers run again: at least once is kept.
        this.logger.warn(`${results.length} finished deliveries could not be saved: ${String(error)}`);
      }
      for (const { id, token } of results) {
        if (this.leased.get(id)?.token === token) this.leased.delete(id);
      }
      // Only now are the later events of these clicks due.
      this.wake();
    }
    this.saving = null;
  }

  private async attempt(delivery: ClaimedDelivery): Promise<DeliveryResult> {
    const { id, token, attempt } = delivery;
    try {
      await this.run(delivery);
      return { id, token, status: 'done', retryIn: 0, error: null };
    } catch (error) {
      const message = describeError(error).slice(0, ERROR_LENGTH);
      const parked = attempt >= this.settings.maxAttempts;
      this.logger.warn(
        `Handler ${delivery.handler} failed on event ${delivery.eventId} ("${delivery.name}"), attempt ${attempt}: ` +
          `${message}. ${parked ? 'It is parked.' : 'It is tried again.'}`,
      );
      return {
        id,
        token,
        status: parked ? 'parked' : 'pending',
        retryIn: this.delayAfter(attempt),
        error: { attempt, at: new Date(this.clock.now()).toISOString(), message },
      };
    }
  }

  private async run({ handler, eventId, name, payload, attempt }: ClaimedDelivery): Promise<void> {
    const registered = this.handlers.get(handler);
    if (registered === undefined) throw new Error(`This process has no handler "${handler}".`);
    const event = eventOf(eventId, name, JSON.parse(payload) as EventPayload, attempt);
    const time = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`Not finished within ${this.settings.handlerTimeoutMs} ms.`);
        reject(error);
        time.abort(error);
      }, this.settings.handlerTimeoutMs);
    });
    try {
      // Started inside a promise, so that a handler that throws at once is a failed attempt like any other.
      const work = Promise.resolve().then(() => registered.run(event, { signal: time.signal, attempt }));
      await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Doubling, with up to half of it taken off at random so that failed events do not come back all at once. */
  private delayAfter(attempt: number): number {
    const full = Math.min(MAX_RETRY_MS, this.settings.retryDelayMs * 2 ** Math.min(attempt - 1, 30));
    return Math.round(full * (1 - Math.random() / 2));
  }
}
