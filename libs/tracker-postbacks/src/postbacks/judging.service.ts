import { Inject, Injectable, Logger } from '@nestjs/common';
import { ClickDirectory } from '../clicks/click-directory';
import { failureOf } from '../database/database-error';
import { IntegrationDirectory } from '../integrations/integration-directory';
import { type CompiledIntegration } from '../integrations/integration-recipe';
import { read } from '../rules/reading.rule';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { BatchPlanner } from './batch-plan';
import { isLeftOut, rawRow } from './batch-rows';
import { type BatchPlan, type PlannedEvent } from './planned-case';
import { candidatesOf, type ClickCandidate, LoadedClicks } from './loaded-clicks';
import { type PostbackCase, type PostbackOutcome, type ReadCase } from './postback-case';
import { PostbackEraser } from './postback-eraser';
import { PostbackStore } from './postback-store';
import { RejectedCap } from './rejected-cap';

/**
 * Rounds a case may lose to other processes before it is put back for later. Somebody wins every round, and may do so with
 * a few postbacks at a time: on a busy click a batch loses a dozen rounds in a row where nothing else is going on.
 */
const MAX_ROUNDS = 100;
const RETRY_BASE_MS = 5_000;
const RETRY_MAX_MS = 3_600_000;

/** What a judged batch left behind, once committed. */
export interface JudgedBatch {
  /** By id of the postback; those that are missing could not be stored, for the reason in `error`. */
  readonly outcomes: ReadonlyMap<string, PostbackOutcome>;
  readonly error: unknown;
  readonly events: readonly PlannedEvent[];
  /** Deliveries made for handlers. */
  readonly deliveries: number;
  /** Stored rows that this batch gave a reason to be judged again. */
  readonly judgeAgain: readonly string[];
}

interface Progress {
  readonly judgeAgain: string[];
  error: unknown;
  readonly outcomes: Map<string, PostbackOutcome>;
  readonly events: PlannedEvent[];
  deliveries: number;
}

/** Takes a batch from reading to commit. What the database could not be asked about has no outcome: nothing is promised. */
@Injectable()
export class JudgingService {
  private readonly logger = new Logger(JudgingService.name);

