import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { type HeldCommits, type ProofDatabase } from './proof.database';

/** A database of its own on a running PostgreSQL. */
export async function createPostgresDatabase(server: string): Promise<ProofDatabase> {
  const name = `tracker_proof_${randomBytes(5).toString('hex')}`;
  await once(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const reader = new Reader(url.href);
  return {
    engine: 'postgres',
    address: { engine: 'postgres', url: url.href },
    rows: (sql, parameters = []) => reader.rows(sql, parameters),
    holdCommits: () => holdCommits(url.href),
    drop: async () => {
      await reader.close();
      await once(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** One connection, made again when the server was away. */
class Reader {
  private client: Client | undefined;

  constructor(private readonly url: string) {}

  async rows(sql: string, parameters: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
    const client = (this.client ??= await this.connect());
    return (await client.query<Record<string, unknown>>(sql, [...parameters])).rows;
  }

  async close(): Promise<void> {
    await this.client?.end();
  }

  private async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.url });
    client.on('error', () => {
      if (this.client === client) this.client = undefined;
    });
    await client.connect();
    return client;
  }
}

const HELD = `wait_event_type = 'Lock' AND wait_event = 'advisory' AND datname = current_database()`;

async function holdCommits(url: string): Promise<HeldCommits> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`
    CREATE OR REPLACE FUNCTION proof_hold() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END';
    CREATE OR REPLACE TRIGGER proof_hold BEFORE INSERT ON tracker_events
      FOR EACH ROW EXECUTE FUNCTION proof_hold()`);
  await client.query('SELECT pg_advisory_lock(4711)');
  return {
    waiting: async () => {
      const { rows } = await client.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE ${HELD}`,
      );
      return rows[0]?.n ?? 0;
    },
    cut: async () => {
      await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${HELD}`);
    },
    // The end of the session is the end of its lock.
    release: () => client.end(),
  };
}

async function once(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
