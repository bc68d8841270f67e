import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { TrackerPostbacksModule } from 'nestjs-tracker-postbacks';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { ENGINES } from '../setup/engines';
import { embed, expectAtWork } from './embedded';

class HostChats1600000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE host_chats (id integer)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE host_chats');
  }
}

/** Of a release of the host after it has taken the library in. */
class HostNotes1990000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE host_notes (id integer)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE host_notes');
  }
}

describe.each(ENGINES)("migrations beside the host's own, on %s", (engine) => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase(engine);
    const dataSource = await new DataSource(database.options).initialize();
    while (dataSource.migrations.length > 0 && (await applied(dataSource)).length > 0)
      await dataSource.undoLastMigration();
    await dataSource.destroy();
  });
  afterEach(async () => {
    await database.drop();
  });

  const options = (more: object): TypeOrmModuleOptions => {
    const all: object = {
      ...database.options,
      retryAttempts: 0,
      migrations: [
        HostChats1600000000000,
        ...(database.options.migrations as (new () => MigrationInterface)[]),
        HostNotes1990000000000,
      ],
      ...more,
    };
    return all;
  };
  const hostTables = async (dataSource: DataSource): Promise<readonly string[]> => {
    const runner = dataSource.createQueryRunner();
    try {
      const found = [];
      for (const name of ['host_chats', 'tracker_postbacks', 'host_notes'])
        if (await runner.hasTable(name)) found.push(name);
      return found;
    } finally {
      await runner.release();
    }
  };

  it.each([
    ['in one transaction', {}],
    [
      'in a transaction each, under a table of the host',
      { migrationsTransactionMode: 'each', migrationsTableName: 'crm_migrations' },
    ],
  ])('run at boot %s', async (_, more) => {
    const host = await embed({
      imports: [
        EventEmitterModule.forRoot(),
        TypeOrmModule.forRoot(options({ ...more, migrationsRun: true })),
        TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com' }),
      ],
    });
    try {
      await expectAtWork(host);
      expect(await hostTables(host.app.get(DataSource))).toEqual([
        'host_chats',
        'tracker_postbacks',
        'host_notes',
      ]);
    } finally {
      await host.close();
    }
  });

  it('go into a host that has run for years, and out of it again', async () => {
    const before = await new DataSource({
      ...options({ migrations: [HostChats1600000000000, HostNotes1990000000000] }),
    } as DataSource['options']).initialize();
    await before.runMigrations();
    await before.destroy();
    const dataSource = await new DataSource(options({}) as DataSource['options']).initialize();
    try {
      const run = await dataSource.runMigrations();
      expect(run.map(({ name }) => name)).toEqual(await namesOf(database));
      expect(await hostTables(dataSource)).toEqual(['host_chats', 'tracker_postbacks', 'host_notes']);
      for (let left = run.length; left > 0; left--) await dataSource.undoLastMigration();
      expect(await hostTables(dataSource)).toEqual(['host_chats', 'host_notes']);
    } finally {
      await dataSource.destroy();
    }
  });
});

describe('a schema of its own on PostgreSQL', () => {
  it('is used when the search path names it too', async () => {
    const database = await createTestDatabase('postgres');
    const owner = await new DataSource(database.options).initialize();
    while ((await applied(owner)).length > 0) await owner.undoLastMigration();
    await owner.query('CREATE SCHEMA crm');
    const settings: object = {
      ...database.options,
      schema: 'crm',
      extra: { options: '-c search_path=crm' },
      migrationsRun: true,
      retryAttempts: 0,
    };
    const host = await embed({
      imports: [
        EventEmitterModule.forRoot(),
        TypeOrmModule.forRoot(settings),
        TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com' }),
      ],
    });
    try {
      await expectAtWork(host);
      const tables = await owner.query(
        `SELECT table_schema FROM information_schema.tables WHERE table_name = 'tracker_postbacks'`,
      );
      expect(tables).toEqual([{ table_schema: 'crm' }]);
    } finally {
      await host.close();
      await owner.destroy();
      await database.drop();
    }
  });
});

async function applied(dataSource: DataSource): Promise<readonly unknown[]> {
  return dataSource.query('SELECT 1 AS one FROM migrations');
}

/** What the library's migrations are called. */
async function namesOf(database: TestDatabase): Promise<readonly string[]> {
  const dataSource = new DataSource(database.options);
  await dataSource.initialize();
  const names = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  await dataSource.destroy();
  return names;
}
