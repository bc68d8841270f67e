import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { ENGINES, type TestEngine } from './setup/engines';

const TABLES: Readonly<Record<TestEngine, string>> = {
  postgres: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`,
  mysql: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1`,
  sqlite: `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1`,
};

describe.each(ENGINES)('the hand-written schema on %s', (engine) => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    dataSource = await new DataSource(database.options).initialize();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const tables = async (): Promise<string[]> => {
    const rows: { name: string }[] = await dataSource.query(TABLES[engine]);
    return rows
      .map(({ name }) => name)
      .filter((name) => name !== 'migrations')
      .sort();
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
