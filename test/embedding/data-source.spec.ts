import { type DynamicModule } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, DefaultNamingStrategy, Entity, PrimaryColumn } from 'typeorm';
import { TrackerPostbacksModule } from 'nestjs-tracker-postbacks';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { ENGINES } from '../setup/engines';
import { sqlOn } from '../setup/sql';
import { embed, expectAtWork } from './embedded';

@Entity()
class HostChat {
  @PrimaryColumn('varchar', { length: 64 })
  chatId!: string;

  @Column('varchar', { length: 64 })
  displayName!: string;
}

/** As `typeorm-naming-strategies` has it: names in snake case, given ones too. */
class SnakeNames extends DefaultNamingStrategy {
  override tableName(target: string, given: string | undefined): string {
    return snake(given ?? target);
  }

  override columnName(property: string, given: string | undefined, prefixes: string[]): string {
    return snake([...prefixes, given ?? property].join('_'));
  }
}

function snake(name: string): string {
  return name.replace(/(?<=[a-z0-9])([A-Z])/g, '_$1').toLowerCase();
}

describe.each(ENGINES)("the host's DataSource on %s", (engine) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
  });
  afterAll(async () => {
    await database.drop();
  });

  const typeOrm = (more: object): DynamicModule => {
    const options: object = { ...database.options, retryAttempts: 0, ...more };
    return TypeOrmModule.forRoot(options);
  };
  const tracker = (dataSource?: string): ReturnType<typeof TrackerPostbacksModule.forRoot> =>
    TrackerPostbacksModule.forRoot({
      publicUrl: 'https://crm.example.com',
      adminOpen: true,
      ...(dataSource === undefined ? {} : { dataSource }),
    });

  it('loads the entities by itself under autoLoadEntities', async () => {
    const host = await embed({
      imports: [EventEmitterModule.forRoot(), typeOrm({ entities: [], autoLoadEntities: true }), tracker()],
    });
    try {
      await expectAtWork(host);
    } finally {
      await host.close();
    }
  });

  it('without autoLoadEntities and without TRACKER_ENTITIES it says at boot what to add', async () => {
    const imports = [EventEmitterModule.forRoot(), typeOrm({ entities: [HostChat] }), tracker()];
    await expect(embed({ imports })).rejects.toMatchObject({
      code: 'entities_missing',
      message: expect.stringMatching(
        /does not know TrackerIntegration, .*autoLoadEntities: true, or add \.\.\.TRACKER_ENTITIES/,
      ),
    });
  });

  it('may be a named one beside another database', async () => {
    const other = await createTestDatabase(engine);
    const host = await embed({
      imports: [
        EventEmitterModule.forRoot(),
        TypeOrmModule.forRoot({ ...other.options, retryAttempts: 0 }),
        typeOrm({ name: 'crm' }),
        tracker('crm'),
      ],
    });
    try {
      const clickId = await expectAtWork(host);
      const count = async (dataSource: DataSource): Promise<number> =>
        (await sqlOn(dataSource, 'SELECT 1 FROM tracker_postbacks WHERE click_id = $1', clickId)).length;
      expect(await count(host.app.get<DataSource>(getDataSourceToken('crm')))).toBe(2);
      expect(await count(host.app.get(DataSource))).toBe(0);
    } finally {
      await host.close();
      await other.drop();
    }
  });

  it('may have a naming strategy of its own', async () => {
    const host = await embed({
      imports: [
        EventEmitterModule.forRoot(),
        typeOrm({
          entities: [...(database.options.entities as (new () => object)[]), HostChat],
          namingStrategy: new SnakeNames(),
        }),
        tracker(),
      ],
    });
    try {
      expect(host.app.get(DataSource).getMetadata(HostChat).tableName).toBe('host_chat');
      await expectAtWork(host);
    } finally {
      await host.close();
    }
  });
});
