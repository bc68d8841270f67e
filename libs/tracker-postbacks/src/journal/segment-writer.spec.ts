import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { framed, scanFrames } from './journal-frame';
import { JournalTakenOverError } from './journal.errors';
import { SegmentWriter } from './segment-writer';

type Write = (bytes: Buffer, offset: number, length: number, position: number) => Promise<unknown>;

describe('writing a segment', () => {
  let directory: string;
  let path: string;
  let writer: SegmentWriter;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tracker-segment-'));
    path = join(directory, 'a.journal');
    writer = await SegmentWriter.create(path);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await writer.close().catch(() => undefined);
    rmSync(directory, { recursive: true });
  });

  const append = (text: string): Promise<void> => writer.append(framed(Buffer.from(text)));
  const read = (file = path): string[] =>
    scanFrames(readFileSync(file)).payloads.map((payload) => payload.toString('utf8'));

  /** Holds the next flush; answers how to let it go, once it has begun. */
  function held(): { readonly begun: Promise<void>; readonly release: () => void } {
    const flush = writer.flush.bind(writer);
    let release: () => void = () => undefined;
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    jest.spyOn(writer, 'flush').mockImplementationOnce(async (bytes) => {
      begin();
      await released;
      return flush(bytes);
    });
    return { begun, release };
  }

  it('makes a file that only this user may read', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('answers when it is on the disk, and lets what arrives meanwhile share the next sync', async () => {
    const { begun, release } = held();
    const flush = jest.spyOn(writer, 'flush');
    let answered = 0;
    const appends = [append('0').then(() => answered++)];
    await begun;
    for (let n = 1; n <= 50; n++) appends.push(append(String(n)).then(() => answered++));
    expect(answered).toBe(0);
    expect(read()).toEqual([]);
    release();
    await Promise.all(appends);
    expect(flush).toHaveBeenCalledTimes(2);
    expect(read()).toEqual(Array.from({ length: 51 }, (_, n) => String(n)));
  });

  it('has whatever it has acknowledged in a copy taken at any time', async () => {
    const acknowledged: string[] = [];
    const writing = (async () => {
      for (let n = 0; n < 60; n++) {
        await Promise.all([`${n}a`, `${n}b`].map((text) => append(text).then(() => acknowledged.push(text))));
      }
    })();
    let isDone = false;
    void writing.then(() => (isDone = true));
    let copies = 0;
    while (!isDone) {
      const known = [...acknowledged];
      copyFileSync(path, join(directory, 'copy'));
      expect(read(join(directory, 'copy'))).toEqual(expect.arrayContaining(known));
      copies += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(copies).toBeGreaterThan(10);
  });

  it('cuts off what a full disk took only a part of, and goes on behind what it has acknowledged', async () => {
    await append('kept');
    const { handle } = writer as unknown as { readonly handle: { write: Write } };
    const write = handle.write.bind(handle);
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    jest.spyOn(handle, 'write').mockImplementationOnce(async (bytes, offset, _length, position) => {
      await write(bytes, offset, 5, position);
      throw full;
    });
    await expect(append('lost')).rejects.toBe(full);
    expect(scanFrames(readFileSync(path)).damages).toEqual([]);
    await append('next');
    expect(read()).toEqual(['kept', 'next']);
    expect(writer.hasFailed).toBe(false);
  });

  it('takes nothing more once a sync has failed: what the disk has is not known', async () => {
    await append('kept');
    const handle = (writer as unknown as { handle: { datasync: () => Promise<void> } }).handle;
    const broken = Object.assign(new Error('i/o error'), { code: 'EIO' });
    jest.spyOn(handle, 'datasync').mockRejectedValueOnce(broken);
    await expect(append('doubtful')).rejects.toBe(broken);
    expect(writer.hasFailed).toBe(true);
    await expect(append('next')).rejects.toBe(broken);
    expect(read()).toEqual(['kept']);
  });

  it('acknowledges nothing in a file that was taken over while it was being written', async () => {
    await append('mine');
    const { begun, release } = held();
    const late = append('late');
    await begun;
    renameSync(path, join(directory, 'b.journal'));
    release();
    await expect(late).rejects.toThrow(JournalTakenOverError);
    await expect(append('next')).rejects.toThrow(JournalTakenOverError);
  });

  it('does not take another file of the same name for its own', async () => {
    renameSync(path, join(directory, 'b.journal'));
    writeFileSync(path, '');
    await expect(append('x')).rejects.toThrow(JournalTakenOverError);
    expect(read()).toEqual([]);
  });
});
