import { randomBytes } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import { type HeldCommits, type ProofDatabase } from './proof.database';

/** A database of its own on a running MySQL or MariaDB. */
export async function createMysqlDatabase(server: string): Promise<ProofDatabase> {
  const name = `tracker_proof_${randomBytes(5).toString('hex')}`;
  await once(server, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  let reader: Connection | undefined;
  return {
    engine: 'mysql',
    address: { engine: 'mysql', url: url.href },
    rows: async (sql, parameters = []) => {
      reader ??= await createConnection({ uri: url.href, supportBigNumbers: true, bigNumberStrings: true });
      return rowsOf(reader, sql, parameters);
    },
    holdCommits: () => holdCommits(url.href, name),
    drop: async () => {
      await reader?.end();
      await once(server, `DROP DATABASE IF EXISTS ${name}`);
    },
  };
}

async function rowsOf(
  connection: Connection,
  sql: string,
  parameters: readonly unknown[],
): Promise<readonly Record<string, unknown>[]> {
  const [rows] = await connection.query(sql, [...parameters]);
  return rows as Record<string, unknown>[];
}

async function holdCommits(url: string, name: string): Promise<HeldCommits> {
  const connection = await createConnection({ uri: url });
  await connection.query(`
    CREATE TRIGGER IF NOT EXISTS proof_hold BEFORE INSERT ON tracker_events FOR EACH ROW
    SET @held = GET_LOCK('${name}', 60), @held = RELEASE_LOCK('${name}')`);
  await connection.query('SELECT GET_LOCK(?, 60)', [name]);
  const held = (): Promise<readonly Record<string, unknown>[]> =>
    rowsOf(
      connection,
      `SELECT id AS id FROM information_schema.processlist WHERE db = ? AND state = 'User lock'`,
      [name],
    );
  return {
    waiting: async () => (await held()).length,
    cut: async () => {
      for (const { id } of await held()) await connection.query(`KILL ${Number(id)}`);
    },
    // The end of the session is the end of its lock.
    release: () => connection.end(),
  };
}

async function once(url: string, sql: string): Promise<void> {
  const connection = await createConnection({ uri: url });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
