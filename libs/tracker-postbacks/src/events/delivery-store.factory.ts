import { type DataSource } from 'typeorm';
import { type DatabaseEngine } from '../database/engine';
import { type TrackerDatabase } from '../database/tracker-database';
import { type DeliveryStore } from './delivery-store';
import { MysqlDeliveryStore } from './delivery-store.mysql';
import { PostgresDeliveryStore } from './delivery-store.postgres';
import { SqliteDeliveryStore } from './delivery-store.sqlite';

const STORES: Readonly<
  Record<DatabaseEngine, new (source: DataSource, database: TrackerDatabase) => DeliveryStore>
> = { postgres: PostgresDeliveryStore, mysql: MysqlDeliveryStore, sqlite: SqliteDeliveryStore };

/** The deliveries of the host's engine. */
export function deliveryStore(source: DataSource, database: TrackerDatabase): DeliveryStore {
  return new STORES[database.engine](source, database);
}
