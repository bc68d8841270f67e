import { type DatabaseBreaker } from '../database/database-breaker';
import { failureOf } from '../database/database-error';
import { type TrackerMeter } from '../metrics/meter';
import { BatchLane, type Ticket, Unfinished } from './batch-lane';
import { type JudgedBatch, type JudgingService } from './judging.service';
import { type KnownPostbacks } from './known-postbacks';
import { type PostbackOutcome, type ReadCase } from './postback-case';
import { clickIdsOf } from './postponed-postback';

/** Where a postback comes from that is to be judged. */
export type Origin =
  /** A network, which waits for the answer. */
  | 'arrival'
  /** The admin API: it has no place in the journal. */
  | 'admin'
  | 'journal'
  /** A row that is stored already. */
  | 'stored';

export interface LaneEntry {
  readonly read: ReadCase;
  readonly origin: Origin;
  /** When whoever waits for it gives up, by the monotonic clock. */
  readonly until: number;
}

/** What the lanes need of their surroundings. */
export interface LaneSurroundings {
  readonly judging: JudgingService;
  readonly known: KnownPostbacks;
  readonly breaker: DatabaseBreaker;
  readonly meter: TrackerMeter;
  /** A batch, or a part of one, is committed. */
  committed(reads: readonly ReadCase[], batch: JudgedBatch): void;
  /** A batch takes so long that the database may be away. */
  slow(): void;
  /**
   * A batch could not be written, or not all of it; what is relinquished now is not rejected.
   * @param begun when the batch was, by the monotonic clock
   */
  unfinished(error: unknown, begun: number): void;
}

const NONE: ReadonlySet<string> = new Set();
/** Far more than any batch takes where all is well. */
const SLOW_MS = 1_000;

/** The lanes in which batches are judged and committed. Postbacks of one click share one, whatever their integration. */
export class PostbackLanes {
  private readonly lanes: readonly BatchLane<LaneEntry, PostbackOutcome>[];

  constructor(
    private readonly around: LaneSurroundings,
    concurrency: number,
    maxBatch: number,
  ) {
    const work = {
      process: (entries: readonly LaneEntry[]) => this.process(entries),
      onUnfinished: (error: unknown, begun: number) => {
        around.unfinished(error, begun);
      },
    };
    this.lanes = Array.from({ length: concurrency }, () => new BatchLane(work, maxBatch));
  }

  /** Postbacks that wait, without those under way. */
  get length(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.length, 0);
  }

  get isBusy(): boolean {
    return this.lanes.some((lane) => lane.isBusy);
  }

  push(entry: LaneEntry, ticket?: Ticket): Promise<PostbackOutcome> {
    const lane = this.lanes[this.lanes.length === 1 ? 0 : hashOf(entry.read) % this.lanes.length];
    if (lane === undefined) throw new TypeError('There is no lane to write with.');
    return lane.push(entry, ticket);
  }

  /** Gives up what is here, lane by lane in order: see {@link BatchLane.relinquish}. */
  relinquish(place: (entry: LaneEntry, isUnderWay: boolean) => Promise<PostbackOutcome> | null): void {
    for (const lane of this.lanes) lane.relinquish(place);
  }

  /** Resolves once nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.idle()));
  }

  private async process(entries: readonly LaneEntry[]): Promise<readonly (PostbackOutcome | Unfinished)[]> {
    const { breaker, meter } = this.around;
    if (breaker.isOpen) {
      const away = new Unfinished(breaker.error);
      return entries.map(() => away);
    }
    const begun = performance.now();
    const slow = setTimeout(() => {
      this.around.slow();
    }, SLOW_MS);
    try {
      return await this.written(entries);
    } finally {
      clearTimeout(slow);
      meter.batch(entries.length, performance.now() - begun);
    }
  }

  private async written(entries: readonly LaneEntry[]): Promise<readonly (PostbackOutcome | Unfinished)[]> {
    const { known } = this.around;
    const outcomes = new Map<string, PostbackOutcome>();
    let error = await this.judge(entries, outcomes);
    while (error !== null && failureOf(error) === 'data') {
      // The row of one of these may have come from a write that was given up on and was carried out after all.
      const open = entries.filter(({ read }) => !outcomes.has(read.case.id));
      const doubtful = open.filter(({ origin }) => origin === 'journal').map(({ read }) => read.case.id);
      const stored = await known.among(doubtful).catch(() => NONE);
      if (stored.size === 0) break;
      for (const id of stored) outcomes.set(id, { kind: 'gone' });
      error = await this.judge(
        open.filter(({ read }) => !stored.has(read.case.id)),
        outcomes,
      );
    }
    const missing: PostbackOutcome | Unfinished = error === null ? { kind: 'gone' } : new Unfinished(error);
    return entries.map(({ read }) => outcomes.get(read.case.id) ?? missing);
  }

  /** Judges and commits; answers why something has no outcome, null when all have one. */
  private async judge(entries: readonly LaneEntry[], into: Map<string, PostbackOutcome>): Promise<unknown> {
    const reads = entries.map(({ read }) => read);
    const batch = await this.around.judging.judge(reads);
    for (const [id, outcome] of batch.outcomes) into.set(id, outcome);
    this.around.committed(reads, batch);
    return batch.error;
  }
}

/** The same for the same click, however it is written. */
function hashOf({ reading }: ReadCase): number {
  const text = clickIdsOf(reading).at(-1) ?? '';
  let hash = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // A "+" may arrive as a space.
    hash = (Math.imul(hash, 31) + (code === 0x20 ? 0x2b : code)) >>> 0;
  }
  return hash;
}
