import { type DataSource } from 'typeorm';
import { engineOf } from './engine';
import { refuseInMemory, sqliteDataSource } from './sqlite.handle';

/**
 * What lists and look-ups read through: the host's DataSource, but on SQLite, where all of its users share one
 * connection and would read what a transaction of the host has not committed, one of our own on the same file.
 */
export async function readingDataSource(host: DataSource): Promise<DataSource> {
  if (engineOf(host) !== 'sqlite') return host;
  refuseInMemory(host);
  return sqliteDataSource(host, true).initialize();
}
