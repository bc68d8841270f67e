import { type DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { type DatabaseConnection, type Row, type StatementInput, type TextRow } from './database-connection';
import { DatabaseTimeoutError } from './database-error';
import { PreparedTexts } from './mysql.prepared';
import { ownDataSource } from './own-data-source';
import { OwnPool } from './own-pool';
import { EXACT_COLLATION } from './recordset';
import { mysqlServer } from './server-check';
import { CONNECT_MS, POOL_SIZE, STATEMENT_MS, within } from './time-limit';

type Callback<T> = (error: Error | null, result: T) => void;
type Answer = readonly Row[] | object;

/** As much of a mysql2 pool connection as it takes to send statements and to end one that went silent. */
interface MysqlClient {
  query(sql: string, done: Callback<readonly Answer[]>): unknown;
  execute(sql: string, values: readonly unknown[], done: Callback<Answer>): unknown;
  destroy(): void;
  readonly threadId?: number | null;
}

/** A connection of nobody's pool. */
interface LoneMysqlClient extends MysqlClient {
  on(event: 'error', listener: () => void): unknown;
}

/** The server has as many prepared statements as it wants, or takes none of these: then they are sent as they are. */
const NOT_PREPARED: ReadonlySet<unknown> = new Set([1461, 1295]);

/** For the statement around the inputs. */
const PACKET_ROOM = 16 * 1024;

/** Inputs of a session that are not worth a statement to forget them. */
const KEPT_CHARACTERS = 256 * 1024;

/** As much of TypeORM's driver as it takes to open a connection of nobody's pool. */
interface MysqlDriver {
  readonly mysql: { createConnection(options: object): LoneMysqlClient };
  createConnectionOptions(options: object, credentials: object): object;
}

interface MysqlOptions {
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly replication?: { readonly master?: Readonly<Record<string, unknown>> };
}

interface MysqlPool {
  on(event: 'acquire', listener: (client: MysqlClient) => void): unknown;
}

/** A lock that is not had by then is a conflict, and we are told before we give up. */
const LOCK_SECONDS = Math.floor(STATEMENT_MS / 1000) - 1;
/** What we have given up on ends by itself. */
const SERVER_SECONDS = Math.ceil(STATEMENT_MS / 1000) + 1;

/**
 * What every connection of ours begins with, whatever the server's defaults. Strict, because MySQL cuts values to length
 * otherwise; READ COMMITTED, because its default locks gaps that other writers need; and joins that go row by row, so
 * that what a batch sends is locked and inserted in the order it is sent.
 */
function session(collation: string, mariaDb: boolean): string {
  return [
    `SET NAMES utf8mb4 COLLATE ${collation}`,
    `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',
       innodb_lock_wait_timeout = ${LOCK_SECONDS}, lock_wait_timeout = ${LOCK_SECONDS},
       ${
         mariaDb
           ? `max_statement_time = ${SERVER_SECONDS}, idle_transaction_timeout = ${SERVER_SECONDS}, join_cache_level = 0`
           : `max_execution_time = ${SERVER_SECONDS * 1000},
       optimizer_switch = 'block_nested_loop=off,batched_key_access=off'`
       }`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  ].join('; ');
}

/** MySQL 8 and MariaDB through mysql2, on a few connections of our own. */
export class MysqlConnection implements DatabaseConnection {
  private readonly own: OwnPool;
  private collation = '';
  private packetBytes = 0;
  private prepares = true;
  private readonly prepared = new WeakMap<MysqlClient, PreparedTexts>();

  constructor(private readonly host: DataSource) {
    this.own = new OwnPool(
      () => ownDataSource(host, ownOptions(host)),
      (source) => this.prepare(source),
    );
  }

  async query<R>(sql: string, parameters: readonly unknown[]): Promise<readonly R[]> {
    return this.on(async (client) => rowsOf(await this.execute(client, sql, parameters)) as readonly R[]);
  }

  texts(): Promise<readonly TextRow[]> {
    return Promise.reject(new Error('Only PostgreSQL is asked for texts: use query.'));
  }

  read<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    return this.own.use((source) => within(STATEMENT_MS, work(source), () => undefined));
  }

  /**
   * The inputs go ahead as variables of the session, outside of the transaction; the transaction is one text that holds
   * nothing a sender wrote, so that the server runs it from its first lock to its commit without waiting for us.
   */
  atomically(
    variables: Readonly<Record<string, StatementInput>>,
    statements: readonly string[],
  ): Promise<readonly (readonly Row[])[]> {
    const assigned = Object.keys(variables);
    const size = Object.values(variables).reduce<number>((sum, value) => sum + String(value).length, 0);
    // The session lives on, and would keep them until the next batch.
    const after =
      size > KEPT_CHARACTERS ? [`SET ${assigned.map((name) => `@${name} = NULL`).join(', ')}`] : [];
    return this.on(async (client) => {
      if (assigned.length > 0) await this.assign(client, variables);
      const texts = statements.map((statement) => this.text(statement));
      const { ahead, sent } = this.prepares
        ? this.preparedOn(client).take(texts)
        : { ahead: [], sent: texts };
      const text = [...ahead, 'START TRANSACTION', ...sent, 'COMMIT', ...after].join(';\n');
      try {
        const answers = await called<readonly Answer[]>((done) => client.query(text, done));
        return statements.map((_, index) => answerOf(answers[ahead.length + 1 + index]));
      } catch (error) {
        this.prepared.delete(client);
        if (NOT_PREPARED.has((error as { readonly errno?: unknown }).errno)) this.prepares = false;
        // The server stopped at the statement that failed, with what came before it still open.
        await called<readonly Answer[]>((done) => client.query('ROLLBACK', done)).catch(() => {
          client.destroy();
        });
        throw error;
      }
    });
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    // Its default locks the gaps between the rows that are read, which the hot path writes into.
    return this.host.transaction('READ COMMITTED', work);
  }

  probe(milliseconds: number): Promise<void> {
    return this.alone(milliseconds, 'SELECT 1');
  }

  reconnect(): void {
    this.own.renew();
  }

  close(): Promise<void> {
    return this.own.close();
  }

  private preparedOn(client: MysqlClient): PreparedTexts {
    let prepared = this.prepared.get(client);
    if (prepared === undefined) this.prepared.set(client, (prepared = new PreparedTexts()));
    return prepared;
  }

  private async assign(
    client: MysqlClient,
    variables: Readonly<Record<string, StatementInput>>,
  ): Promise<void> {
    const entries = Object.entries(variables);
    // A number is sent as a double, and would stay one in the variable.
    const assigned = entries.map(
      ([name, value]) => `@${name} = ${typeof value === 'number' ? 'CAST(? AS SIGNED)' : '?'}`,
    );
    const values = entries.map(([, value]) => (value === null ? null : String(value)));
    const bytes = values.reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);
    // The server would cut the connection in the middle of it, which looks as if it were gone.
    if (bytes > this.packetBytes - PACKET_ROOM) throw new PacketTooLargeError(bytes, this.packetBytes);
    await this.execute(client, `SET ${assigned.join(', ')}`, values);
  }

  private execute(client: MysqlClient, sql: string, values: readonly unknown[]): Promise<Answer> {
    return called<Answer>((done) => client.execute(this.text(sql), values, done));
  }

  /** Runs work on a connection that is ended when it takes too long, waiting for a free one included. */
  private on<T>(work: (client: MysqlClient) => Promise<T>): Promise<T> {
    return this.own.use((source) => {
      const borrowed = new Borrowed(source.createQueryRunner());
      return within(STATEMENT_MS, borrowed.during(work), () => {
        const threadId = borrowed.giveUp();
        // The server would go on with it, and keep its locks.
        if (threadId !== null) this.alone(CONNECT_MS, `KILL ${threadId}`).catch(() => undefined);
      });
    });
  }

  /** Sends a statement over a connection that is opened for it and closed again. */
  private async alone(milliseconds: number, sql: string): Promise<void> {
    const driver = this.host.driver as unknown as MysqlDriver;
    const { options } = this.host;
    const master = (options as MysqlOptions).replication?.master;
    const client = driver.mysql.createConnection({
      ...driver.createConnectionOptions(options, master ?? options),
      connectTimeout: milliseconds,
    });
    // It may also fail while nobody is asking it anything.
    client.on('error', () => undefined);
    const asked = called<readonly Answer[]>((done) => client.query(sql, done));
    try {
      await within(milliseconds, asked, () => undefined);
    } finally {
      client.destroy();
    }
  }

  private text(sql: string): string {
    return sql.replaceAll(EXACT_COLLATION, this.collation);
  }

  private async prepare(source: DataSource): Promise<void> {
    const [row] = await source.query<{ version: string; packet: string | number }[]>(
      'SELECT version() AS version, @@max_allowed_packet AS packet',
    );
    this.packetBytes = Number(row?.packet ?? 0);
    const { name, collation } = mysqlServer(row?.version ?? '');
    this.collation = collation;
    const text = session(collation, name === 'MariaDB');
    const begun = new WeakSet<MysqlClient>();
    (source.driver as unknown as { readonly pool: MysqlPool }).pool.on('acquire', (client) => {
      if (begun.has(client)) return;
      begun.add(client);
      // Statements of a connection queue up behind each other: this one is the first.
      client.query(text, (error) => {
        if (error !== null) client.destroy();
      });
    });
  }
}

