import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TrackerClicks, TrackerHealthIndicator, TrackerPostbacksModule } from 'nestjs-tracker-postbacks';
import { startApplication, type TestApplication } from '../setup/application';
import { createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { ENGINES } from '../setup/engines';
import { Seen } from './embedded';

@Module({})
class WorkerModule {}

/** A process without HTTP: the module, and the handlers. */
function startWorker(database: TestDatabase): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(
    {
      module: WorkerModule,
      imports: [
        EventEmitterModule.forRoot(),
        TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 }),
        TrackerPostbacksModule.forRoot({
          publicUrl: 'https://crm.example.com',
          events: { pollIntervalMs: 20 },
        }),
      ],
      providers: [Seen],
    },
    { logger: ['fatal'], abortOnError: false },
  );
}

describe.each(ENGINES)('a worker process with handlers only, on %s', (engine) => {
  let database: TestDatabase;

  let web: TestApplication;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    web = await startApplication(database);
  });
  afterAll(async () => {
    await web.close();
    await database.drop();
  });

  it('handles what a process without handlers has recorded, while it was down too', async () => {
    const crm = await createCrm(web);
    const [first, second] = [await crm.newClick(), await crm.newClick()];
    const worker = await startWorker(database);
    try {
      await crm.send(`tracker.event=sale&clickid=${first}`);
      await worker.get(Seen).until(first);
    } finally {
      await worker.close();
    }
    // Its handler is known by now: the process without handlers writes its work down.
    await crm.send(`tracker.event=sale&clickid=${second}`);
    const next = await startWorker(database);
    try {
      await next.get(Seen).until(second);
      expect(next.get(Seen).events.map(({ clickId }) => clickId)).toEqual([second]);
      expect(await next.get(TrackerHealthIndicator).look()).toMatchObject({ status: 'up', concerns: [] });
      const { clickId } = await next.get(TrackerClicks).issue({ chatId: 'from-the-worker' });
      expect((await crm.send(`tracker.event=conf&clickid=${clickId}`)).body).toMatchObject({ code: 'ok' });
    } finally {
      await next.close();
    }
  });
});
