import { Inject, Injectable, Logger } from '@nestjs/common';
import { DatabaseBreaker } from '../database/database-breaker';
import { TrackerDatabase } from '../database/tracker-database';
import { uuidV7 } from '../database/uuid-v7';
import { EventNotifier } from '../events/event-notifier';
import { EventRelay } from '../events/event-relay';
import { IntegrationDirectory } from '../integrations/integration-directory';
import { type CompiledIntegration } from '../integrations/integration-recipe';
import { Journal } from '../journal/journal';
import { JournalRefusedError } from '../journal/journal.errors';
import { type JournaledPostback } from '../journal/journaled-postback';
import { TrackerMeter } from '../metrics/meter';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { type Arrival, caseOf } from './arrival';
import { type Ticket } from './batch-lane';
import { inTime } from './in-time';
import { asRefusal, IntakeUnavailableError, isAway, unavailable } from './intake.errors';
import { type JudgedBatch, JudgingService } from './judging.service';
import { KnownPostbacks } from './known-postbacks';
import { Loader } from './loader';
import { type PostbackOutcome, type ReadCase, storedCase } from './postback-case';
import { type LaneEntry, PostbackLanes } from './postback-lanes';
import { PostbackStore } from './postback-store';
import { type PlannedEvent } from './planned-case';
import {
  clickIdsOf,
  IntegrationGoneError,
  journaled,
  postponedCase,
  postponedOutcome,
} from './postponed-postback';

/** One batch at a time: two are half as large each, and what a batch costs by itself then counts twice. */
const DEFAULTS = { maxQueue: 10_000, maxBatch: 512, concurrency: 1, timeoutMs: 4_500 };
/** How long the journal may take beyond a postback's own time: the answer comes within 5 s still. */
const JOURNAL_MS = 450;
/** How long the database may take to answer a probe while a batch of ours takes long. */
const DOUBT_MS = 1_000;
/** Stored rows judged again in one go. */
const AGAIN_AT_ONCE = 200;

/**
 * The way in: what arrives while a batch is being written becomes the next batch, and the answer goes out after the
 * batch's commit. Postbacks of one click share a lane, so that they are judged in the order they came. What the database
 * cannot take goes to the journal, in the same order, and a click with postbacks there has its newer ones behind them.
 */
@Injectable()
export class IntakeService {
  private readonly logger = new Logger(IntakeService.name);
  private readonly limits: typeof DEFAULTS;
  private readonly lanes: PostbackLanes;
  private readonly lookUps: Loader<CompiledIntegration>;
  private readonly background = new Set<Promise<unknown>>();

  constructor(
    @Inject(JudgingService) private readonly judging: JudgingService,
    @Inject(PostbackStore) private readonly store: PostbackStore,
    @Inject(KnownPostbacks) private readonly known: KnownPostbacks,
    @Inject(IntegrationDirectory) private readonly integrations: IntegrationDirectory,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(DatabaseBreaker) private readonly breaker: DatabaseBreaker,
    @Inject(EventRelay) private readonly relay: EventRelay,
    @Inject(EventNotifier) private readonly notifier: EventNotifier,
    @Inject(TrackerMeter) meter: TrackerMeter,
    @Inject(TrackerDatabase) database: TrackerDatabase,
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
  ) {
    this.limits = { ...DEFAULTS, ...options.intake };
    // The server is closed by then: whatever was accepted is still being written, and is waited for.
    database.beforeClose(() => this.finish());
    this.lookUps = new Loader((ids) => this.integrations.get(ids));
    this.lanes = new PostbackLanes(
      {
        judging,
        known,
        breaker,
        meter,
        committed: (reads, batch) => {
          this.committed(reads, batch);
        },
        slow: () => {
          // With a journal nobody has to wait until the statement is given up on.
          if (journal.isConfigured) breaker.doubt(new Error('A batch takes too long.'), DOUBT_MS);
        },
        unfinished: (error, begun) => {
          if (isAway(error)) breaker.trip(error, begun);
          this.relinquish(error);
        },
      },
      this.limits.concurrency,
      this.limits.maxBatch,
    );
    breaker.onOpen((error) => {
      this.relinquish(error);
    });
    meter.watch('queue_length', () => this.queueLength);
    meter.watch('breaker_open', () => (breaker.isOpen ? 1 : 0));
    meter.watch('journal_records', () => journal.status()?.records ?? 0);
    meter.watch('journal_bytes', () => journal.status()?.bytes ?? 0);
  }

  /** Postbacks that wait to be written. */
  get queueLength(): number {
    return this.lanes.length;
  }

