import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { type EmbeddedDatabase, openEmbeddedDatabase } from './embedded.database';

describe('the embedded database', () => {
  let folder: string;
  let database: EmbeddedDatabase;
  const said: string[] = [];

  const open = async (): Promise<void> => {
    database = await openEmbeddedDatabase(folder, (message) => said.push(message));
  };
  const ask = async (statement: string): Promise<unknown[]> => {
    const client = new Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const serverFile = (): string => join(database.cluster, 'postmaster.pid');
  const serverPid = (): number => Number(readFileSync(serverFile(), 'utf8').split('\n')[0]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sample-crm-'));
    // As root the server runs as another user, who has to reach the folder.
    chmodSync(folder, 0o755);
    await open();
    await ask('CREATE TABLE kept AS SELECT 42 AS answer');
  });

  afterAll(async () => {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const expectKept = async (): Promise<void> => {
    expect(await ask('SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  };

  it('keeps its data between starts', async () => {
    await database.stop();
    await open();
    await expectKept();
  });

  it('is not shared: a second sample on the same data is refused', async () => {
    await expect(openEmbeddedDatabase(folder, () => undefined)).rejects.toThrow('already runs');
    await expectKept();
  });

  it('comes back on the same port when its server is killed', async () => {
    process.kill(serverPid(), 'SIGKILL');
    const deadline = Date.now() + 20_000;
    while (!said.includes('the database server is back') && Date.now() < deadline) await wait(20);
    await expectKept();
  });

  it('starts although a stale file names a process of somebody else', async () => {
    await database.stop();
    const port = new URL(database.url).port;
    writeFileSync(serverFile(), `${process.pid}\n${database.cluster}\n1795226574\n${port}\n`, {
      mode: 0o666,
    });
    await open();
    expect(serverPid()).not.toBe(process.pid);
    await expectKept();
  });
});
