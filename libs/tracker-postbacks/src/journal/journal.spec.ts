import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { Journal } from './journal';
import { framed } from './journal-frame';
import { type JournaledPostback } from './journaled-postback';

const record = (id: string, clickId: string | null = 'click'): JournaledPostback => ({
  id,
  tenantId: 'default',
  integrationId: 'i',
  method: 'GET',
  request: {
    target: `/x?clickid=${clickId ?? ''}`,
    pathEvent: null,
    body: { type: 'form', text: 'ü\u0000\ud800' },
  },
  rawSha256: null,
  address: null,
  forwardedFor: null,
  admission: null,
  receivedAt: 1_000,
  clickIds: clickId === null ? [] : [clickId],
});

describe('the journal', () => {
  let directory: string;
  const open: Journal[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tracker-journal-'));
    Logger.overrideLogger(false);
  });

  afterEach(async () => {
    for (const journal of open.splice(0)) await journal.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(maxBytes?: number): Promise<Journal> {
    const settings = { directory, ...(maxBytes === undefined ? {} : { maxBytes }) };
    const journal = new Journal({ publicUrl: 'https://crm.example.com', journal: settings });
    await journal.onModuleInit();
    open.push(journal);
    return journal;
  }

  const close = async (journal: Journal): Promise<void> => {
    open.splice(open.indexOf(journal), 1);
    await journal.close();
  };

  const files = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.journal'));

  /** Drains everything; answers the records in their order. */
  async function drain(journal: Journal, atOnce = 3): Promise<JournaledPostback[]> {
    const records: JournaledPostback[] = [];
    for (let segment = await journal.oldest(); segment !== null; segment = await journal.oldest()) {
      for (let taken = segment.take(atOnce); taken.length > 0; taken = segment.take(atOnce)) {
        records.push(...taken);
        segment.release();
      }
      await journal.done(segment, new Set());
    }
    return records;
  }

  it('gives back what it was given, byte for byte and in order, and leaves no file behind', async () => {
    const journal = await start();
    const records = Array.from({ length: 10 }, (_, n) => record(String(n)));
    await Promise.all(records.map((one) => journal.append(one)));
    expect(journal.status()).toMatchObject({ records: 10, oldestReceivedAt: 1_000, isWritable: true });
    expect(await drain(journal)).toEqual(records);
    expect(files()).toEqual([]);
    expect(journal.status()).toMatchObject({ records: 0, bytes: 0, oldestReceivedAt: null });
  });

  it('holds a click from the call on until all of its records are drained', async () => {
    const journal = await start();
    expect(journal.isHolding).toBe(false);
    const appended = journal.append(record('1', 'a b'));
    expect(journal.holds({ clickIds: ['a+b'] })).toBe(true);
    await appended;
    await journal.append(record('2', 'a b'));
    await journal.append(record('3', null));
    expect(journal.holds({ clickIds: ['other'] })).toBe(false);
    expect(journal.holds({ clickIds: [] })).toBe(false);
    const segment = await journal.oldest();
    segment?.take(1);
    segment?.release();
    expect(journal.holds({ clickIds: ['a b'] })).toBe(true);
    segment?.take(1);
    segment?.release();
    expect(journal.isHolding).toBe(false);
  });

  it('takes what is appended while it is drained, behind the rest', async () => {
    const journal = await start();
    await journal.append(record('1'));
    const segment = await journal.oldest();
    await journal.append(record('2'));
    expect(segment?.take(9).map(({ id }) => id)).toEqual(['1']);
    segment?.release();
    if (segment !== null) await journal.done(segment, new Set());
    expect((await drain(journal)).map(({ id }) => id)).toEqual(['2']);
  });

  it('keeps what was not drained for whoever opens it next', async () => {
    const first = await start();
    for (const id of ['1', '2', '3']) await first.append(record(id));
    const segment = await first.oldest();
    segment?.take(1);
    segment?.release();
    await close(first);
    const second = await start();
    expect(second.holds({ clickIds: ['click'] })).toBe(true);
    // The first is there again: whoever drains it asks the database for its id.
    expect((await drain(second)).map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  it('leaves the files of a living neighbour alone', async () => {
    const [first, second] = [await start(), await start()];
    await first.append(record('1'));
    expect(await second.oldest()).toBeNull();
    expect((await drain(first)).map(({ id }) => id)).toEqual(['1']);
  });

  it('refuses what is beyond its bytes, and takes it when there is room again', async () => {
    const journal = await start(65_536);
    const long = { ...record('long'), forwardedFor: 'x'.repeat(60_000) };
    await journal.append(long);
    await expect(journal.append({ ...long, id: '2' })).rejects.toMatchObject({ code: 'journal_full' });
    expect(journal.status()).toMatchObject({ isWritable: true });
    await drain(journal);
    await journal.append({ ...long, id: '3' });
  });

  it('does not hold a click whose record was refused', async () => {
    const journal = await start(65_536);
    await expect(journal.append({ ...record('1'), forwardedFor: 'x'.repeat(70_000) })).rejects.toMatchObject({
      code: 'journal_full',
    });
    expect(journal.isHolding).toBe(false);
    rmSync(directory, { recursive: true });
    await expect(journal.append(record('2'))).rejects.toMatchObject({ code: 'journal_failed' });
    expect(journal.isHolding).toBe(false);
    expect(journal.status()).toMatchObject({ isWritable: false });
  });

  it('erases records by tenant and click, from files that are written, read and taken over', async () => {
    const earlier = await start();
    await earlier.append(record('old', 'gone'));
    await earlier.append(record('kept-old'));
    await close(earlier);
    const journal = await start();
    await journal.append(record('1', 'gone'));
    await journal.append(record('2'));
    await journal.append({ ...record('3', 'gone'), tenantId: 'another' });
    expect(await journal.names('default', ['gone'])).toBe(true);
    expect(await journal.erase('default', ['gone'])).toBe(2);
    expect(await journal.names('default', ['gone'])).toBe(false);
    expect((await drain(journal)).map(({ id }) => id)).toEqual(['kept-old', '2', '3']);
    expect(journal.isHolding).toBe(false);
    expect(await journal.erase('default', ['gone'])).toBe(0);
  });

  it('erases while it is drained, except what is being judged just then', async () => {
    const journal = await start();
    for (const id of ['1', '2', '3', '4']) await journal.append(record(id, id === '3' ? 'other' : 'gone'));
    const segment = await journal.oldest();
    expect(segment?.take(1).map(({ id }) => id)).toEqual(['1']);
    expect(await journal.erase('default', ['gone'])).toBe(2);
    segment?.release();
    expect(segment?.take(9).map(({ id }) => id)).toEqual(['3']);
    segment?.release();
    expect(journal.isHolding).toBe(false);
  });

  it('keeps records of a later version where they are', async () => {
    const path = join(directory, 'tracker-0123456789abcdef-00000001.journal');
    const later = framed(Buffer.from(JSON.stringify({ version: 99, id: 'later' })));
    writeFileSync(path, later);
    const journal = await start();
    expect(await drain(journal)).toEqual([]);
    expect(files()).toHaveLength(1);
    await close(journal);
    expect(statSync(join(directory, files()[0] ?? '')).size).toBe(later.length);
  });

  it('does not start with settings that cannot work', () => {
    const settings = (maxBytes: number): Journal =>
      new Journal({ publicUrl: 'https://crm.example.com', journal: { directory, maxBytes } });
    for (const maxBytes of [0, 1_000, NaN, -1]) expect(() => settings(maxBytes)).toThrow(/journal\.maxBytes/);
  });
});
