import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TRACKER_DATA_SOURCE, TRACKER_HOST_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type DatabaseConnection, type Row, type StatementInput, type TextRow } from './database-connection';
import { type DatabaseEngine, engineOf } from './engine';
import { MysqlConnection } from './mysql.connection';
import { PostgresConnection } from './postgres.connection';
import { SqliteConnection } from './sqlite.connection';

const CONNECTIONS: Readonly<
  Record<DatabaseEngine, (host: DataSource, reading: DataSource) => DatabaseConnection>
> = {
  postgres: (host) => new PostgresConnection(host),
  mysql: (host) => new MysqlConnection(host),
  sqlite: (host, reading) => new SqliteConnection(host, reading),
};

/**
 * Connections of our own to the host's database, for postbacks and events. The host's pool may be used up by the host,
 * has no time limits unless the host sets them, and a statement on a connection that went silent would hold up every
 * postback behind it.
 */
@Injectable()
export class TrackerDatabase implements OnApplicationShutdown {
  /** Whose SQL is spoken here. */
  readonly engine: DatabaseEngine;
  private readonly connection: DatabaseConnection;
  private readonly drains: (() => Promise<void>)[] = [];

  constructor(
    @Inject(TRACKER_HOST_DATA_SOURCE) host: DataSource,
    @Inject(TRACKER_DATA_SOURCE) reading: DataSource,
  ) {
    this.engine = engineOf(host);
    this.connection = CONNECTIONS[this.engine](host, reading);
  }

  /** What has to be finished at shutdown before the connections are closed, the last given first. */
  beforeClose(drain: () => Promise<void>): void {
    this.drains.push(drain);
  }

  async onApplicationShutdown(): Promise<void> {
    try {
      for (const drain of this.drains.toReversed()) await drain();
    } finally {
      await this.connection.close();
    }
  }

  /**
   * Runs one statement, committed when it is answered. Its parameters are `$1` … on PostgreSQL, `?` elsewhere.
   *
   * @param name prepares it under this name, for statements that run all the time: planning them costs as much again
   * @throws DatabaseTimeoutError when it took too long; its connection is closed and nothing is known of its outcome
   */
  query<R>(sql: string, parameters: readonly unknown[], name?: string): Promise<readonly R[]> {
    return this.connection.query(sql, parameters, name);
  }

  /**
   * The same, with each row as the texts of its columns: what is read thousands of times a second is made into what it
   * is needed for, and into nothing before. On PostgreSQL only.
   */
  texts(sql: string, parameters: readonly unknown[], name: string): Promise<readonly TextRow[]> {
    return this.connection.texts(sql, parameters, name);
  }

  /** Reads through entities, on our own connections and within the time of one statement. */
  read<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    return this.connection.read(work);
  }

  /**
   * Runs several statements as one transaction that holds no lock over a round trip, and answers the rows of each, and
   * of one without rows how many it changed: `{ changes }`. On MySQL, MariaDB and SQLite; on PostgreSQL one statement can
   * do as much.
   *
   * @param variables what the statements call `@name`; whole numbers only
   * @param statements texts that nothing is put into but names of tables and columns
   * @throws DatabaseTimeoutError when it took too long; nothing is known of its outcome
   */
  atomically(
    variables: Readonly<Record<string, StatementInput>>,
    statements: readonly string[],
  ): Promise<readonly (readonly Row[])[]> {
    return this.connection.atomically(variables, statements);
  }

  /**
   * A transaction through entities, for what people change. On SQLite it must wait for nothing but the database: see
   * {@link SqliteConnection}.
   */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.connection.transaction(work);
  }

  /**
   * Asks the database one thing over a connection that is opened for it and closed again: what a network swallowed still
   * looks open.
   *
   * @throws when that took longer than `milliseconds`, or failed
   */
  probe(milliseconds: number): Promise<void> {
    return this.connection.probe(milliseconds);
  }

  /** Leaves our connections to those who are using them: the next statement opens a fresh one. */
  reconnect(): void {
    this.connection.reconnect();
  }
}
