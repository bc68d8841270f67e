import { Controller, Injectable, Scope } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  OnTrackerEvent,
  type TrackerConversionEvent,
  TrackerPostbacksModule,
} from 'nestjs-tracker-postbacks';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { embed, expectAtWork, Seen } from './embedded';

const calls: string[] = [];

@Controller('deposits')
class DepositsController {
  @OnTrackerEvent('sale')
  book({ clickId }: TrackerConversionEvent): void {
    calls.push(clickId);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  @OnTrackerEvent('sale')
  book(): void {
    calls.push('never');
  }
}

describe('where handlers may stand', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase('sqlite');
  });
  afterAll(async () => {
    await database.drop();
  });

  const imports = (): NonNullable<Parameters<typeof embed>[0]['imports']> => [
    EventEmitterModule.forRoot(),
    TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 }),
    TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com' }),
  ];

  it('in a controller as in a provider', async () => {
    const host = await embed({ imports: imports(), controllers: [DepositsController] });
    let clickId: string;
    try {
      clickId = await expectAtWork(host);
      expect(host.app.get(Seen).events).toHaveLength(1);
    } finally {
      // A handler under way is waited for.
      await host.close();
    }
    expect(calls).toEqual([clickId]);
  });

  it('not where an instance is made per request', async () => {
    await expect(embed({ imports: imports(), providers: [PerRequest] })).rejects.toMatchObject({
      code: 'handler_not_static',
      message: expect.stringContaining('PerRequest.book'),
    });
  });
});
