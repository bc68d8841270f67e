import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, syncDirectory } from './directory-sync';
import { JournalTakenOverError } from './journal.errors';

interface Waiting {
  readonly frame: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends to one file. What arrives while the disk syncs shares the next sync, and nothing is called written before it is
 * on the disk *and* the file is still found under its name: a process that takes a file over renames it before it reads
 * it. So either it reads what was appended, or the append is not acknowledged.
 */
export class SegmentWriter {
  private waiting: Waiting[] = [];
  private running: Promise<void> | null = null;
  private failure: Error | null = null;
  /** Everything before it is on the disk. */
  private end = 0;

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly inode: bigint,
  ) {}

  /** Makes the file, readable by this user only. */
  static async create(path: string): Promise<SegmentWriter> {
    const handle = await open(path, 'wx', 0o600);
    try {
      await syncDirectory(dirname(path));
      return new SegmentWriter(path, handle, (await handle.stat({ bigint: true })).ino);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes that are on the disk. */
  get size(): number {
    return this.end;
  }

  /** Whether it takes no more: a disk that failed to sync once says nothing reliable about this file any more. */
  get hasFailed(): boolean {
    return this.failure !== null;
  }

  /** Resolves once the frame is on the disk; frames come to stand in the order of the calls. */
  append(frame: Buffer): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ frame, resolve, reject });
      this.running ??= this.run();
    });
  }

  /** Ends it after everything that was given to it. */
  async close(): Promise<void> {
    while (this.running !== null) await this.running;
    await this.handle.close();
  }

  /** Writes and syncs; what could not be written is cut off again. */
  async flush(bytes: Buffer): Promise<void> {
    try {
      for (let written = 0; written < bytes.length;) {
        const rest = bytes.length - written;
        written += (await this.handle.write(bytes, written, rest, this.end + written)).bytesWritten;
      }
    } catch (error) {
      await this.cut(error);
      throw error;
    }
    try {
      await this.handle.datasync();
    } catch (error) {
      this.failure = asError(error);
      await this.cut(error);
      throw error;
    }
    await this.checkOwnership();
    this.end += bytes.length;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        if (this.failure !== null) throw this.failure;
        await this.flush(Buffer.concat(batch.map(({ frame }) => frame)));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = null;
  }

  private async checkOwnership(): Promise<void> {
    const found = await stat(this.path, { bigint: true }).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (found?.ino === this.inode) return;
    this.failure = new JournalTakenOverError(this.path);
    throw this.failure;
  }

  private async cut(reason: unknown): Promise<void> {
    // What cannot even be cut off stays a torn end, which nobody may append to.
    await this.handle.truncate(this.end).catch(() => {
      this.failure = asError(reason);
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
