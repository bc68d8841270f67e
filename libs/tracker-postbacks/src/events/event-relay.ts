import { randomUUID } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { failureOf } from '../database/database-error';
import { TrackerDatabase } from '../database/tracker-database';
import { TrackerMeter } from '../metrics/meter';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { ClaimWindow } from './claim-window';
import { DeliveryStore } from './delivery-store';
import {
  type Claim,
  type ClaimedDelivery,
  type DeliveryResult,
  type HandlerPlaces,
} from './delivery-store.types';
import { describeError } from './describe-error';
import { type HandlerAttempt } from './handler-attempt';
import { HandlerPresence } from './handler-presence';
import { HandlerRegistry, type RegisteredHandler } from './handler-registry';
import { HandlerRunner } from './handler-runner';

const DEFAULTS = { pollIntervalMs: 1_000, concurrency: 16 };
/** Short, and renewed while the handler runs: what a killed process had claimed is soon somebody else's. */
const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 3_000;

/**
 * Brings committed events to the handlers of this process. Deliveries are rows; waking up is a hint and the poll is
 * the truth, so that a crash or another process's work is found. What is claimed is begun at once: a claim that nobody
 * ever ended is an attempt in which the process died.
 */
@Injectable()
export class EventRelay implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(EventRelay.name);
  private readonly settings: typeof DEFAULTS;
  /** Attempts whose lease is ours: under way, or ended and not saved yet. */
  private readonly held = new Map<string, HandlerAttempt>();
  private readonly underWay = new Set<Promise<void>>();
  /** How many of them are whose. */
  private readonly busy = new Map<string, number>();
  private readonly finished: DeliveryResult[] = [];
  private readonly unbegun: ClaimedDelivery[] = [];
  private turn: Promise<void> | null = null;
  private wanted = false;
  /** Handlers with deliveries that have to run alone. */
  private readonly suspected = new Set<string>();
  /** The last claim was for one of those, which may be under way now. */
  private alone = false;
  private renewedAt = performance.now();
  private readonly window: ClaimWindow;
  private state: 'waiting' | 'running' | 'stopped' = 'waiting';
  private poll: NodeJS.Timeout | undefined;
  private renewal: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HandlerRegistry) private readonly handlers: HandlerRegistry,
    @Inject(HandlerPresence) private readonly presence: HandlerPresence,
    @Inject(HandlerRunner) private readonly runner: HandlerRunner,
    @Inject(DeliveryStore) private readonly store: DeliveryStore,
    @Inject(TrackerMeter) meter: TrackerMeter,
    @Inject(TrackerDatabase) database: TrackerDatabase,
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
  ) {
    database.beforeClose(() => this.stop());
    meter.watch('deliveries_running', () => this.underWay.size);
    this.settings = { ...DEFAULTS, ...options.events };
    this.window = new ClaimWindow(this.settings.concurrency);
  }

  onModuleInit(): void {
    this.handlers.discover();
  }

  /** Handlers run once every provider of the host is ready, and not before. */
  async onApplicationBootstrap(): Promise<void> {
    const wake = (): void => {
      this.wake();
    };
    await this.presence.start(wake);
    this.state = 'running';
    this.wake();
    this.poll = setInterval(() => {
      this.window.resetNowAndThen();
      this.wake();
    }, this.settings.pollIntervalMs).unref();
    this.renewal = setInterval(() => void this.renew(), RENEW_EVERY_MS).unref();
  }

  /** Nothing more is begun, and what is under way ends before the host closes what its handlers work with. */
  async beforeApplicationShutdown(): Promise<void> {
    this.state = 'stopped';
    clearInterval(this.poll);
    await this.idle();
  }

  private async stop(): Promise<void> {
    await this.beforeApplicationShutdown();
    clearInterval(this.renewal);
    await this.presence.stop();
  }

  /** Registers a handler; after the start also in the database at once. */
  async add(handler: RegisteredHandler): Promise<void> {
    this.handlers.add(handler);
    if (this.state !== 'running') return;
    try {
      await this.presence.enrol([handler]);
    } catch (error) {
      // Left out whole, so that the host may try again.
      this.handlers.remove(handler.name);
      throw error;
    }
  }

  /** Looks for due deliveries now. */
  wake(): void {
    if (this.state !== 'running') return;
    this.wanted = true;
    this.work();
  }

  /** Resolves once nothing is being claimed, run or saved in this process. */
  async idle(): Promise<void> {
    for (;;) {
      const pending = [this.turn, ...this.underWay].filter((work) => work !== null);
      if (pending.length === 0) return;
      await Promise.allSettled(pending);
    }
  }

  private work(): void {
    this.turn ??= this.saveAndClaim().finally(() => {
      this.turn = null;
      if (this.wanted) this.work();
    });
  }

  /** One after the other: a claim beside the end of an attempt would put off what that end is about to free. */
  private async saveAndClaim(): Promise<void> {
    for (;;) {
      const results = this.finished.splice(0);
      if (results.length > 0 && !(await this.save(results))) {
        // With the next poll; until then nothing new is begun either.
        this.finished.unshift(...results);
        this.wanted = false;
        return;
      }
      if (this.wanted) await this.claim();
      else if (this.finished.length === 0) return;
    }
  }

  private async claim(): Promise<void> {
    this.wanted = false;
    if ((this.alone || this.suspected.size > 0) && this.underWay.size > 0) return;
    // By turns with all others, so that many suspects hold up nobody.
    const [suspect] = this.alone ? [] : this.suspected;
    const places = this.freePlaces(suspect);
    if (places.length === 0) return;
    const asked = performance.now();
    try {
      await this.giveBack();
      // A handler that kept the event loop busy may have kept renewals from being sent: what runs here is not claimed again.
      if (asked - this.renewedAt > LEASE_MS / 2) await this.renew();
      const claim = await this.store.claim(places, {
        token: randomUUID(),
        leaseMs: LEASE_MS,
        look: this.window.look,
        alone: suspect !== undefined,
        recheckMs: this.settings.pollIntervalMs,
      });
      this.alone = suspect !== undefined;
      this.window.move(places, asked, claim, this.alone);
      this.noteSuspects(suspect, claim);
      this.wanted ||= claim.heldBack > 0 || this.alone || this.suspected.size > 0;
      // This process may have been stopped on the way, and its leases may be over.
      if (performance.now() - asked > LEASE_MS / 2) this.unbegun.push(...claim.deliveries);
      else this.begin(claim.deliveries);
      await this.giveBack();
    } catch (error) {
      this.wanted = false;
      this.logger.warn(`Due events could not be looked for: ${describeError(error)}`);
    }
  }

  /** What was claimed and not begun must not look like an attempt that took its process down. */
  private async giveBack(): Promise<void> {
    if (this.unbegun.length === 0) return;
    await this.store.release(this.unbegun);
    this.window.reset();
    this.unbegun.length = 0;
  }

  private noteSuspects(asked: string | undefined, { suspected }: Claim): void {
    if (asked !== undefined) this.suspected.delete(asked);
    for (const handler of suspected) this.suspected.add(handler);
  }

  /** @param alone the handler of which one delivery is to be run by itself */
  private freePlaces(alone: string | undefined): readonly HandlerPlaces[] {
    if (this.state !== 'running') return [];
    if (alone !== undefined) return [this.window.of(alone, 1)];
    return this.handlers.all().flatMap(({ name: handler }) => {
      const places = this.settings.concurrency - (this.busy.get(handler) ?? 0);
      return places > 0 && this.presence.isReady(handler) ? [this.window.of(handler, places)] : [];
    });
  }

  private begin(claimed: readonly ClaimedDelivery[]): void {
    for (const delivery of claimed) {
      const result = this.runner.withoutRunning(delivery);
      if (result === null) this.start(delivery);
      else this.finished.push(result);
    }
  }

  private start(delivery: ClaimedDelivery): void {
    const { id, handler } = delivery;
    const attempt = this.runner.attemptAt(delivery);
    this.held.set(id, attempt);
    this.busy.set(handler, (this.busy.get(handler) ?? 0) + 1);
    const run = this.runner.run(attempt).then((result) => {
      this.underWay.delete(run);
      this.busy.set(handler, (this.busy.get(handler) ?? 1) - 1);
      this.finished.push(result);
      if (this.state === 'running')
        this.wanted ||= this.window.hasMore || this.suspected.size > 0 || this.alone;
      this.work();
    });
    this.underWay.add(run);
  }

  /** Answers false when nothing could be saved, and nothing is lost by trying again. */
  private async save(results: readonly DeliveryResult[]): Promise<boolean> {
    try {
      const { saved, freed } = await this.store.finish(results);
      if (this.state === 'running') this.wanted ||= freed > 0;
      const refused = results.length - saved.length;
      if (refused > 0) this.logger.warn(`${refused} attempts ended after another process had taken over.`);
    } catch (error) {
      this.logger.warn(`${results.length} ended attempts could not be saved: ${describeError(error)}`);
      if (failureOf(error) !== 'data') {
        if (this.state === 'running') return false;
      } else if (results.length > 1) {
        // One that cannot be written must not undo the others. Its lease runs out.
        for (const result of results) await this.save([result]);
      }
    }
    for (const { id, token } of results) {
      if (this.held.get(id)?.delivery.token === token) this.held.delete(id);
    }
    return true;
  }

  private async renew(): Promise<void> {
    this.renewedAt = performance.now();
    const attempts = [...this.held.values()];
    if (attempts.length === 0) return;
    const leases = attempts.map(({ delivery }) => delivery);
    try {
      const held = new Set(await this.store.renew(leases, LEASE_MS));
      for (const attempt of attempts) if (!held.has(attempt.delivery.id)) attempt.abandon();
    } catch (error) {
      this.logger.warn(`${leases.length} leases could not be renewed: ${describeError(error)}`);
    }
  }
}
