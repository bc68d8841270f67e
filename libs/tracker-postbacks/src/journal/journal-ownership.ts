import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { open, readdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isMissing, syncDirectory } from './directory-sync';
import { type JournalFileName, ownerName, parseName, segmentName } from './journal-name';

/** A process that lets so many of its heartbeats out is taken for dead; milliseconds. */
const STALE_MS = 10_000;

/** About what a request may need. */
const TRY_BYTES = 65_536;

/** Tokens of this process: two applications in one process must not take each other for a dead namesake. */
const ownTokens = new Set<string>();

interface Owner {
  readonly machine: string;
  /** 0 for one that has ended. */
  readonly pid: number;
}

type Found = Exclude<JournalFileName, { kind: 'owner' }> & { readonly name: string };

/**
 * Who owns which files of a directory that several processes may share. Every process has a token, a file that says it
 * is alive, and segments of its own name; those of a process that is gone are taken over by renaming them, which of two
 * takers only one can do.
 *
 * Taking a living process for dead is harmless: it finds its file renamed before it acknowledges another append, and
 * what two processes then judge has one id.
 */
export class JournalOwnership {
  private token = '';
  private number = 0;
  /** When a foreign owner was seen to stir last, by our own monotonic clock: no two clocks are compared. */
  private readonly stirred = new Map<string, { readonly mtime: number; readonly at: number }>();

  constructor(
    readonly directory: string,
    private readonly staleMs = STALE_MS,
  ) {}

  /** Takes a fresh token. The first thing written to the directory: it fails where nothing can be. */
  async begin(): Promise<void> {
    ownTokens.delete(this.token);
    this.token = randomBytes(8).toString('hex');
    ownTokens.add(this.token);
    this.number = 0;
    const handle = await open(this.ownerPath(this.token), 'wx', 0o600).catch((error: unknown) => {
      this.token = '';
      throw error;
    });
    try {
      await handle.writeFile(ownerText({ machine: machine(), pid: process.pid }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncDirectory(this.directory);
  }

  /** Where the next segment goes. */
  nextPath(): string {
    this.number += 1;
    return join(this.directory, segmentName(this.token, this.number));
  }

  /** Says that this process is alive; false once another one took it for dead. */
  async stir(): Promise<boolean> {
    const now = new Date();
    try {
      await utimes(this.ownerPath(this.token), now, now);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Fails where the disk takes nothing. */
  async tryWriting(): Promise<void> {
    const path = `${this.ownerPath(this.token)}.try`;
    try {
      await writeFile(path, Buffer.alloc(TRY_BYTES), { mode: 0o600, flush: true });
    } finally {
      await succeeded(unlink(path));
    }
  }

  /** Takes over what processes that are gone left behind; answers the segments, oldest of each first. */
  async takeOver(): Promise<readonly string[]> {
    const segments = new Map<string, Found[]>();
    const owners = new Set<string>();
    for (const name of await readdir(this.directory)) {
      const parsed = parseName(name);
      if (parsed === null || ownTokens.has(parsed.token)) continue;
      if (parsed.kind === 'damaged') continue;
      const files = segments.get(parsed.token) ?? [];
      segments.set(parsed.token, files);
      if (parsed.kind === 'owner') owners.add(parsed.token);
      else files.push({ ...parsed, name });
    }
    const taken: string[] = [];
    for (const [token, files] of segments) {
      if (owners.has(token) && !(await this.claim(token))) continue;
      for (const { kind, name } of files.sort((a, b) => a.number - b.number)) {
        if (kind === 'rewrite') {
          // Of a rewriting that was not finished: the segment itself is as it was.
          await succeeded(unlink(join(this.directory, name)));
          continue;
        }
        const path = this.nextPath();
        if (await succeeded(rename(join(this.directory, name), path))) taken.push(path);
      }
    }
    if (segments.size > 0) await syncDirectory(this.directory);
    return taken;
  }

  /**
   * Gives the token up.
   * @param leavesSegments they are free at once for whoever comes next
   */
  async end(leavesSegments: boolean): Promise<void> {
    // A host that could not start is closed as well, and is to say why it could not.
    if (this.token === '') return;
    ownTokens.delete(this.token);
    const path = this.ownerPath(this.token);
    if (!leavesSegments) await succeeded(unlink(path));
    // Not deleted: of several processes one has to take all of them, or the order of a click's postbacks would be lost.
    else await succeeded(writeFile(path, ownerText({ machine: machine(), pid: 0 }), { flag: 'r+' }));
  }

  /** Whether a process is gone and it is for us to take its files: only one process can delete the owner's. */
  private async claim(token: string): Promise<boolean> {
    if (!(await this.isGone(token))) return false;
    this.stirred.delete(token);
    return succeeded(unlink(this.ownerPath(token)));
  }

  private async isGone(token: string): Promise<boolean> {
    const path = this.ownerPath(token);
    try {
      const [{ mtimeMs }, text] = [await stat(path), await readFile(path, 'utf8')];
      const owner = parseOwner(text);
      if (owner?.machine === machine() && !isRunning(owner.pid)) return true;
      const now = performance.now();
      const seen = this.stirred.get(token);
      if (seen?.mtime !== mtimeMs) {
        this.stirred.set(token, { mtime: mtimeMs, at: now });
        return false;
      }
      return now - seen.at >= this.staleMs;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  private ownerPath(token: string): string {
    return join(this.directory, ownerName(token));
  }
}

/** False where the file is not there any more: somebody else was faster. */
async function succeeded(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** As long as any, so that writing it over another leaves nothing of that one. */
function ownerText({ machine: name, pid }: Owner): string {
  return JSON.stringify({ pid, machine: name }).padEnd(512);
}

function parseOwner(text: string): Owner | null {
  try {
    const { machine: name, pid } = JSON.parse(text) as Partial<Owner>;
    return typeof name === 'string' && typeof pid === 'number' ? { machine: name, pid } : null;
  } catch {
    // Torn: the process died while it wrote this, before it wrote anything else.
    return null;
  }
}

/** A namesake of ours is another process of the past: two processes of one machine never have one id. */
function isRunning(pid: number): boolean {
  if (pid === process.pid || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}

let known: string | undefined;

/** Where process ids mean the same: one boot of one host, and within it one container. */
function machine(): string {
  return (known ??= [
    hostname(),
    attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    attempt(() => readlinkSync('/proc/self/ns/pid')),
  ].join('/'));
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
