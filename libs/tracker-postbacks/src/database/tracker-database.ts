import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { DatabaseTimeoutError, sqlState } from './database-error';

const POOL_SIZE = 6;
/** Below the time a postback may wait, so that its 503 comes from here and the next batch finds a fresh connection. */
const STATEMENT_MS = 4_000;
const CONNECT_MS = 3_000;

/** As much of node-postgres' client as it takes to send a named statement and to end a connection that went silent. */
interface PostgresConnection {
  query(statement: {
    readonly name?: string;
    readonly text: string;
    readonly values: readonly unknown[];
  }): Promise<{ readonly rows: readonly unknown[] }>;
  readonly connection?: { readonly stream?: { destroy(error?: Error): void } };
}

/** A pooler that hands statements to other sessions knows no statement that was prepared in one of them. */
const NOT_PREPARED: ReadonlySet<string> = new Set(['26000', '42P05']);
/** A migration changed what a prepared statement answers. */
const PLAN_OUTDATED = '0A000';

/**
 * Connections of our own to the host's database, for postbacks and events. The host's pool may be used up by the host,
 * has no time limits unless the host sets them, and a statement on a connection that went silent would hold up every
 * postback behind it.
 */
@Injectable()
export class TrackerDatabase implements OnApplicationShutdown {
  private readonly own: DataSource;
  private connecting: Promise<unknown> | undefined;
  private readonly uses = new WeakMap<PostgresConnection, Map<string, number>>();
  private prepares = true;
  private closed = false;
  /** Part of every statement's name: a migration makes the old plans unusable. */
  private generation = 0;
  private readonly drains: (() => Promise<void>)[] = [];

  constructor(@Inject(TRACKER_DATA_SOURCE) host: DataSource) {
    this.own = new DataSource(ownOptions(host));
  }

  /** What has to be finished at shutdown before the connections are closed, the last given first. */
  beforeClose(drain: () => Promise<void>): void {
    this.drains.push(drain);
  }

  async onApplicationShutdown(): Promise<void> {
    try {
      for (const drain of this.drains.toReversed()) await drain();
    } finally {
      this.closed = true;
      if (this.own.isInitialized) await this.own.destroy();
    }
  }

  /**
   * Runs one statement.
   *
   * @param name prepares it under this name, for statements that run all the time: planning them costs as much again
   * @throws DatabaseTimeoutError when it took too long; its connection is closed and nothing is known of its outcome
   */
  async query<R>(sql: string, parameters: readonly unknown[], name?: string): Promise<readonly R[]> {
    if (name === undefined || !this.prepares) return this.send<R>(sql, parameters, undefined);
    try {
      return await this.send<R>(sql, parameters, name);
    } catch (error) {
      const state = sqlState(error) ?? '';
      // In both cases the statement was not begun, so it can be sent again as it is.
      if (state === PLAN_OUTDATED) this.generation++;
      else if (NOT_PREPARED.has(state)) this.prepares = false;
      else throw error;
      return this.send<R>(sql, parameters, undefined);
    }
  }

  /** Reads through entities, on our own connections and within the time of one statement. */
  async read<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    const source = await this.connected();
    return within(STATEMENT_MS, work(source), () => undefined);
  }

  private async send<R>(
    sql: string,
    values: readonly unknown[],
    name: string | undefined,
  ): Promise<readonly R[]> {
    const runner = (await this.connected()).createQueryRunner();
    try {
      const connection = (await runner.connect()) as PostgresConnection;
      const statement =
        name === undefined
          ? { text: sql, values }
          : { name: this.planOf(connection, name), text: sql, values };
      const { rows } = await within(STATEMENT_MS, connection.query(statement), () => {
        connection.connection?.stream?.destroy(new DatabaseTimeoutError(STATEMENT_MS));
      });
      return rows as readonly R[];
    } finally {
      await runner.release();
    }
  }

  /**
   * The name under which a connection prepares a statement: another one whenever its uses have doubled. A plan is made
   * for the tables as they are, and those of a new installation are empty.
   */
  private planOf(connection: PostgresConnection, name: string): string {
    let uses = this.uses.get(connection);
    if (uses === undefined) this.uses.set(connection, (uses = new Map<string, number>()));
    const used = (uses.get(name) ?? 0) + 1;
    uses.set(name, used);
    return `tracker_${name}_${this.generation}_${Math.floor(Math.log2(used))}`;
  }

  /** Connects at first use, and again after a failure: the database may come later than the application. */
  private async connected(): Promise<DataSource> {
    if (this.closed) throw new Error('The application is shutting down: its tracker connections are closed.');
    if (!this.own.isInitialized) {
      this.connecting ??= this.own.initialize().finally(() => {
        this.connecting = undefined;
      });
      await this.connecting;
    }
    return this.own;
  }
}

function ownOptions({ options, entityMetadatas }: DataSource): DataSourceOptions {
  const extra = options.extra as Record<string, unknown> | undefined;
  return {
    ...options,
    entities: entityMetadatas
      .filter(({ tableName }) => tableName.includes('tracker_'))
      .map(({ target }) => target),
    migrations: [],
    subscribers: [],
    synchronize: false,
    migrationsRun: false,
    dropSchema: false,
    cache: false,
    extra: { ...extra, max: POOL_SIZE, connectionTimeoutMillis: CONNECT_MS, keepAlive: true },
  };
}

async function within<T>(milliseconds: number, work: Promise<T>, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DatabaseTimeoutError(milliseconds));
      giveUp();
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // What is given up on fails a moment later; nobody is left to hear it.
    work.catch(() => undefined);
  }
}