  constructor(
    @Inject(PostbackStore) private readonly store: PostbackStore,
    @Inject(PostbackEraser) private readonly eraser: PostbackEraser,
    @Inject(IntegrationDirectory) private readonly integrations: IntegrationDirectory,
    @Inject(ClickDirectory) private readonly clicks: ClickDirectory,
    @Inject(RejectedCap) private readonly rejected: RejectedCap,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /** Reads one request by its integration's recipe; our own error there must not cost the postback. */
  read(arrived: PostbackCase, integration: CompiledIntegration): ReadCase {
    try {
      const reading = read(arrived.request, integration.recipe);
      const cut = arrived.rawSha256 !== null;
      return {
        case: arrived,
        integration,
        reading: cut ? { ...reading, tooLarge: reading.tooLarge ?? { parameter: 'body' } } : reading,
      };
    } catch (error) {
      this.logger.error(`Postback ${arrived.id} could not be read and is kept for later.`, stackOf(error));
      return { case: arrived, integration, reading: null };
    }
  }

  /** Judges and commits; cases of one click are judged in the order given. */
  async judge(reads: readonly ReadCase[]): Promise<JudgedBatch> {
    const progress: Progress = {
      outcomes: new Map(),
      events: [],
      deliveries: 0,
      judgeAgain: [],
      error: null,
    };
    let open = reads;
    try {
      for (let round = 0; open.length > 0; round++) {
        if (round === MAX_ROUNDS) {
          await this.defer(open, progress, 'it lost to other writers too often');
          break;
        }
        open = await this.round(open, progress);
      }
    } catch (error) {
      // What an earlier round committed stays committed and is answered so: a 503 would have it sent again.
      progress.error = error;
    }
    return progress;
  }

  /** One round; answers the cases that have to be judged again on fresh history. */
  private async round(reads: readonly ReadCase[], progress: Progress): Promise<readonly ReadCase[]> {
    try {
      return await this.tryRound(reads, progress);
    } catch (error) {
      switch (failureOf(error)) {
        case 'conflict':
          return reads;
        case 'unavailable':
          throw error;
        case 'data':
          if (reads.length === 1) {
            await this.defer(reads, progress, messageOfError(error));
            return [];
          }
          // One poisonous row must not sink its batch.
          for (const read of reads) {
            let again: readonly ReadCase[] = [read];
            for (let round = 0; again.length > 0 && round < MAX_ROUNDS; round++) {
              again = await this.round(again, progress);
            }
            await this.defer(again, progress, 'it lost to other writers too often');
          }
          return [];
      }
    }
  }

  private async tryRound(reads: readonly ReadCase[], progress: Progress): Promise<readonly ReadCase[]> {
    const readable = reads.filter(({ reading }) => reading !== null);
    await this.defer(
      reads.filter(({ reading }) => reading === null),
      progress,
      'it could not be read',
    );
    if (readable.length === 0) return [];

    const wanted = new Map<string, ClickCandidate>();
    const integrationIds = new Set<string>();
    for (const candidate of readable) {
      integrationIds.add(candidate.integration.id);
      for (const asked of candidatesOf(candidate)) wanted.set(`${asked.i}/${asked.t}/${asked.c}`, asked);
    }
    const { clicks, revisions } = await this.store.load([...wanted.values()], [...integrationIds]);

    const stale = readable.some(({ integration }) => revisions.get(integration.id) !== integration.revision);
    if (stale) return this.readAgain(readable, revisions, progress);

    const loaded = new LoadedClicks(clicks);
    const unresolved = readable.filter((candidate) => loaded.find(candidate) === null);
    const resolution = await this.clicks.resolve(unresolved.flatMap(candidatesOf));
    if (resolution === 'failed') {
      await this.defer(unresolved, progress, 'the ClickResolver failed');
      return readable.filter((candidate) => !unresolved.includes(candidate));
    }
    // The resolver's clicks have rows now: another look finds them, with their revision and history.
    if (resolution === 'found') return readable;

    return this.commit(
      new BatchPlanner(loaded, this.clock.now(), this.clicks.hasResolver).plan(readable),
      progress,
    );
  }

  private async commit(plan: BatchPlan, progress: Progress): Promise<readonly ReadCase[]> {
    // Stored rows that turn out to be an erased click's: their requests go, which judging again leaves alone otherwise.
    const late = plan.write.postbacks.filter((row) => row.expected !== null && row.erased_at !== null);
    await this.eraser.erase(late.map(({ id }) => id));
    const postbacks = plan.write.postbacks.filter((row) => !late.includes(row) && this.rejected.keeps(row));
    const { won, kept, deliveries, reversals } = await this.store.write({ ...plan.write, postbacks });
    const unwritten = new Set(postbacks.filter((row) => isLeftOut(row, kept)).map(({ id }) => id));
    progress.deliveries += deliveries;
    progress.judgeAgain.push(...reversals);
    const lost: ReadCase[] = [];
    for (const { read: decided, lane, outcome, events } of plan.cases) {
      if (lane === null ? !unwritten.has(decided.case.id) : won.has(lane)) {
        progress.outcomes.set(decided.case.id, outcome);
        progress.events.push(...events);
      } else {
        lost.push(decided);
      }
    }
    progress.judgeAgain.push(...overtakenReversals(plan, won));
    for (const { read: failed, error } of plan.failed) {
      this.logger.error(`Judging postback ${failed.case.id} failed.`, stackOf(error));
      await this.defer([failed], progress, 'judging it threw');
    }
    return this.stillOpen(lost, progress);
  }

  /** A stored row may be the reason why its click was lost: somebody else has judged it. */
  private async stillOpen(lost: readonly ReadCase[], progress: Progress): Promise<readonly ReadCase[]> {
    const stored = lost.filter(({ case: { storedAs } }) => storedAs !== null);
    if (stored.length === 0) return lost;
    const expected = [...new Set(stored.flatMap(({ case: { storedAs } }) => storedAs ?? []))];
    const rows = await this.store.stored(
      stored.map(({ case: { id } }) => id),
      expected,
    );
    const waiting = new Set(rows.map(({ id }) => id));
    return lost.filter(({ case: arrived }) => {
      if (arrived.storedAs === null || waiting.has(arrived.id)) return true;
      progress.outcomes.set(arrived.id, { kind: 'gone' });
      return false;
    });
  }

  private async readAgain(
    reads: readonly ReadCase[],
    revisions: ReadonlyMap<string, number>,
    progress: Progress,
  ): Promise<readonly ReadCase[]> {
    this.integrations.refresh(revisions);
    const ids = [...new Set(reads.map(({ integration }) => integration.id))];
    for (const id of ids) if (!revisions.has(id)) this.integrations.forget(id);
    const current = await this.integrations.get(ids);
    return reads.flatMap((stale) => {
      const integration = current.get(stale.integration.id);
      if (integration !== undefined)
        return [this.read(stale.case.under?.(integration) ?? stale.case, integration)];
      progress.outcomes.set(stale.case.id, { kind: 'unknown_integration' });
      return [];
    });
  }

  /** Keeps the raw row with nothing decided; it is judged again with growing delays. */
  private async defer(reads: readonly ReadCase[], progress: Progress, reason: string): Promise<void> {
    if (reads.length === 0) return;
    this.logger.warn(
      `${reads.length} postback(s) could not be judged now (${reason}): kept and judged again later.`,
    );
    const postbacks = reads.map((failed) => ({
      ...rawRow(failed),
      attempts: failed.case.attempts + 1,
      retry_in: Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(failed.case.attempts, 20)),
    }));
    await this.store.write({ lanes: [], postbacks, conversions: [], events: [], patches: [] });
    for (const failed of reads) {
      progress.outcomes.set(failed.case.id, {
        kind: 'judged',
        postbackId: failed.case.id,
        integration: failed.integration,
        status: 'deferred',
        code: 'judging_failed',
        parameter: null,
        args: undefined,
        event: null,
        conversionId: null,
        warnings: [],
      });
    }
  }
}

/** Reversals that came before their conversion in one batch: neither was there for the other's statement to see. */
function overtakenReversals({ cases }: BatchPlan, won: ReadonlySet<string>): readonly string[] {
  return cases.flatMap(({ lane, outcome, read: { reading } }, index) => {
    if (lane === null || !won.has(lane) || outcome.kind !== 'judged' || reading?.tid == null) return [];
    const later = cases.slice(index + 1).some((other) => other.lane === lane && isRecorded(other.outcome));
    return outcome.code === 'nothing_to_reverse' && later ? [outcome.postbackId] : [];
  });
}

function isRecorded(outcome: PostbackOutcome): boolean {
  return outcome.kind === 'judged' && outcome.status === 'accepted';
}

function messageOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : String(error);
}
