import { type DynamicModule, type INestApplication, Logger, Module, type Type } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type TrackerBroker, TrackerPostbacksModule } from 'nestjs-tracker-postbacks';
import { type AdapterName, type AppOrder, type HandlerKind } from './app.types';
import { type BrokerUrls } from './broker.clients';
import { armCrash } from './crash.points';
import { EXITS, FaultyModule } from './faulty.module';
import { Gate } from './gate';
import { HELD_FAILURE, HeldModule } from './held.module';
import { hostOptions } from './host.data-source';
import { ReceiptBook } from './receipt.book';
import { RecordingModule } from './recording.module';

@Module({})
class HostModule {}

/** A host that embeds the module as its README says, listening on loopback. */
export async function startHost(order: AppOrder): Promise<INestApplication> {
  Logger.overrideLogger(['error', 'fatal']);
  const book = await ReceiptBook.open(order.records, order.name);
  const app = await NestFactory.create(await moduleOf(order, book), await adapterOf(order.adapter), {
    abortOnError: false,
  });
  app.setGlobalPrefix('api');
  await app.init();
  if (order.crash !== undefined) armCrash(app, order.crash);
  await app.listen(order.port ?? 0, '127.0.0.1');
  return app;
}

async function moduleOf(order: AppOrder, book: ReceiptBook): Promise<DynamicModule> {
  return {
    module: HostModule,
    global: true,
    imports: [
      EventEmitterModule.forRoot(),
      TypeOrmModule.forRoot({ ...hostOptions(order.database), retryAttempts: 0 }),
      TrackerPostbacksModule.forRoot({
        publicUrl: 'https://crm.example.com',
        ...(order.journal === null ? {} : { journal: { directory: order.journal } }),
        ...(order.brokers === undefined ? {} : { brokers: await brokersOf(order.brokers) }),
        ...(order.intake === undefined ? {} : { intake: order.intake }),
        ...(order.events === undefined ? {} : { events: order.events }),
      }),
      ...handlersOf(order.handlers),
    ],
    providers: [
      { provide: ReceiptBook, useValue: book },
      { provide: Gate, useValue: new Gate(order.open ?? false) },
      { provide: HELD_FAILURE, useValue: order.handlers === 'failing' ? 'after it was stopped' : null },
      { provide: EXITS, useValue: order.handlers === 'exiting' },
    ],
    exports: [ReceiptBook, Gate, HELD_FAILURE, EXITS],
  };
}

function handlersOf(kind: HandlerKind): readonly Type[] {
  switch (kind) {
    case 'none':
      return [];
    case 'recording':
      return [RecordingModule];
    case 'faulty':
    case 'exiting':
      return [FaultyModule];
    case 'held':
    case 'failing':
      return [HeldModule];
  }
}

/** Loaded when they are wanted: most hosts have no broker. */
async function brokersOf(urls: BrokerUrls): Promise<readonly TrackerBroker[]> {
  return (await import('./broker.clients.js')).brokersAt(urls);
}

async function adapterOf(name: AdapterName): Promise<AbstractHttpAdapter> {
  if (name === 'fastify') return new (await import('@nestjs/platform-fastify')).FastifyAdapter();
  return new (await import('@nestjs/platform-express')).ExpressAdapter();
}