/** What the server itself says of a batch that is too large for it: its rows have to be sent in smaller ones. */
class PacketTooLargeError extends Error {
  override readonly name = 'PacketTooLargeError';
  readonly errno = 1153;
  readonly sqlState = '08S01';

  constructor(bytes: number, packetBytes: number) {
    super(
      `A batch of ${bytes} bytes is more than the server takes (max_allowed_packet is ${packetBytes}). It is stored row by ` +
        'row; set max_allowed_packet to 64 MB or more.',
    );
  }
}

/** A pool's connection while it is used, and when it is given up, be it before it was even had. */
class Borrowed {
  private client: MysqlClient | undefined;
  private givenUp = false;

  constructor(private readonly runner: QueryRunner) {}

  async during<T>(work: (client: MysqlClient) => Promise<T>): Promise<T> {
    try {
      this.client = (await this.runner.connect()) as MysqlClient;
      // Nobody waits for the answer any more: what comes now must not be carried out.
      if (this.givenUp) throw new DatabaseTimeoutError(STATEMENT_MS);
      return await work(this.client);
    } finally {
      await this.runner.release();
    }
  }

  /** What the server calls the connection; null while there is none. */
  giveUp(): number | null {
    this.givenUp = true;
    this.client?.destroy();
    return this.client?.threadId ?? null;
  }
}

function ownOptions({ options }: DataSource): Readonly<Record<string, unknown>> {
  const { extra, replication } = options as MysqlOptions;
  return {
    ...replication?.master,
    replication: undefined,
    charset: 'UTF8MB4_GENERAL_CI',
    extra: {
      ...extra,
      connectionLimit: POOL_SIZE,
      connectTimeout: CONNECT_MS,
      enableKeepAlive: true,
      multipleStatements: true,
      maxPreparedStatements: 200,
      supportBigNumbers: true,
      bigNumberStrings: true,
      namedPlaceholders: false,
      rowsAsArray: false,
    },
  };
}

/** Of a statement without rows, how many it changed. */
function answerOf(answer: Answer | undefined): readonly Row[] {
  return Array.isArray(answer)
    ? (answer as readonly Row[])
    : [{ changes: (answer as { readonly affectedRows?: number } | undefined)?.affectedRows ?? 0 }];
}

function rowsOf(answer: Answer | undefined): readonly Row[] {
  return Array.isArray(answer) ? (answer as readonly Row[]) : [];
}

function called<T>(send: (done: Callback<T>) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, result) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}
