import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from './setup/database';

describe('the hand-written schema', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await new DataSource(database.options).initialize();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const tables = async (): Promise<string[]> => {
    const rows: { name: string }[] = await dataSource.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_name LIKE 'tracker\\_%' ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  it('is what the entities describe: nothing is left to synchronize', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('has a table for every entity, all called tracker_…', async () => {
    expect(await tables()).toEqual(dataSource.entityMetadatas.map(({ tableName }) => tableName).sort());
  });

  it('can be taken back and made again', async () => {
    await dataSource.undoLastMigration();
    expect(await tables()).toEqual([]);
    await dataSource.runMigrations();
    expect(await tables()).toHaveLength(dataSource.entityMetadatas.length);
  });
});
