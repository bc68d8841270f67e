import { DataSource, type DataSourceOptions } from 'typeorm';

/** A DataSource whose schema is up to date. */
export async function migratedDataSource(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = await new DataSource(options).initialize();
  try {
    await migrate(dataSource);
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
  return dataSource;
}

/** Two instances that start at once take turns. */
async function migrate(dataSource: DataSource): Promise<void> {
  const turn = dataSource.createQueryRunner();
  try {
    await turn.query(`SELECT pg_advisory_lock(hashtext('sample-crm migrations'))`);
    try {
      await dataSource.runMigrations();
    } finally {
      await turn.query(`SELECT pg_advisory_unlock(hashtext('sample-crm migrations'))`);
    }
  } finally {
    await turn.release();
  }
}
