import { isMissing } from './directory-sync';
import { HeldClicks } from './held-clicks';
import { JournalSegment, type SegmentDamage } from './journal-segment';
import { JournalTakenOverError } from './journal.errors';
import { type JournaledPostback } from './journaled-postback';

/** A segment is read as a whole when it is drained, and its room is free again when all of it is. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Files that one record may find failing or taken over before it is refused. */
const ATTEMPTS = 5;

/** What a queue needs of its surroundings. */
export interface SegmentSurroundings {
  nextPath(): string;
  /** Called when another process has taken our files: afterwards `nextPath` answers names of our own again. */
  renew(): Promise<void>;
  complain(damage: SegmentDamage): void;
}

/** The segments of one process: written at one end, drained at the other. */
export class SegmentQueue {
  readonly held = new HeldClicks();
  /** Oldest first; only the last one may still be written to. */
  private segments: JournalSegment[] = [];
  /** Drained, except for records that could not be judged. */
  private aside: { readonly segment: JournalSegment; readonly stuck: number }[] = [];
  private current: JournalSegment | null = null;
  private opening: Promise<JournalSegment> | null = null;

  constructor(
    private readonly surroundings: SegmentSurroundings,
    private readonly segmentBytes = SEGMENT_BYTES,
  ) {}

  get records(): number {
    return this.segments.reduce((sum, { records }) => sum + records, 0);
  }

  get bytes(): number {
    const all = [...this.segments, ...this.aside.map(({ segment }) => segment)];
    return all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get stuck(): number {
    return this.aside.reduce((sum, { stuck }) => sum + stuck, 0);
  }

  /** Milliseconds since the epoch. */
  get oldestReceivedAt(): number | null {
    return this.segments.find(({ records }) => records > 0)?.oldestReceivedAt ?? null;
  }

  /** Appends in the order of the calls. The caller holds the record's click already, and gives that over. */
  async append(frame: Buffer, key: number | null, receivedAt: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      let segment = this.current;
      while (segment === null || segment.isSealed) segment = this.current ?? (await this.open());
      try {
        await segment.append(frame, key, receivedAt);
        if (segment.bytes >= this.segmentBytes) this.retire(segment);
        return;
      } catch (error) {
        const isLast = attempt === ATTEMPTS || !segment.hasFailed;
        if (segment.hasFailed) this.retire(segment);
        // Where it is not in the list any more, its successor's name is ours already.
        if (error instanceof JournalTakenOverError && this.segments.includes(segment)) {
          await this.surroundings.renew();
        }
        if (isLast) throw error;
      }
    }
  }

  /** Takes in segments of processes that are gone, behind our own. */
  async adopt(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    if (this.current !== null) this.retire(this.current);
    for (const path of paths) this.segments.push(await JournalSegment.adopt(path, this.held));
  }

  /** The oldest segment that holds something, ready to be drained; null when there is none. */
  async oldest(): Promise<JournalSegment | null> {
    for (;;) {
      const segment = this.segments[0];
      if (segment === undefined || (segment === this.current && segment.records === 0)) return null;
      if (segment === this.current) this.retire(segment);
      try {
        await segment.seal();
        const damage = await segment.load();
        if (damage !== null) this.surroundings.complain(damage);
        return segment;
      } catch (error) {
        if (!isMissing(error)) throw error;
        // Taken over: whoever has it judges it.
        segment.abandon();
        this.drop(segment);
      }
    }
  }

  /**
   * Everything of the segment is in the database, except for what could not be judged: that is kept for the next start.
   * @param stuck ids
   */
  async done(segment: JournalSegment, stuck: ReadonlySet<string>): Promise<void> {
    if (stuck.size === 0 && !segment.isIncomplete) {
      await segment.remove();
    } else {
      await segment.keepOnly(stuck).catch(ignoreMissing);
      this.aside.push({ segment, stuck: stuck.size });
    }
    this.drop(segment);
  }

  /** Whether any record is such. */
  async some(matches: (record: JournaledPostback) => boolean): Promise<boolean> {
    for (const segment of this.segments) {
      if ((await segment.some(matches).catch(ignoreMissing)) === true) return true;
    }
    return false;
  }

  /** Takes records out of the files; answers how many. */
  async erase(matches: (record: JournaledPostback) => boolean): Promise<number> {
    if (this.current !== null && this.current.records > 0) this.retire(this.current);
    let erased = 0;
    for (const segment of [...this.segments, ...this.aside.map((stuck) => stuck.segment)]) {
      if (segment === this.current) continue;
      await segment.seal();
      // Drained meanwhile or taken over: then it is judged, and found to be an erased click's.
      erased += (await segment.erase(matches).catch(ignoreMissing)) ?? 0;
    }
    return erased;
  }

  /** Leaves all segments to the process that has taken them. */
  abandon(): void {
    if (this.current !== null) this.retire(this.current);
    for (const segment of this.segments) segment.abandon();
    this.segments = [];
    this.aside = [];
  }

  /** Ends what is being written; answers whether any file is left. */
  async close(): Promise<boolean> {
    if (this.current !== null) this.retire(this.current);
    for (const segment of this.segments) {
      await segment.seal();
      if (segment.records === 0) await segment.remove();
    }
    return this.aside.length > 0 || this.segments.some(({ records }) => records > 0);
  }

  private open(): Promise<JournalSegment> {
    this.opening ??= JournalSegment.create(this.surroundings.nextPath(), this.held)
      .then((segment) => {
        this.segments.push(segment);
        this.current = segment;
        return segment;
      })
      .finally(() => {
        this.opening = null;
      });
    return this.opening;
  }

  private retire(segment: JournalSegment): void {
    if (this.current === segment) this.current = null;
    // A failure to close is one of the disk: what is written is written, and read again from the file.
    segment.seal().catch(() => undefined);
  }

  private drop(segment: JournalSegment): void {
    this.segments = this.segments.filter((one) => one !== segment);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
