import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { findBinaries } from './postgres.binaries';
import { databasePassword, PostgresServer } from './postgres.server';
import { canEnter, databaseUser } from './system-user';

const DATABASE = 'sample_crm';

export interface EmbeddedDatabase {
  readonly url: string;
  /** Where the data is kept between starts. */
  readonly cluster: string;
  stop(): Promise<void>;
}

/**
 * A PostgreSQL of the sample's own on the data in `folder`. A server that an earlier, killed start left behind is used
 * on; one that dies meanwhile is started again on the same port.
 *
 * @param settings of PostgreSQL, such as `fsync=off`
 */
export async function openEmbeddedDatabase(
  folder: string,
  say: (message: string) => void,
  settings: readonly string[] = [],
): Promise<EmbeddedDatabase> {
  const { server, cluster } = await serverOn(folder, settings);
  await server.initialise();
  const left = await server.running();
  const port = left ?? (await server.start());

  let stopping = false;
  let claim = await claimFor(server.url(port, 'postgres'), folder);
  if (left !== undefined) say('using the database server that an earlier start left running');
  await createDatabase(claim);
  const watch = (): void => {
    claim.once('end', () => {
      if (!stopping) revived = revive();
    });
  };
  const revive = async (): Promise<void> => {
    say('the database server is gone, starting it again');
    while (!stopping) {
      try {
        if ((await server.running()) === undefined) await server.start(port);
        claim = await claimFor(server.url(port, 'postgres'), folder);
        watch();
        say('the database server is back');
        return;
      } catch (error) {
        say(error instanceof Error ? error.message : String(error));
        await wait(2000);
      }
    }
  };
  let revived: Promise<void> = Promise.resolve();
  watch();

  return {
    url: server.url(port, DATABASE),
    cluster,
    stop: async () => {
      stopping = true;
      await revived;
      await claim.end().catch(() => undefined);
      await server.stop();
    },
  };
}

async function serverOn(
  folder: string,
  settings: readonly string[],
): Promise<{ server: PostgresServer; cluster: string }> {
  mkdirSync(folder, { recursive: true });
  const home = canEnter(folder, await databaseUser(join(folder, 'postgres'))) ? folder : homeOutside(folder);
  const cluster = join(home, 'postgres');
  const user = await databaseUser(cluster);
  const binaries = findBinaries(user, home);
  return { server: new PostgresServer(cluster, databasePassword(home), binaries, user, settings), cluster };
}

/** For root in a checkout that no other user can reach: a folder in the system's temporary one, ours alone to change. */
function homeOutside(folder: string): string {
  const home = join(tmpdir(), `sample-crm-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  mkdirSync(home, { recursive: true });
  if (statSync(home).uid !== process.getuid?.()) {
    throw new Error(`${home} belongs to somebody else. Remove it, or set DATABASE_URL.`);
  }
  chmodSync(home, 0o755);
  return home;
}

/**
 * One sample per data folder: a lock held by a session, so that it can never be left over from a killed process. The
 * session also tells when the server dies.
 */
async function claimFor(url: string, folder: string): Promise<Client> {
  const client = new Client({ connectionString: url, keepAlive: true });
  client.on('error', () => undefined);
  await client.connect();
  for (let tries = 0; tries < 20; tries++) {
    const { rows } = await client.query<{ ours: boolean }>(
      `SELECT pg_try_advisory_lock(hashtext('sample-crm')) AS ours`,
    );
    if (rows.some(({ ours }) => ours)) return client;
    // The server needs a moment to notice that a killed process is gone.
    await wait(100);
  }
  await client.end();
  throw new Error(
    `The sample CRM already runs on the data in ${folder}. Stop it first, or set DATA_DIR or DATABASE_URL.`,
  );
}

async function createDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
}
