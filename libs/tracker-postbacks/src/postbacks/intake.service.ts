import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { TrackerDatabase } from '../database/tracker-database';
import { uuidV7 } from '../database/uuid-v7';
import { EventNotifier } from '../events/event-notifier';
import { EventRelay } from '../events/event-relay';
import { IntegrationDirectory } from '../integrations/integration-directory';
import { type CompiledIntegration } from '../integrations/integration-recipe';
import { withoutSecrets } from '../integrations/secret';
import { takeSecret } from '../rules/parameters.rule';
import { type PostbackRequest } from '../rules/reading';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { admissionOf } from './admission';
import { BatchLane, type Ticket, Unfinished, WithdrawnError } from './batch-lane';
import { IntakeUnavailableError } from './intake.errors';
import { JudgingService } from './judging.service';
import { Loader } from './loader';
import { type PostbackCase, type PostbackOutcome, type ReadCase, storedCase } from './postback-case';
import { type PlannedEvent } from './planned-case';
import { PostbackStore } from './postback-store';

const DEFAULTS = { maxQueue: 10_000, maxBatch: 512, concurrency: 1, timeoutMs: 4_500 };
const ROW_LIMIT = 65_536;
/** Stored rows judged again in one go. */
const AGAIN_AT_ONCE = 200;

/** One request of a network as the controller took it off the wire, its secret still in it. */
export interface Arrival {
  /** Lower case. */
  readonly integrationId: string;
  readonly method: string;
  readonly request: PostbackRequest;
  /** Hex SHA-256 of a body that was cut. */
  readonly rawSha256: string | null;
  readonly headerSecret: string | null;
  readonly address: string | null;
  readonly forwardedFor: string | null;
  readonly receivedAt: number;
  /**
   * A sample that the admin API sends: admitted without secret and address, and all it makes is a test. Without `deliver`
   * it makes no events, so that nobody acts on it.
   */
  readonly sample?: { readonly deliver: boolean };
  /** Recorded by hand through the admin API: admitted without secret and address. */
  readonly byHand?: boolean;
}

/**
 * The way in: what arrives while a batch is being written becomes the next batch, and the answer goes out after the
 * batch's commit. Postbacks of one click share a lane, so that they are judged in the order they came.
 */
@Injectable()
export class IntakeService {
  private readonly logger = new Logger(IntakeService.name);
  private readonly limits: typeof DEFAULTS;
  private readonly lanes: readonly BatchLane<ReadCase, PostbackOutcome>[];
  private readonly lookUps: Loader<CompiledIntegration>;
  private readonly background = new Set<Promise<unknown>>();

  constructor(
    @Inject(JudgingService) private readonly judging: JudgingService,
    @Inject(PostbackStore) private readonly store: PostbackStore,
    @Inject(IntegrationDirectory) private readonly integrations: IntegrationDirectory,
    @Inject(EventRelay) private readonly relay: EventRelay,
    @Inject(EventNotifier) private readonly notifier: EventNotifier,
    @Inject(TrackerDatabase) database: TrackerDatabase,
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
  ) {
    this.limits = { ...DEFAULTS, ...options.intake };
    // The server is closed by then: whatever was accepted is still being written, and is waited for.
    database.beforeClose(() => this.settled());
    this.lookUps = new Loader((ids) => this.integrations.get(ids));
    this.lanes = Array.from(
      { length: this.limits.concurrency },
      () => new BatchLane((reads) => this.process(reads), this.limits.maxBatch),
    );
  }

  /**
   * Takes a request in and answers once its verdict is committed.
   * @throws IntakeUnavailableError when the queue is full, the time is over or the database cannot be asked
   */
  async accept(arrival: Arrival): Promise<PostbackOutcome> {
    const { integrationId } = arrival;
    return this.withinTime(async (ticket) => {
      const integration = this.integrations.cached(integrationId) ?? (await this.lookUps.get(integrationId));
      if (integration === undefined) return { kind: 'unknown_integration' };
      if (ticket.withdrawn) throw new WithdrawnError('Nobody waits for it any more.');
      const arrived = this.caseOf(arrival, integration, uuidV7(arrival.receivedAt));
      return this.enqueue(this.judging.read(arrived, integration), ticket);
    });
  }

