import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TrackerPostbacksOptions } from 'nestjs-tracker-postbacks';
import { SegmentWriter } from '../libs/tracker-postbacks/src/journal/segment-writer';
import { IntakeState } from '../libs/tracker-postbacks/src/postbacks/intake-state';
import { JournalScene, until } from './journal.fixture';
import { startApplication } from './setup/application';
import { type Reply } from './setup/crm';
import { createTestDatabase } from './setup/database';

const MAX_BYTES = 65_536;

describe('the limits of the journal', () => {
  let scene: JournalScene;

  beforeAll(async () => {
    scene = await JournalScene.start({ maxBytes: MAX_BYTES, options: { intake: { timeoutMs: 1_000 } } });
    await scene.crm.send('');
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    scene.proxy.restore();
    await until('the journal is drained', () => scene.files().length === 0);
  });

  afterAll(() => scene.stop());

  const send = (padding = ''): Promise<Reply> =>
    scene.crm.send(`tracker.event=sale&clickid=x&padding=${padding}`);

  function expectRefused(reply: Reply): void {
    expect(reply.status).toBe(503);
    expect(reply.body['code']).toBe('storage_unavailable');
    expect(reply.headers.get('retry-after')).toBe('5');
  }

  it('are bytes: beyond them nothing is promised, and what was promised is kept', async () => {
    scene.proxy.cut();
    const replies: Reply[] = [];
    do replies.push(await send('p'.repeat(8_000)));
    while (replies.at(-1)?.status === 200);
    expect(replies).toHaveLength(8);
    replies.slice(-1).forEach(expectRefused);
    // What is smaller still has room.
    expect((await send()).status).toBe(200);
    expect(scene.bytes().length).toBeLessThan(MAX_BYTES + 1_024);
    expect(scene.records()).toHaveLength(8);
    const { journal } = scene.application.app.get(IntakeState).status();
    expect(journal).toMatchObject({ records: 8, isWritable: true, stuck: 0 });
    scene.proxy.restore();
    await until('there is room again', async () => (await send('p'.repeat(8_000))).status === 200);
  });

  it('are those of the disk: a full one is a 503 and no crash, and there is room again when there is', async () => {
    scene.proxy.cut();
    expect((await send()).status).toBe(200);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const flush = jest.spyOn(SegmentWriter.prototype, 'flush').mockRejectedValue(full);
    (await Promise.all([send(), send(), send()])).forEach(expectRefused);
    const state = scene.application.app.get(IntakeState);
    expect(state.status().journal).toMatchObject({
      isWritable: false,
      lastError: expect.stringMatching(/ENOSPC/),
    });
    flush.mockRestore();
    expect((await send()).status).toBe(200);
    expect(state.status().journal).toMatchObject({ isWritable: true, lastError: null });
    expect(scene.records()).toHaveLength(2);
  });

  it('are those of its patience: a disk that does not answer is a 503 in time', async () => {
    scene.proxy.cut();
    expect((await send()).status).toBe(200);
    let release: () => void = () => undefined;
    const flush: SegmentWriter['flush'] = Reflect.get(SegmentWriter.prototype, 'flush');
    jest.spyOn(SegmentWriter.prototype, 'flush').mockImplementation(async function (
      this: SegmentWriter,
      bytes,
    ) {
      await new Promise<void>((resolve) => (release = resolve));
      return flush.call(this, bytes);
    });
    const begun = performance.now();
    expectRefused(await send());
    expect(performance.now() - begun).toBeLessThan(2_000);
    release();
  });
});

describe('a journal that cannot be used', () => {
  const start = async (journal: TrackerPostbacksOptions['journal']): Promise<string> => {
    const database = await createTestDatabase();
    try {
      const application = await startApplication(database, { options: { ...(journal && { journal }) } });
      await application.close();
      return 'started';
    } catch (error) {
      return `${(error as { code?: string }).code ?? ''}: ${String(error)}`;
    } finally {
      await database.drop();
    }
  };

  it('stops the application at boot and says what to mend', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tracker-journal-'));
    const file = join(directory, 'a-file');
    writeFileSync(file, '');
    const refusal = await start({ directory: file });
    expect(refusal).toMatch(/^journal_unusable: .*a-file.*Name a directory on a local disk/s);
    expect(await start({ directory: join(directory, 'made', 'if', 'missing') })).toBe('started');
    rmSync(directory, { recursive: true });
  });
});
