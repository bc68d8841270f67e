import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { framed } from './journal-frame';
import { parseName } from './journal-name';
import { JournalOwnership } from './journal-ownership';
import { type JournalSegment, keyOf, type SegmentDamage } from './journal-segment';
import { JournalRefusedError } from './journal.errors';
import { encodePostback, type JournaledPostback } from './journaled-postback';
import { SegmentQueue } from './segment-queue';

const MAX_BYTES = 256 * 1024 * 1024;
const MIN_BYTES = 65_536;
const LOOK_EVERY_MS = 2_000;

/** What the journal holds now. */
export interface JournalStatus {
  readonly directory: string;
  /** Whether the next postback can be taken, as far as is known. */
  readonly isWritable: boolean;
  readonly records: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Milliseconds since the epoch. */
  readonly oldestReceivedAt: number | null;
  /** Records that could not be judged although the database is there; they are kept for the next start. */
  readonly stuck: number;
  /** Files with bytes that could not be read. */
  readonly damagedFiles: number;
  readonly lastError: string | null;
}

/**
 * Postbacks on the local disk, for as long as the database cannot take them. A directory may be shared by several
 * processes, each with files of its own; what a dead one left is taken over.
 */
@Injectable()
export class Journal implements OnModuleInit {
  private readonly logger = new Logger('TrackerJournal');
  private readonly directory: string | null;
  private readonly maxBytes: number;
  private readonly ownership: JournalOwnership;
  private readonly queue: SegmentQueue;
  /** Bytes promised to appends under way. */
  private reserved = 0;
  private damagedFiles = 0;
  private lastError: string | null = null;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<unknown> = Promise.resolve();
  private renewing: Promise<void> | null = null;
  private tell: () => void = () => undefined;

  constructor(@Inject(TRACKER_OPTIONS) { journal }: TrackerPostbacksOptions) {
    this.directory = journal === undefined ? null : resolve(journal.directory);
    this.maxBytes = journal?.maxBytes ?? MAX_BYTES;
    if (!(this.maxBytes >= MIN_BYTES)) {
      throw new TrackerSetupError(
        'journal_invalid',
        `journal.maxBytes is ${String(this.maxBytes)}: it has to be ${MIN_BYTES} bytes or more; leave it out for 256 MB.`,
      );
    }
    this.ownership = new JournalOwnership(this.directory ?? '');
    this.queue = new SegmentQueue({
      nextPath: () => this.ownership.nextPath(),
      renew: () => this.renew(),
      complain: (damage) => {
        this.complain(damage);
      },
    });
  }

  get isConfigured(): boolean {
    return this.directory !== null;
  }

  /** Whether nothing waits in it. */
  get isEmpty(): boolean {
    return this.queue.records === 0;
  }