  /** Resolves once nothing waits, is under way, or is being judged again because of what was. */
  async settled(): Promise<void> {
    while (this.background.size > 0 || this.lanes.some((lane) => lane.isBusy)) {
      await Promise.allSettled([...this.background, ...this.lanes.map((lane) => lane.idle())]);
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
    const integrations = await this.integrations.get([...new Set(rows.map((row) => row.integrationId))]);
    const changes = await Promise.all(
      rows.map(async (row) => {
        const integration = integrations.get(row.integrationId);
        if (integration === undefined) return false;
        const stored = storedCase(release ? { ...row, admission: null } : row);
        const outcome = await this.enqueue(this.judging.read(stored, integration));
        return outcome.kind === 'judged' && outcome.status !== row.status;
      }),
    );
    return changes.filter(Boolean).length;
  }

  /** Makes what was committed known: to the handlers of this process and to listeners. */
  tell(events: readonly PlannedEvent[], deliveries: number): void {
    if (deliveries > 0) this.relay.wake();
    this.notifier.notify(events);
  }

  private caseOf(arrival: Arrival, integration: CompiledIntegration, id: string): PostbackCase {
    const guarded = integration.secretHashes.length > 0;
    const taken = guarded
      ? takeSecret(arrival.request.target, arrival.request.body)
      : { ...arrival.request, secrets: [] };
    const secrets = arrival.headerSecret === null ? taken.secrets : [...taken.secrets, arrival.headerSecret];
    const kept = <T extends string | null>(text: T): T | string =>
      guarded && text !== null ? withoutSecrets(text, integration.secretHashes) : text;
    const target = kept(taken.target);
    const body = taken.body === null ? null : { ...taken.body, text: kept(taken.body.text) };
    const cut = target.length > ROW_LIMIT;
    return {
      id,
      integrationId: integration.id,
      method: arrival.method,
      request: {
        target: cut ? target.slice(0, ROW_LIMIT) : target,
        pathEvent: kept(arrival.request.pathEvent),
        body,
      },
      rawSha256: arrival.rawSha256 ?? (cut ? sha256(target) : null),
      address: arrival.address,
      forwardedFor: kept(arrival.forwardedFor),
      admission:
        arrival.sample === undefined && arrival.byHand !== true
          ? admissionOf(integration, secrets, arrival.address, arrival.receivedAt)
          : null,
      receivedAt: arrival.receivedAt,
      storedAs: null,
      attempts: 0,
      test: arrival.sample !== undefined,
      silent: arrival.sample?.deliver === false,
      under: (current) => this.caseOf(arrival, current, id),
    };
  }

  /** @param ticket of a request that waits; what is stored already is never turned away */
  private enqueue(read: ReadCase, ticket?: Ticket): Promise<PostbackOutcome> {
    const waiting = this.lanes.reduce((sum, lane) => sum + lane.length, 0);
    if (ticket !== undefined && waiting >= this.limits.maxQueue) {
      throw new IntakeUnavailableError('queue_full', `${waiting} postbacks are waiting to be written.`);
    }
    const lane = this.lanes[laneOf(read, this.lanes.length)];
    if (lane === undefined) throw new TypeError('There is no lane to write with.');
    return lane.push(read, ticket);
  }

  private async process(reads: readonly ReadCase[]): Promise<readonly (PostbackOutcome | Unfinished)[]> {
    const { outcomes, events, deliveries, judgeAgain, error } = await this.judging.judge(reads);
    this.tell(events, deliveries);
    this.lookAgain(
      reads.filter(({ case: arrived }) => isParked(outcomes.get(arrived.id)) && arrived.storedAs === null),
    );
    if (judgeAgain.length > 0) {
      this.inBackground(this.judgeStored(judgeAgain), 'Judging waiting reversals again failed');
    }
    return reads.map(
      ({ case: arrived }) =>
        outcomes.get(arrived.id) ?? (error === null ? { kind: 'gone' } : new Unfinished(error)),
    );
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

  private async withinTime(work: (ticket: Ticket) => Promise<PostbackOutcome>): Promise<PostbackOutcome> {
    // After a 503 the sender may send it again: what is not under way by then must not be written.
    const ticket: Ticket = { withdrawn: false };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        ticket.withdrawn = true;
        reject(new IntakeUnavailableError('too_slow', `No commit within ${this.limits.timeoutMs} ms.`));
      }, this.limits.timeoutMs);
    });
    try {
      return await Promise.race([work(ticket), late]);
    } catch (error) {
      if (error instanceof IntakeUnavailableError) throw error;
      this.logger.error(`A postback could not be stored: ${String(error)}`);
      throw new IntakeUnavailableError('database_unavailable', 'The database could not be asked.', {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function isParked(outcome: PostbackOutcome | undefined): boolean {
  return outcome?.kind === 'judged' && outcome.code === 'click_unknown';
}

/** The same lane for the same click, whatever its integration; any lane for a request that names none. */
function laneOf({ reading }: ReadCase, lanes: number): number {
  const clickId = reading?.clickId;
  const text = clickId === undefined || !('value' in clickId) ? '' : clickId.value;
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) >>> 0;
  return hash % lanes;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
