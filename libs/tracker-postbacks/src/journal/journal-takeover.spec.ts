import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformFileSync } from '@swc/core';
import { scanFrames } from './journal-frame';
import { JournalOwnership } from './journal-ownership';

const STALE_MS = 400;

/** Appends number after number, and says which of them are acknowledged. */
const WRITER = `
  const { framed } = require('./journal-frame');
  const { JournalOwnership } = require('./journal-ownership');
  const { SegmentQueue } = require('./segment-queue');
  (async () => {
    const ownership = new JournalOwnership(process.argv[2]);
    await ownership.begin();
    const queue = new SegmentQueue({
      nextPath: () => ownership.nextPath(),
      renew: () => { queue.abandon(); process.send({ renewed: true }); return ownership.begin(); },
      complain: () => undefined,
    });
    setInterval(() => ownership.stir(), 50);
    for (let n = 0; ; n++) {
      await Promise.all([n + 'a', n + 'b', n + 'c'].map(async (text) => {
        await queue.append(framed(Buffer.from(text)), null, 0);
        process.send({ acknowledged: text });
      }));
    }
  })();
`;

interface Message {
  readonly acknowledged?: string;
  readonly renewed?: boolean;
}

describe('files of another process', () => {
  let root: string;
  let directory: string;
  let compiled: string;
  const children: ChildProcess[] = [];

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'tracker-takeover-'));
    compiled = join(root, 'compiled');
    mkdirSync(compiled);
    for (const name of readdirSync(__dirname)) {
      if (!name.endsWith('.ts') || name.endsWith('.spec.ts')) continue;
      const { code } = transformFileSync(join(__dirname, name), {
        jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
        module: { type: 'commonjs' },
      });
      writeFileSync(join(compiled, name.replace(/\.ts$/, '.js')), code);
    }
    writeFileSync(join(compiled, 'writer.js'), WRITER);
  });

  beforeEach(() => {
    directory = mkdtempSync(join(root, 'journal-'));
  });

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  /** A process that writes as fast as its disk takes it. */
  function startWriter(): {
    readonly child: ChildProcess;
    readonly acknowledged: string[];
    renewals: number;
  } {
    const child = fork(join(compiled, 'writer.js'), [directory], { execArgv: [] });
    children.push(child);
    const writer = { child, acknowledged: [] as string[], renewals: 0 };
    child.on('message', ({ acknowledged, renewed }: Message) => {
      if (acknowledged !== undefined) writer.acknowledged.push(acknowledged);
      if (renewed === true) writer.renewals += 1;
    });
    return writer;
  }

  const more = async (writer: { readonly acknowledged: string[] }, count: number): Promise<void> => {
    const enough = writer.acknowledged.length + count;
    while (writer.acknowledged.length < enough) await turn();
  };

  const read = (paths: readonly string[]): string[] =>
    paths.flatMap((path) => scanFrames(readFileSync(path)).payloads.map(String));

  const takenOver = async (ownership: JournalOwnership): Promise<readonly string[]> => {
    for (;;) {
      const paths = await ownership.takeOver();
      if (paths.length > 0) return paths;
      await turn();
    }
  };

  const dead = (child: ChildProcess): Promise<unknown> =>
    new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });

  it('are taken over when it was killed, with everything that it had acknowledged', async () => {
    const writer = startWriter();
    await more(writer, 100);
    const ownership = new JournalOwnership(directory);
    await ownership.begin();
    expect(await ownership.takeOver()).toEqual([]);
    await dead(writer.child);
    const records = read(await takenOver(ownership));
    expect(records).toEqual(expect.arrayContaining(writer.acknowledged));
    expect(readdirSync(directory).filter((name) => name.endsWith('.owner'))).toHaveLength(1);
    await ownership.end(true);
  });

  it('are taken by one of several', async () => {
    const writer = startWriter();
    await more(writer, 30);
    await dead(writer.child);
    const owners = Array.from({ length: 5 }, () => new JournalOwnership(directory));
    for (const owner of owners) await owner.begin();
    const taken = await Promise.all(owners.map((owner) => owner.takeOver()));
    expect(taken.filter((paths) => paths.length > 0)).toHaveLength(1);
    expect(read(taken.flat())).toEqual(expect.arrayContaining(writer.acknowledged));
    for (const owner of owners) await owner.end(false);
  });

  it.each([1, 2, 3])(
    'are not written to by one that was stopped past its time and goes on: nothing acknowledged is lost (%i)',
    async () => {
      const writer = startWriter();
      await more(writer, 50);
      const ownership = new JournalOwnership(directory, STALE_MS);
      await ownership.begin();
      // In the middle of whatever it is doing.
      writer.child.kill('SIGSTOP');
      const first = read(await takenOver(ownership));
      writer.child.kill('SIGCONT');
      await more(writer, 50);
      expect(writer.renewals).toBe(1);
      await dead(writer.child);
      const second = read(await takenOver(ownership));
      expect([...first, ...second]).toEqual(expect.arrayContaining(writer.acknowledged));
      expect(second).toContain(writer.acknowledged.at(-1));
      await ownership.end(true);
    },
  );
});

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
