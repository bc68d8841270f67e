import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, type INestApplication } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  OnTrackerEvent,
  TRACKER_ENTITIES,
  TRACKER_SQLITE_MIGRATIONS,
  TrackerClicks,
  type TrackerConversionEvent,
  TrackerIntegrations,
  TrackerPostbacksModule,
} from 'nestjs-tracker-postbacks';

@Injectable()
class Deposits {
  @OnTrackerEvent('sale')
  async book(event: TrackerConversionEvent): Promise<void> {
    await Promise.resolve(event);
  }
}

/** A spec as a host writes one: his own module, a postback sent to it, and his handler awaited. */
describe("the host's deposits", () => {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  let app: INestApplication;

  beforeAll(async () => {
    const module = await Test.createTestingModule({
      imports: [
        EventEmitterModule.forRoot(),
        TypeOrmModule.forRoot({
          type: 'better-sqlite3',
          database: join(folder, 'host.sqlite'),
          entities: [...TRACKER_ENTITIES],
          migrations: [...TRACKER_SQLITE_MIGRATIONS],
          migrationsRun: true,
        }),
        TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com' }),
      ],
      providers: [Deposits],
    }).compile();
    app = module.createNestApplication(new FastifyAdapter(), { logger: ['fatal'] });
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are booked', async () => {
    const booked = new Promise<TrackerConversionEvent>((resolve) => {
      // The method is looked up at each event, so that a spy is called.
      jest.spyOn(app.get(Deposits), 'book').mockImplementation((event) => {
        resolve(event);
        return Promise.resolve();
      });
    });
    const { id } = await app.get(TrackerIntegrations).create({ name: 'Test', network: '1win' });
    const { clickId } = await app.get(TrackerClicks).issue({ chatId: 'chat-1' });
    const reply = await (app as NestFastifyApplication).inject(
      `/postbacks/${id}/tracker-postback?tracker.event=sale&clickid=${clickId}&tracker.cost=12.50&tracker.currency=usd`,
    );
    expect(reply.json()).toMatchObject({ status: 'accepted', event: 'sale' });
    expect(await booked).toMatchObject({ chatId: 'chat-1', cost: '12.50', currency: 'USD' });
  });
});
