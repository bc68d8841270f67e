import { DataSource, type DataSourceOptions } from 'typeorm';

/**
 * A DataSource of our own to the host's database, with nothing but our tables; it does not touch the schema. Its entities
 * are read a second time, most of a megabyte: run on the host's, our statements would be the host's as well, in a
 * transaction that typeorm-transactional has put around our caller, or answered by the host's query cache.
 */
export function ownDataSource(host: DataSource, options: Readonly<Record<string, unknown>>): DataSource {
  // TypeORM asks whether an option is there, not what it is: whose value is undefined must not be.
  const given = Object.entries({ ...host.options, ...options }).filter(([, value]) => value !== undefined);
  return new DataSource({
    ...(Object.fromEntries(given) as unknown as DataSourceOptions),
    entities: host.entityMetadatas
      .filter(({ tableName }) => tableName.includes('tracker_'))
      .map(({ target }) => target),
    migrations: [],
    subscribers: [],
    synchronize: false,
    migrationsRun: false,
    dropSchema: false,
    cache: false,
  });
}