  /** Makes sure that the directory can be written to, and takes over what an earlier process left in it. */
  async onModuleInit(): Promise<void> {
    const logger = new Logger('TrackerPostbacksModule');
    if (this.directory === null) {
      logger.log('No journal is configured: while the database is away postbacks are answered 503.');
      return;
    }
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      await this.ownership.begin();
      this.damagedFiles = (await this.damaged()).length;
      await this.queue.adopt(await this.ownership.takeOver());
    } catch (error) {
      throw new TrackerSetupError(
        'journal_unusable',
        `The journal's directory ${this.directory} cannot be used (${String(error)}). Name a directory on a local disk ` +
          'in which this process may create files, or leave the option "journal" out.',
      );
    }
    this.schedule();
    logger.log(
      `While the database is away postbacks are journalled in ${this.directory}, up to ${this.maxBytes} bytes; ` +
        `${this.queue.records} wait there now.`,
    );
  }

  /** Called whenever there is something to drain. */
  onRecords(tell: () => void): void {
    this.tell = tell;
  }

  /** Whether any click has postbacks here that newer ones of it must not overtake. */
  get isHolding(): boolean {
    return !this.queue.held.isEmpty;
  }

  /** Whether the click has postbacks here that newer ones of it must not overtake. */
  holds(record: Pick<JournaledPostback, 'clickIds'>): boolean {
    const key = keyOf(record);
    return key !== null && this.queue.held.has(key);
  }

  /**
   * Resolves once the postback is safe on the disk. From the call on its click is held.
   * @throws JournalRefusedError when nothing is promised about it
   */
  async append(record: JournaledPostback): Promise<void> {
    const frame = framed(encodePostback(record));
    const used = this.queue.bytes + this.reserved;
    if (used + frame.length > this.maxBytes) {
      throw new JournalRefusedError(
        'journal_full',
        `The journal holds ${used} of ${this.maxBytes} bytes: see to the database, or make journal.maxBytes larger.`,
      );
    }
    const { held } = this.queue;
    const key = keyOf(record);
    if (key !== null) held.add(key);
    this.reserved += frame.length;
    try {
      await this.queue.append(frame, key, record.receivedAt);
    } catch (error) {
      if (key !== null) held.release(key);
      this.refused(error);
      throw new JournalRefusedError('journal_failed', 'The journal could not be written.', { cause: error });
    } finally {
      this.reserved -= frame.length;
    }
    this.lastError = null;
    this.tell();
  }

  /** The oldest file that holds something, ready to be drained; null when all is drained. */
  oldest(): Promise<JournalSegment | null> {
    return this.queue.oldest();
  }

  /**
   * Everything of the file is in the database, except for what could not be judged.
   * @param stuck ids of those
   */
  done(segment: JournalSegment, stuck: ReadonlySet<string>): Promise<void> {
    return this.queue.done(segment, stuck);
  }

  /** Whether a postback of the tenant that waits here names the click. */
  names(tenantId: string, clickIds: readonly string[]): Promise<boolean> {
    return this.queue.some(naming(tenantId, clickIds));
  }

  /** Takes out every postback of the tenant that names one of these clicks; answers how many. */
  async erase(tenantId: string, clickIds: readonly string[]): Promise<number> {
    if (this.directory === null || clickIds.length === 0) return 0;
    for (const path of await this.damaged()) {
      const bytes = await readFile(path);
      if (clickIds.some((clickId) => bytes.includes(clickId))) await unlink(path);
    }
    return this.queue.erase(naming(tenantId, clickIds));
  }

  status(): JournalStatus | null {
    if (this.directory === null) return null;
    const { records, bytes, oldestReceivedAt, stuck } = this.queue;
    return {
      directory: this.directory,
      isWritable: this.lastError === null && bytes + this.reserved < this.maxBytes,
      records,
      bytes,
      maxBytes: this.maxBytes,
      oldestReceivedAt,
      stuck,
      damagedFiles: this.damagedFiles,
      lastError: this.lastError,
    };
  }

  /** To be called when nothing is appended any more. What is left is the next process's. */
  async close(): Promise<void> {
    if (this.directory === null) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.looking;
    const isLeft = await this.queue.close();
    await this.ownership.end(isLeft);
    if (isLeft) this.logger.warn(`${this.queue.records} postbacks stay in the journal for the next start.`);
  }

  /** Another process took us for dead and has our files. */
  private renew(): Promise<void> {
    if (this.renewing === null) {
      this.queue.abandon();
      this.logger.warn(
        'Another process has taken over the journal, because this one did not stir for too long. It goes on in new files.',
      );
      this.renewing = this.ownership.begin().finally(() => {
        this.renewing = null;
      });
    }
    return this.renewing;
  }

  private async look(): Promise<void> {
    if (!(await this.ownership.stir())) await this.renew();
    if (this.lastError !== null) {
      await this.ownership.tryWriting();
      this.lastError = null;
      this.logger.log('The journal can be written again.');
    }
    const taken = await this.ownership.takeOver();
    if (taken.length === 0) return;
    await this.queue.adopt(taken);
    this.logger.log(`Took over ${taken.length} journal file(s) of a process that is gone.`);
    this.tell();
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.looking = this.look()
        .catch((error: unknown) => {
          this.logger.warn(`The journal's directory could not be looked at: ${String(error)}`);
        })
        .finally(() => {
          if (this.timer !== undefined) this.schedule();
        });
    }, LOOK_EVERY_MS);
    this.timer.unref();
  }

  private refused(error: unknown): void {
    const text = String(error);
    // Once, and not for each of thousands.
    if (this.lastError !== text) this.logger.error(`The journal cannot be written: ${text}`);
    this.lastError = text;
  }

  private complain({ path, damages, unreadable }: SegmentDamage): void {
    for (const { kind, offset, length } of damages) {
      if (kind === 'torn') {
        this.logger.warn(
          `${path}: the last ${length} bytes are of a write that was never finished nor acknowledged.`,
        );
      } else {
        this.damagedFiles += 1;
        this.logger.error(
          `${path}: ${length} bytes at ${offset} are damaged and may have been acknowledged postbacks. They are kept ` +
            'beside it, in a file ending with .damaged; everything before and after them is read.',
        );
      }
    }
    if (unreadable > 0) {
      this.logger.error(
        `${path}: ${unreadable} records are of a later version of this library. They stay there until that runs again.`,
      );
    }
  }

  private async damaged(): Promise<readonly string[]> {
    const directory = this.directory ?? '';
    const names = await readdir(directory);
    return names.filter((name) => parseName(name)?.kind === 'damaged').map((name) => join(directory, name));
  }
}

function naming(tenantId: string, clickIds: readonly string[]): (record: JournaledPostback) => boolean {
  const wanted = new Set(clickIds);
  return (record) => record.tenantId === tenantId && record.clickIds.some((clickId) => wanted.has(clickId));
}
