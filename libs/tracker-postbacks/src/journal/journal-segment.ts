import { open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, syncDirectory } from './directory-sync';
import { hashOf, type HeldClicks } from './held-clicks';
import { damagedPath, rewritePath } from './journal-name';
import { type Damage, framed, scanFrames } from './journal-frame';
import { decodePostback, type JournaledPostback, orderKey } from './journaled-postback';
import { SegmentWriter } from './segment-writer';

/** What could not be read of a segment. */
export interface SegmentDamage {
  readonly path: string;
  readonly damages: readonly Damage[];
  /** Whole frames that this version of the library cannot make anything of. */
  readonly unreadable: number;
}

/** One file of the journal: written to its end, then read, and deleted when everything in it is in the database. */
export class JournalSegment {
  /** Bytes of the file. */
  bytes = 0;
  /** Milliseconds since the epoch. */
  oldestReceivedAt: number | null = null;
  /** By record that is not drained yet, in the order of the file. */
  private keys: (number | null)[] = [];
  /** How many records of the file stand before those. */
  private drained = 0;
  /** The records that `keys` are of, while they are being drained. */
  private loaded: JournaledPostback[] | null = null;
  /** Of `loaded`, how many are being judged now. */
  private taken = 0;
  private isAbandoned = false;
  private sealing: Promise<void> | null = null;
  private working: Promise<unknown> = Promise.resolve();
  /** Frames that only a later version of this library can read. */
  private hasUnreadable = false;

  private constructor(
    readonly path: string,
    private readonly held: HeldClicks,
    private readonly writer: SegmentWriter | null,
  ) {}

  static async create(path: string, held: HeldClicks): Promise<JournalSegment> {
    return new JournalSegment(path, held, await SegmentWriter.create(path));
  }

  /** A file that another process has written. */
  static async adopt(path: string, held: HeldClicks): Promise<JournalSegment> {
    const segment = new JournalSegment(path, held, null);
    const { entries, bytes } = await segment.scan();
    const records = recordsOf(entries);
    segment.bytes = bytes.length;
    segment.oldestReceivedAt = records[0]?.receivedAt ?? null;
    segment.keys = records.map(keyOf);
    segment.hold();
    return segment;
  }

  /** Records that are not drained yet. */
  get records(): number {
    return this.keys.length;
  }

  get isSealed(): boolean {
    return this.writer === null || this.sealing !== null;
  }

  /** Whether the disk, or another process, stands in the way of appending more. */
  get hasFailed(): boolean {
    return this.writer?.hasFailed === true;
  }

  /** Whether it has to be kept although everything readable is drained. */
  get isIncomplete(): boolean {
    return this.hasUnreadable;
  }

  /** The caller holds the click already, and gives that over. */
  async append(frame: Buffer, key: number | null, receivedAt: number): Promise<void> {
    if (this.writer === null || this.isSealed) throw new TypeError('A sealed segment takes no more.');
    await this.writer.append(frame);
    this.bytes += frame.length;
    this.oldestReceivedAt ??= receivedAt;
    this.keys.push(key);
    // Whoever has taken the file over has this record too.
    if (this.isAbandoned) this.letGo(this.keys.splice(0));
  }

  /** Takes no more from now on; resolves once everything given to it is written or refused. */
  seal(): Promise<void> {
    return (this.sealing ??= this.writer?.close() ?? Promise.resolve());
  }

  /** Reads it to be drained; answers what could not be read, null where all is well. */
  load(): Promise<SegmentDamage | null> {
    return this.alone(() => this.read());
  }

  private async read(): Promise<SegmentDamage | null> {
    if (this.loaded !== null) return null;
    const { entries, damages, bytes } = await this.scan();
    const records = recordsOf(entries);
    this.loaded = records.slice(this.drained);
    await this.keepDamaged(bytes, damages);
    const unreadable = entries.length - records.length;
    this.hasUnreadable = unreadable > 0;
    return damages.length === 0 && unreadable === 0 ? null : { path: this.path, damages, unreadable };
  }

  /** The next records, oldest first; they stay until {@link release}. */
  take(count: number): readonly JournaledPostback[] {
    const records = this.loaded?.slice(0, count) ?? [];
    this.taken = records.length;
    return records;
  }

