import { hash } from 'node:crypto';
import { type DataSource, type EntityManager } from 'typeorm';
import { type DatabaseConnection, type Row, type TextRow } from './database-connection';
import { DatabaseTimeoutError, sqlState } from './database-error';
import { ownDataSource } from './own-data-source';
import { OwnPool } from './own-pool';
import { type CancellableClient, cancelStatement } from './postgres-cancel';
import { CONNECT_MS, POOL_SIZE, STATEMENT_MS, within } from './time-limit';

/** As much of node-postgres' client as it takes to send a named statement and to end a connection that went silent. */
interface PostgresClient extends CancellableClient {
  query(
    statement: RowShape & {
      readonly name?: string;
      readonly text: string;
      readonly values: readonly unknown[];
    },
  ): Promise<{ readonly rows: readonly unknown[] }>;
  readonly connection?: { readonly stream?: { destroy(error?: Error): void } };
}

/** A connection of nobody's pool. */
interface LonePostgresClient extends PostgresClient {
  connect(): Promise<unknown>;
  on(event: 'error', listener: () => void): unknown;
}

interface PostgresPool {
  readonly Client: new (options: object) => LonePostgresClient;
  readonly options: { readonly password?: unknown };
}

/** A pooler that hands statements to other sessions knows no statement that was prepared in one of them. */
const NOT_PREPARED: ReadonlySet<string> = new Set(['26000', '42P05']);
/** A migration changed what a prepared statement answers. */
const PLAN_OUTDATED = '0A000';

/** How node-postgres is to answer rows: as objects by default. */
interface RowShape {
  readonly rowMode?: 'array';
  readonly types?: { getTypeParser(): (text: string) => unknown };
}
const OBJECTS: RowShape = {};
const TEXTS: RowShape = { rowMode: 'array', types: { getTypeParser: () => (text) => text } };

const versions = new Map<string, string>();

/** What tells a statement apart from one of the same name in another version of the library. */
function versionOf(sql: string): string {
  let version = versions.get(sql);
  if (version === undefined) versions.set(sql, (version = hash('sha256', sql, 'hex').slice(0, 8)));
  return version;
}

/** Prepared statements on a few node-postgres connections of our own. */
export class PostgresConnection implements DatabaseConnection {
  private readonly own: OwnPool;
  private readonly uses = new WeakMap<PostgresClient, Map<string, number>>();
  private prepares = true;
  /** Part of every statement's name: a migration makes the old plans unusable. */
  private generation = 0;

  constructor(private readonly host: DataSource) {
    const extra = host.options.extra as Record<string, unknown> | undefined;
    this.own = new OwnPool(() =>
      ownDataSource(host, {
        extra: { ...extra, max: POOL_SIZE, connectionTimeoutMillis: CONNECT_MS, keepAlive: true },
      }),
    );
  }

  query<R>(sql: string, parameters: readonly unknown[], name?: string): Promise<readonly R[]> {
    return this.ask<R>(sql, parameters, name, OBJECTS);
  }

  texts(sql: string, parameters: readonly unknown[], name: string): Promise<readonly TextRow[]> {
    return this.ask<TextRow>(sql, parameters, name, TEXTS);
  }

  read<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    return this.own.use((source) => within(STATEMENT_MS, work(source), () => undefined));
  }

  atomically(): Promise<readonly (readonly Row[])[]> {
    return Promise.reject(new Error('On PostgreSQL one statement does it: send it with query.'));
  }

  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.host.transaction(work);
  }

  async probe(milliseconds: number): Promise<void> {
    const { master } = this.host.driver as unknown as { readonly master: PostgresPool };
    const { options } = master;
    const client = new master.Client({
      ...options,
      // Not enumerable there, so that it is not printed by chance.
      password: options.password,
      connectionTimeoutMillis: milliseconds,
    });
    // It may also fail while nobody is asking it anything.
    client.on('error', () => undefined);
    const silence = (): void => {
      client.connection?.stream?.destroy();
    };
    try {
      await within(
        milliseconds,
        client.connect().then(() => client.query({ text: 'SELECT 1', values: [] })),
        silence,
      );
    } finally {
      silence();
    }
  }

  reconnect(): void {
    this.own.renew();
  }

  close(): Promise<void> {
    return this.own.close();
  }

  private async ask<R>(
    sql: string,
    parameters: readonly unknown[],
    name: string | undefined,
    shape: RowShape,
  ): Promise<readonly R[]> {
    if (name === undefined || !this.prepares) return this.send<R>(sql, parameters, undefined, shape);
    try {
      return await this.send<R>(sql, parameters, name, shape);
    } catch (error) {
      const state = sqlState(error) ?? '';
      // In both cases the statement was not begun, so it can be sent again as it is.
      if (state === PLAN_OUTDATED) this.generation++;
      else if (NOT_PREPARED.has(state)) this.prepares = false;
      else throw error;
      return this.send<R>(sql, parameters, undefined, shape);
    }
  }

  private send<R>(
    sql: string,
    values: readonly unknown[],
    name: string | undefined,
    shape: RowShape,
  ): Promise<readonly R[]> {
    return this.own.use(async (source) => {
      const runner = source.createQueryRunner();
      try {
        const client = (await runner.connect()) as PostgresClient;
        const statement =
          name === undefined
            ? { ...shape, text: sql, values }
            : { ...shape, name: this.planOf(client, name, sql), text: sql, values };
        const { rows } = await within(STATEMENT_MS, client.query(statement), () => {
          cancelStatement(client);
          client.connection?.stream?.destroy(new DatabaseTimeoutError(STATEMENT_MS));
        });
        return rows as readonly R[];
      } finally {
        await runner.release();
      }
    });
  }

  /**
   * The name under which a connection prepares a statement: another one whenever its uses have doubled. A plan is made
   * for the tables as they are, and those of a new installation are empty. Part of it is the text itself: behind a pooler
   * the session may have prepared another version's statement.
   */
  private planOf(client: PostgresClient, name: string, sql: string): string {
    let uses = this.uses.get(client);
    if (uses === undefined) this.uses.set(client, (uses = new Map<string, number>()));
    const used = (uses.get(name) ?? 0) + 1;
    uses.set(name, used);
    return `tracker_${name}_${versionOf(sql)}_${this.generation}_${Math.floor(Math.log2(used))}`;
  }
}