  /**
   * Takes a request in and answers once its verdict is committed, or once it is safe in the journal.
   * @throws IntakeUnavailableError when neither can be had: nothing is promised
   */
  async accept(arrival: Arrival): Promise<PostbackOutcome> {
    const { integrationId } = arrival;
    const until = performance.now() + this.limits.timeoutMs;
    try {
      const integration = this.integrations.cached(integrationId) ?? (await this.lookUp(integrationId));
      if (integration === undefined) return { kind: 'unknown_integration' };
      return await this.take(arrival, integration, until);
    } catch (error) {
      if (error instanceof IntakeUnavailableError) throw error;
      this.logger.error(`A postback could not be taken: ${String(error)}`);
      throw unavailable(error);
    }
  }

  /**
   * Judges what waited in the journal, in the order given. Answers for each null when the database has it, else why not.
   * What the database has already is left alone: the write that was given up on was carried out after all.
   */
  async judgeJournaled(records: readonly JournaledPostback[]): Promise<readonly unknown[]> {
    const known = await this.known.among(records.map(({ id }) => id));
    const ids = [...new Set(records.map(({ integrationId }) => integrationId))];
    const integrations = await this.integrations.get(ids, { gone: true });
    return Promise.all(
      records.map(async (record) => {
        if (known.has(record.id)) return null;
        const integration = integrations.get(record.integrationId);
        if (integration === undefined) return new IntegrationGoneError(record);
        try {
          const read = this.judging.read(postponedCase(record), integration);
          const outcome = await this.lanes.push({ read, origin: 'journal', until: Infinity });
          return outcome.kind === 'unknown_integration' ? new IntegrationGoneError(record) : null;
        } catch (error) {
          return error;
        }
      }),
    );
  }

  /** Resolves once nothing waits, is under way, or is being judged again because of what was. */
  async settled(): Promise<void> {
    while (this.background.size > 0 || this.lanes.isBusy) {
      await Promise.allSettled([...this.background, this.lanes.idle()]);
    }
  }

  /**
   * Judges rows again that are stored already and wait: parked, deferred, or, with `release`, quarantined ones. Answers
   * how many of them got another status than they had.
   */
  async judgeStored(ids: readonly string[], { release = false } = {}): Promise<number> {
    let changed = 0;
    // A part at a time: what arrives meanwhile waits for one part and not for all of them.
    for (let from = 0; from < ids.length; from += AGAIN_AT_ONCE) {
      changed += await this.judgePart(ids.slice(from, from + AGAIN_AT_ONCE), release);
    }
    return changed;
  }

  private async judgePart(ids: readonly string[], release: boolean): Promise<number> {
    const rows = await this.store.stored(ids, release ? ['quarantined'] : ['unmatched', 'deferred']);
    if (rows.length === 0) return 0;
    // Those of an integration that is gone are judged too, and come out as `integration_deleted`.
    const owners = [...new Set(rows.map((row) => row.integrationId))];
    const integrations = await this.integrations.get(owners, { gone: true });
    const changes = await Promise.all(
      rows.map(async (row) => {
        const integration = integrations.get(row.integrationId);
        if (integration === undefined) return false;
        const stored = storedCase(release ? { ...row, admission: null } : row);
        const read = this.judging.read(stored, integration);
        const outcome = await this.lanes.push({ read, origin: 'stored', until: Infinity });
        // Where somebody else was faster it waits no more either: whoever had it looked at is told so.
        return outcome.kind === 'gone' || (outcome.kind === 'judged' && outcome.status !== row.status);
      }),
    );
    return changes.filter(Boolean).length;
  }

  /** Makes what was committed known: to the handlers of this process and to listeners. */
  tell(events: readonly PlannedEvent[], deliveries: number): void {
    if (deliveries > 0) this.relay.wake();
    this.notifier.notify(events);
  }

  private async lookUp(integrationId: string): Promise<CompiledIntegration | undefined> {
    const known = this.integrations.lastKnown(integrationId);
    if (this.breaker.isOpen) {
      if (known === undefined) throw unavailable(this.breaker.error);
      return known;
    }
    try {
      return await inTime(
        this.limits.timeoutMs,
        this.lookUps.get(integrationId),
        'The database did not answer',
      );
    } catch (error) {
      if (isAway(error)) this.breaker.trip(error);
      if (known === undefined || !this.journal.isConfigured) throw error;
      return known;
    }
  }

