import { type DataSource } from 'typeorm';
import { type TrackerDatabase } from '../database/tracker-database';
import { type PostbackStore } from './postback-store';
import { PortablePostbackStore } from './postback-store.portable';
import { PostgresPostbackStore } from './postback-store.postgres';

/** The store in the words of the database at hand. */
export function postbackStore(dataSource: DataSource, database: TrackerDatabase): PostbackStore {
  return database.engine === 'postgres'
    ? new PostgresPostbackStore(dataSource, database)
    : new PortablePostbackStore(dataSource, database);
}
