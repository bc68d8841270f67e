import { spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { framed } from '../libs/tracker-postbacks/src/journal/journal-frame';
import { IntakeState } from '../libs/tracker-postbacks/src/postbacks/intake-state';
import { JournalScene, until } from './journal.fixture';
import { createCrm } from './setup/crm';

describe('what an application leaves in its journal', () => {
  let scene: JournalScene;

  beforeEach(async () => {
    scene = await JournalScene.start();
    await scene.crm.send('');
  });

  afterEach(() => scene.stop());

  const segments = (): readonly string[] => scene.files().filter((name) => name.endsWith('.journal'));
  const drained = (): Promise<number> => until('the journal is drained', () => segments().length === 0);

  async function leave(count: number): Promise<string> {
    const clickId = await scene.crm.newClick();
    scene.proxy.cut();
    for (let n = 1; n <= count; n++) {
      const { body } = await scene.crm.send(`tracker.event=sale&clickid=${clickId}&tracker.tid=${n}`);
      expect(body['status']).toBe('deferred');
    }
    return clickId;
  }

  const expected = (count: number): readonly string[] => [
    ...Array.from({ length: count - 1 }, (_, n) => `resale#${n + 1} ${n + 2}`),
    'sale#1 1',
  ];

  const recorded = async (clickId: string): Promise<readonly string[]> =>
    [...(await scene.conversions(clickId))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));

  /**
   * Takes the files from a living process as if it had just died: they are no more than files. It is closed then, or it
   * would judge what it still knows as soon as the database is back.
   */
  async function kill(pid: number): Promise<void> {
    const grave = mkdtempSync(join(tmpdir(), 'tracker-journal-'));
    for (const name of readdirSync(scene.directory)) {
      const dead = name.replace(/tracker-[0-9a-f]{4}/, 'tracker-0000');
      copyFileSync(join(scene.directory, name), join(grave, dead));
      if (!name.endsWith('.owner')) continue;
      const owner = JSON.parse(readFileSync(join(grave, dead), 'utf8')) as object;
      writeFileSync(join(grave, dead), JSON.stringify({ ...owner, pid }).padEnd(512));
    }
    await scene.application.close();
    scene.moveTo(grave);
  }

  it('at a graceful stop with the database away is judged after the next start', async () => {
    const clickId = await leave(5);
    await scene.application.close();
    expect(segments()).toHaveLength(1);
    scene.proxy.restore();
    scene.application = await scene.another();
    await drained();
    expect(await recorded(clickId)).toEqual(expected(5));
  });

  it('killed is taken over by the next start, at once where the dead one can be told by its number', async () => {
    const clickId = await leave(5);
    const { pid = 0 } = await gone();
    await kill(pid);
    scene.proxy.restore();
    const second = await scene.another();
    await drained();
    expect(await recorded(clickId)).toEqual(expected(5));
    await second.close();
  });

  it('is taken over by a process that runs already', async () => {
    const clickId = await leave(3);
    const { pid = 0 } = await gone();
    await kill(pid);
    const names = readdirSync(scene.directory);
    const aside = join(scene.directory, 'aside');
    mkdirSync(aside);
    for (const name of names) renameSync(join(scene.directory, name), join(aside, name));
    scene.proxy.restore();
    const second = await scene.another();
    for (const name of names) renameSync(join(aside, name), join(scene.directory, name));
    await until('it is taken over', async () => (await scene.rows(clickId)).length === 3);
    await drained();
    expect(await recorded(clickId)).toEqual(expected(3));
    await second.close();
  });

  it('torn at its end is read up to there; damaged in the middle it is read around, and what is lost is kept aside', async () => {
    const clickId = await leave(5);
    const { pid = 0 } = await gone();
    await kill(pid);
    const path = join(scene.directory, segments()[0] ?? '');
    const bytes = readFileSync(path);
    const second = bytes.indexOf('tracker.tid=2');
    bytes.fill(0x20, second, second + 5);
    writeFileSync(path, Buffer.concat([bytes, framed(Buffer.from('{"version":1}')).subarray(0, 20)]));
    scene.proxy.restore();
    const application = await scene.another();
    await drained();
    expect((await scene.rows(clickId)).map(({ tid }) => tid)).toEqual(['1', '3', '4', '5']);
    const [aside = ''] = scene.files().filter((name) => name.endsWith('.damaged'));
    expect(readFileSync(join(scene.directory, aside)).includes(clickId)).toBe(true);
    expect(application.app.get(IntakeState).status().journal).toMatchObject({ damagedFiles: 1, records: 0 });
    await application.close();
  });

  it('of an integration that is gone by then comes to nothing that is lost', async () => {
    const clickId = await leave(1);
    const old = Date.now() - 31 * 24 * 3_600_000;
    await scene.witness.query(`UPDATE tracker_integrations SET deleted_at = ${old}, revision = revision + 1`);
    scene.proxy.restore();
    await drained();
    expect(await scene.rows(clickId)).toEqual([
      expect.objectContaining({ status: 'ignored', code: 'integration_deleted' }),
    ]);
  });

  it('that can never be judged stays there, and holds back nobody', async () => {
    const clickId = await leave(2);
    await scene.application.close();
    const path = join(scene.directory, segments()[0] ?? '');
    const [record] = scene.records();
    const stranger = { ...record, id: '0193b3a0-0000-7000-8000-000000000000', integrationId: NOBODY };
    writeFileSync(path, Buffer.concat([framed(Buffer.from(JSON.stringify(stranger))), readFileSync(path)]));
    scene.proxy.restore();
    scene.application = await scene.another();
    await until('the others are judged', async () => (await scene.rows(clickId)).length === 2);
    const state = scene.application.app.get(IntakeState);
    await until('it is set aside', () => state.status().journal?.stuck === 1);
    expect(scene.records().map(({ integrationId }) => integrationId)).toEqual([NOBODY]);
    const crm = await createCrm(scene.application);
    expect((await crm.send('tracker.event=sale&clickid=another')).body['status']).toBe('unmatched');
  });
});

const NOBODY = '11111111-2222-4333-8444-555555555555';

/** A process that has just ended: its number is nobody's. */
async function gone(): Promise<{ readonly pid: number | undefined }> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  return { pid: child.pid };
}
