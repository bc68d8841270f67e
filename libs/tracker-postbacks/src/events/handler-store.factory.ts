import { type DataSource } from 'typeorm';
import { type DatabaseEngine } from '../database/engine';
import { type TrackerDatabase } from '../database/tracker-database';
import { type HandlerStore } from './handler-store';
import { MysqlHandlerStore } from './handler-store.mysql';
import { PostgresHandlerStore } from './handler-store.postgres';
import { SqliteHandlerStore } from './handler-store.sqlite';

const STORES: Readonly<
  Record<DatabaseEngine, new (source: DataSource, database: TrackerDatabase) => HandlerStore>
> = { postgres: PostgresHandlerStore, mysql: MysqlHandlerStore, sqlite: SqliteHandlerStore };

/** The handlers of the host's engine. */
export function handlerStore(source: DataSource, database: TrackerDatabase): HandlerStore {
  return new STORES[database.engine](source, database);
}
