import { Injectable } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TrackerConversionEvent, TrackerEvent, TrackerPostbacksModule } from 'nestjs-tracker-postbacks';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { embed, expectAtWork } from './embedded';

const heard: string[] = [];

@Injectable()
class Listeners {
  @OnEvent('tracker.sale')
  sale(event: unknown): void {
    heard.push(`sale ${String(event instanceof TrackerConversionEvent)}`);
  }

  @OnEvent('tracker.conversion')
  conversion(event: unknown): void {
    heard.push(`conversion ${String(event instanceof TrackerConversionEvent)}`);
  }

  @OnEvent('tracker.*')
  anything(event: unknown): void {
    heard.push(`* ${String(event instanceof TrackerEvent)}`);
  }

  @OnEvent('tracker.sale')
  broken(): void {
    throw new Error('a listener of the host');
  }
}

describe("the host's event emitter", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase('sqlite');
  });
  beforeEach(() => {
    heard.length = 0;
  });
  afterAll(async () => {
    await database.drop();
  });

  const rest = (): NonNullable<Parameters<typeof embed>[0]['imports']> => [
    TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 }),
    TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com' }),
  ];

  it.each([
    ['without wildcards', {}, ['conversion true', 'sale true']],
    ['with wildcards', { wildcard: true }, ['* true', '* true', 'conversion true', 'sale true']],
    // Then "tracker.sale" is one word, and so is "tracker.*".
    ['with another delimiter', { wildcard: true, delimiter: '::' }, ['conversion true', 'sale true']],
  ])('%s: listeners hear the event by its name', async (_, options, expected) => {
    const host = await embed({
      imports: [EventEmitterModule.forRoot(options), ...rest()],
      providers: [Listeners],
    });
    try {
      await expectAtWork(host);
      expect([...heard].sort()).toEqual(expected);
    } finally {
      await host.close();
    }
  });

  it('is asked for at boot when there is none', async () => {
    await expect(embed({ imports: rest() })).rejects.toMatchObject({
      code: 'event_emitter_missing',
      message: expect.stringContaining('Add EventEmitterModule.forRoot()'),
    });
  });
});