  /** What was taken is in the database. */
  release(): void {
    this.loaded?.splice(0, this.taken);
    this.letGo(this.keys.splice(0, this.taken));
    this.drained += this.taken;
    this.taken = 0;
  }

  some(matches: (record: JournaledPostback) => boolean): Promise<boolean> {
    return this.alone(async () => recordsOf((await this.scan()).entries).some(matches));
  }

  /** Takes records out of the file for good; answers how many. Those being judged now are judged. */
  erase(matches: (record: JournaledPostback) => boolean): Promise<number> {
    return this.alone(() => this.eraseNow(matches));
  }

  private async eraseNow(matches: (record: JournaledPostback) => boolean): Promise<number> {
    const { entries, damages, bytes } = await this.scan();
    await this.keepDamaged(bytes, damages);
    const records = recordsOf(entries);
    const gone = new Set(records.slice(this.drained + this.taken).filter(matches));
    if (gone.size === 0) return 0;
    const drained = new Set(records.slice(0, this.drained));
    const kept = entries.filter(
      ({ record }) => record === null || !(gone.has(record) || drained.has(record)),
    );
    const ids = new Set([...gone].map(({ id }) => id));
    this.loaded = this.loaded?.filter(({ id }) => !ids.has(id)) ?? null;
    this.letGo(this.keys);
    this.keys = recordsOf(kept).map(keyOf);
    this.hold();
    this.drained = 0;
    await this.rewrite(kept.map(({ payload }) => payload));
    return gone.size;
  }

  /** Keeps only these records, as the last thing that is done to it. */
  keepOnly(ids: ReadonlySet<string>): Promise<void> {
    return this.alone(async () => {
      this.letGo(this.keys.splice(0));
      const { entries } = await this.scan();
      const kept = entries.filter(({ record }) => record === null || ids.has(record.id));
      await this.rewrite(kept.map(({ payload }) => payload));
    });
  }

  /** Another process has it now. */
  abandon(): void {
    this.isAbandoned = true;
    this.letGo(this.keys.splice(0));
  }

  /** Deletes the file. */
  remove(): Promise<void> {
    return this.alone(async () => {
      this.letGo(this.keys.splice(0));
      if (this.isAbandoned) return;
      await unlink(this.path).catch(ignoreMissing);
      await syncDirectory(dirname(this.path));
    });
  }

  private letGo(keys: readonly (number | null)[]): void {
    for (const key of keys) if (key !== null) this.held.release(key);
  }

  /** One after another: a rewriting must not bring back a file that is being deleted. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.working.then(work);
    this.working = done.catch(() => undefined);
    return done;
  }

  private hold(): void {
    for (const key of this.keys) if (key !== null) this.held.add(key);
  }

  private async scan(): Promise<Scanned> {
    const bytes = await readFile(this.path);
    const { payloads, damages } = scanFrames(bytes);
    return {
      entries: payloads.map((payload) => ({ payload, record: decodePostback(payload) })),
      damages,
      bytes,
    };
  }

  private async keepDamaged(bytes: Buffer, damages: readonly Damage[]): Promise<void> {
    const corrupt = damages.filter(({ kind }) => kind === 'corrupt');
    if (corrupt.length === 0) return;
    const parts = corrupt.map(({ offset, length }) => bytes.subarray(offset, offset + length));
    await writeDurably(damagedPath(this.path), Buffer.concat(parts));
  }

  private async rewrite(payloads: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(payloads.map(framed));
    await writeDurably(rewritePath(this.path), bytes);
    await rename(rewritePath(this.path), this.path);
    await syncDirectory(dirname(this.path));
    this.bytes = bytes.length;
  }
}

interface Scanned {
  readonly entries: readonly Entry[];
  readonly damages: readonly Damage[];
  readonly bytes: Buffer;
}

interface Entry {
  readonly payload: Buffer;
  /** Null where this version cannot read it. */
  readonly record: JournaledPostback | null;
}

function recordsOf(entries: readonly Entry[]): JournaledPostback[] {
  return entries.flatMap(({ record }) => record ?? []);
}

/** By what a record is ordered; null where nothing depends on its order. */
export function keyOf(record: Pick<JournaledPostback, 'clickIds'>): number | null {
  const key = orderKey(record);
  return key === null ? null : hashOf(key);
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
