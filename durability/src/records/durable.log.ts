import { type FileHandle, open } from 'node:fs/promises';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One record a line, on disk before anybody goes on; records that come together share one fsync. */
export class DurableLog {
  private lines: string[] = [];
  private waiting: Waiting[] = [];
  private writing: Promise<void> | null = null;

  private constructor(private readonly file: FileHandle) {}

  static async open(path: string): Promise<DurableLog> {
    return new DurableLog(await open(path, 'a', 0o600));
  }

  /** Resolves once the record is on disk. */
  append(record: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.lines.push(`${JSON.stringify(record)}\n`);
      this.waiting.push({ resolve, reject });
      this.writing ??= this.write();
    });
  }

  async close(): Promise<void> {
    while (this.writing !== null) await this.writing;
    await this.file.close();
  }

  private async write(): Promise<void> {
    // Whatever comes in the same turn of the event loop shares the fsync.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.lines.length > 0) {
      const text = this.lines.join('');
      const waiting = this.waiting;
      this.lines = [];
      this.waiting = [];
      try {
        await this.file.appendFile(text);
        await this.file.datasync();
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    this.writing = null;
  }
}
