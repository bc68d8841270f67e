import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import {
  ClientsModule,
  type ClientProxy,
  MessagePattern,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { Observable } from 'rxjs';
import { type TrackerClientProxy, type TrackerEventMessage } from 'nestjs-tracker-postbacks';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { until } from './broken-cable';
import { type BrokerHost, Inbox, startBrokerHost } from './broker-host';

const inbox = new Inbox();
/** What the consumer refuses, and how often it has. */
let refusing = false;
let refusals = 0;

@Controller()
class Consumer {
  @MessagePattern('tracker.resale')
  take(message: TrackerEventMessage): string {
    if (refusing) {
      refusals++;
      throw new RpcException('not now');
    }
    inbox.add(message);
    return 'taken';
  }
}

@Module({})
class Clients {}

/** Needs no broker: Nest's own TCP transport, and clients made by hand. */
describe('events handed to a ClientProxy', () => {
  let database: TestDatabase;
  let host: BrokerHost | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });
  afterEach(async () => {
    await host?.application.close();
    host = undefined;
  });

  it('counts as done once the consumer has answered', async () => {
    const port = await freePort();
    const clients = ClientsModule.register([{ name: 'EVENTS', transport: Transport.TCP, options: { port } }]);
    refusing = true;
    host = await startBrokerHost(
      database,
      { name: 'tcp', client: 'EVENTS', events: 'resale', confirm: 'reply' },
      [clients],
    );
    // Nobody listens yet, then somebody who refuses.
    const sent = await host.deposit(5);
    const consumer = await startConsumer(port);
    try {
      await until(() => refusals >= 2);
      expect(inbox.messages).toHaveLength(0);
      refusing = false;
      await inbox.until(sent);
      inbox.expectAll(sent);
      expect(inbox.messages).toHaveLength(5);
    } finally {
      await consumer.close();
    }
  });

  it('names its client at boot when there is none', async () => {
    const start = (client: unknown): Promise<BrokerHost> =>
      startBrokerHost(database, { name: 'lost', client: client as string });
    await expect(start('NOWHERE')).rejects.toMatchObject({
      code: 'broker_client_missing',
      message: expect.stringContaining('"lost" has no client: nothing is provided as NOWHERE'),
    });
    await expect(start(Consumer)).rejects.toMatchObject({ code: 'broker_client_missing' });
  });

  it('two brokers of one name are refused at boot', async () => {
    const client: TrackerClientProxy = { emit: () => new Observable(), send: () => new Observable() };
    const broker = { name: 'twice', client };
    await expect(startBrokerHost(database, broker, [], [broker])).rejects.toMatchObject({
      code: 'handler_name_taken',
    });
  });

  it('a stop waits for the hand-over under way, and nothing is handed over after the clients are closed', async () => {
    const log: string[] = [];
    let confirm: () => void = () => undefined;
    const client = {
      emit: () =>
        new Observable((observer) => {
          log.push('begun');
          confirm = () => {
            log.push('confirmed');
            observer.complete();
          };
        }),
      send: () => new Observable(),
      close: () => log.push('closed'),
    };
    const closing = {
      provide: 'CLIENT',
      useValue: Object.assign(client, { onApplicationShutdown: client.close }),
    };
    host = await startBrokerHost(database, { name: 'slow', client: 'CLIENT', events: 'resale' }, [
      { module: Clients, providers: [closing], exports: [closing] },
    ]);
    await host.deposit(3);
    await until(() => log.length > 0);
    const stopped = host.application.close();
    host = undefined;
    confirm();
    await stopped;
    expect(log).toEqual(['begun', 'confirmed', 'closed']);

    // The next process goes on with the second.
    const names: string[] = [];
    const next: TrackerClientProxy = {
      emit: (pattern) =>
        new Observable((observer) => {
          names.push(pattern);
          observer.complete();
        }),
      send: () => new Observable(),
    };
    host = await startBrokerHost(database, { name: 'slow', client: next, events: 'resale' });
    await until(() => names.length >= 2);
    expect(names).toEqual(['tracker.resale', 'tracker.resale']);
  });

  it('gives an attempt up when its time is over, and takes its subscription back', async () => {
    let begun = 0;
    let dropped = 0;
    const client: TrackerClientProxy = {
      emit: () =>
        new Observable((observer) => {
          begun++;
          if (begun > 1) observer.complete();
          return () => dropped++;
        }),
      send: () => new Observable(),
    };
    host = await startBrokerHost(database, { name: 'stuck', client, events: 'resale' }, [], [], {
      handlerTimeoutMs: 50,
    });
    await host.deposit(1);
    await until(() => begun === 2);
    expect(dropped).toBeGreaterThanOrEqual(1);
  });
});

async function startConsumer(port: number): Promise<INestMicroservice> {
  const module = await Test.createTestingModule({ controllers: [Consumer] }).compile();
  const service = module.createNestMicroservice({
    transport: Transport.TCP,
    options: { port },
    logger: false,
  });
  await service.listen();
  return service;
}

async function freePort(): Promise<number> {
  const server: Server = createServer((socket: Socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  return port;
}

/** Nest's own type fits without a cast. */
export type Fits = ClientProxy extends TrackerClientProxy ? true : never;
export const fits: Fits = true;
