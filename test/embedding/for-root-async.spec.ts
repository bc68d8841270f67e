import { Injectable, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  TRACKER_ENTITIES,
  TrackerIntegrations,
  TrackerPostbacksModule,
  type TrackerPostbacksOptions,
} from 'nestjs-tracker-postbacks';
import { request } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { embed, expectAtWork } from './embedded';

@Injectable()
class HostConfig {
  readonly publicUrl = 'https://configured.example.com';
}
@Module({ providers: [HostConfig], exports: [HostConfig] })
class HostConfigModule {}

@Injectable()
class TrackerConfig {
  async create(): Promise<TrackerPostbacksOptions> {
    return Promise.resolve({ publicUrl: 'https://class.example.com' });
  }
}

describe('forRootAsync', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase('sqlite');
  });
  afterAll(async () => {
    await database.drop();
  });

  const base = (): NonNullable<Parameters<typeof embed>[0]['imports']> => [
    EventEmitterModule.forRoot(),
    TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 }),
  ];

  it.each([
    [
      'a factory with what it injects',
      'https://configured.example.com',
      TrackerPostbacksModule.forRootAsync({
        adminOpen: true,
        imports: [HostConfigModule],
        inject: [HostConfig],
        useFactory: async ({ publicUrl }: HostConfig) => Promise.resolve({ publicUrl }),
      }),
    ],
    [
      'a class',
      'https://class.example.com',
      TrackerPostbacksModule.forRootAsync({ adminOpen: true, useClass: TrackerConfig }),
    ],
  ])('takes its options from %s', async (_, origin, module) => {
    const host = await embed({ imports: [...base(), module] });
    try {
      await expectAtWork(host);
      const { postbacks } = await host.app
        .get(TrackerIntegrations)
        .create({ name: 'Async', network: '1win' });
      expect(postbacks[0]?.url.startsWith(`${origin}/postbacks/`)).toBe(true);
      expect((await request(`${host.url}/tracker/networks`)).status).toBe(200);
    } finally {
      await host.close();
    }
  });

  it('without guards the admin routes do not exist, and postbacks are taken', async () => {
    const module = TrackerPostbacksModule.forRootAsync({
      useFactory: () => ({ publicUrl: 'https://crm.example.com' }),
    });
    const host = await embed({ imports: [...base(), module] });
    try {
      await expectAtWork(host);
      expect((await request(`${host.url}/tracker/networks`)).status).toBe(404);
    } finally {
      await host.close();
    }
  });

  it.each([
    [{}, 'is missing'],
    [{ publicUrl: 'crm.example.com' }, 'is no absolute URL'],
  ])('stops at boot when publicUrl cannot be used: %j', async (options, problem) => {
    const module = TrackerPostbacksModule.forRootAsync({
      useFactory: () => options as TrackerPostbacksOptions,
    });
    // Never connected: it does not come to that.
    const nowhere = TypeOrmModule.forRoot({
      type: 'postgres',
      entities: [...TRACKER_ENTITIES],
      manualInitialization: true,
    });
    await expect(embed({ imports: [EventEmitterModule.forRoot(), nowhere, module] })).rejects.toMatchObject({
      code: 'public_url_invalid',
      message: expect.stringContaining(problem),
    });
  });
});