  private take(arrival: Arrival, integration: CompiledIntegration, until: number): Promise<PostbackOutcome> {
    const arrived = caseOf(arrival, integration, uuidV7(arrival.receivedAt));
    const read = this.judging.read(arrived, integration);
    const origin = arrival.sample === undefined && arrival.byHand !== true ? 'arrival' : 'admin';
    const entry: LaneEntry = { read, origin, until };
    if (this.breaker.isOpen) return this.postpone(entry, () => unavailable(this.breaker.error));
    if (origin === 'arrival' && this.isHeld(read)) {
      return this.postpone(entry, () => unavailable('Its click waits in the journal.'));
    }
    const waiting = this.queueLength;
    if (waiting >= this.limits.maxQueue) {
      return this.postpone(
        entry,
        () => new IntakeUnavailableError('queue_full', `${waiting} postbacks wait.`),
      );
    }
    return this.judged(entry);
  }

  private judged(entry: LaneEntry): Promise<PostbackOutcome> {
    const milliseconds = Math.max(0, entry.until - performance.now());
    return new Promise((resolve, reject) => {
      const ticket: Ticket = { withdrawn: false };
      const timer = setTimeout(() => {
        const tooSlow = new IntakeUnavailableError(
          'too_slow',
          `No commit within ${this.limits.timeoutMs} ms.`,
        );
        this.breaker.doubt(tooSlow);
        if (this.journal.isConfigured && entry.origin === 'arrival') {
          // It, what came before it and what came after it, in one go: their order has to stay.
          this.relinquish(tooSlow);
        } else {
          // After a 503 the sender may send it again: what is not under way by then must not be written.
          ticket.withdrawn = true;
          reject(tooSlow);
        }
      }, milliseconds);
      this.lanes.push(entry, ticket).then(
        (outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(asRefusal(error));
        },
      );
    });
  }

  /** To the journal, where there is one and it is a network that waits. */
  private postpone(
    { read, origin, until }: LaneEntry,
    refusal: () => IntakeUnavailableError,
  ): Promise<PostbackOutcome> {
    if (origin !== 'arrival' || !this.journal.isConfigured) return Promise.reject(refusal());
    const milliseconds = Math.max(0, until - performance.now()) + JOURNAL_MS;
    return inTime(milliseconds, this.journal.append(journaled(read)), 'The disk did not answer').then(
      () => postponedOutcome(read),
      (cause: unknown) => {
        const code = cause instanceof JournalRefusedError ? cause.code : 'journal_failed';
        throw new IntakeUnavailableError(code, `The journal did not take it: ${String(cause)}`, { cause });
      },
    );
  }

  private isHeld({ reading }: ReadCase): boolean {
    return this.journal.isHolding && this.journal.holds({ clickIds: clickIdsOf(reading) });
  }

  private committed(
    reads: readonly ReadCase[],
    { outcomes, events, deliveries, judgeAgain }: JudgedBatch,
  ): void {
    this.tell(events, deliveries);
    this.lookAgain(
      reads.filter(({ case: arrived }) => isParked(outcomes.get(arrived.id)) && arrived.storedAs === null),
    );
    if (judgeAgain.length > 0) {
      this.inBackground(this.judgeStored(judgeAgain), 'Judging waiting reversals again failed');
    }
  }

  /**
   * Nothing of what is here goes to the database now: what has a place in the journal goes there, in the order it came.
   * What is under way may be written after all; its id then tells the journal's record apart from a second postback.
   */
  private relinquish(error: unknown): void {
    this.lanes.relinquish((entry, isUnderWay) => {
      if (entry.origin === 'arrival' && this.journal.isConfigured) {
        return this.postpone(entry, () => asRefusal(error));
      }
      return isUnderWay || !this.breaker.isOpen ? null : Promise.reject(asRefusal(error));
    });
  }

  private async finish(): Promise<void> {
    await this.settled();
    this.breaker.stop();
    await this.journal.close();
  }

  /**
   * A click registered between our look and our commit found nothing parked to wake: so every parked postback looks
   * for its click once more after its own commit.
   */
  private lookAgain(parked: readonly ReadCase[]): void {
    if (parked.length === 0) return;
    this.inBackground(
      this.store
        .parkedWithClick(parked.map(({ case: { id } }) => id))
        .then((ids) => (ids.length === 0 ? 0 : this.judgeStored(ids))),
      'The second look for unmatched postbacks failed',
    );
  }

  private inBackground(work: Promise<unknown>, complaint: string): void {
    const tracked = work
      .catch((error: unknown) => {
        this.logger.warn(`${complaint}: ${String(error)}`);
      })
      .finally(() => this.background.delete(tracked));
    this.background.add(tracked);
  }
}

function isParked(outcome: PostbackOutcome | undefined): boolean {
  return outcome?.kind === 'judged' && outcome.code === 'click_unknown';
}
