import { randomBytes } from 'node:crypto';
import { type ChannelModel, connect, type ConsumeMessage } from 'amqplib';
import { Logger } from '@nestjs/common';
import { type ClientProxy, ClientProxyFactory, RmqRecordBuilder, Transport } from '@nestjs/microservices';
import { type TrackerBroker, type TrackerEventMessage } from 'nestjs-tracker-postbacks';
import { rabbitUrl } from '../setup/brokers';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { TcpProxy } from '../edge/tcp-proxy';
import { type BrokerHost, Inbox, startBrokerHost } from './broker-host';
import { itSurvivesOutages } from './outages';

const url = rabbitUrl();
const onRabbit = url === null ? describe.skip : describe;
/** Nest's own form of a message on RabbitMQ. */
interface Envelope {
  readonly pattern: string;
  readonly data: TrackerEventMessage;
}

onRabbit('events handed to RabbitMQ', () => {
  const server = url ?? new URL('amqp://skipped');
  let database: TestDatabase;
  let rabbit: ChannelModel;
  let proxy: TcpProxy;
  let host: BrokerHost | undefined;
  let client: ClientProxy;
  let queue: string;
  let inbox: Inbox;
  const received: ConsumeMessage[] = [];

  beforeAll(async () => {
    Logger.overrideLogger(['fatal']);
    database = await createTestDatabase();
    rabbit = await connect(server.href);
  });
  afterAll(async () => {
    await rabbit.close();
    await database.drop();
  });
  beforeEach(async () => {
    proxy = await TcpProxy.start(server);
    queue = `spec.${randomBytes(6).toString('hex')}`;
    inbox = new Inbox();
    received.length = 0;
  });
  afterEach(async () => {
    await host?.application.close();
    await client.close();
    await proxy.stop();
    const channel = await rabbit.createChannel();
    await channel.deleteQueue(queue);
    await channel.close();
    host = undefined;
  });

  const broker = (rest: Partial<TrackerBroker> = {}): TrackerBroker => {
    client = ClientProxyFactory.create({
      transport: Transport.RMQ,
      options: {
        urls: [proxy.urlOf(server)],
        queue,
        queueOptions: { durable: true },
        socketOptions: { reconnectTimeInSeconds: 0.02 },
      },
    });
    return { name: `rabbitmq.${queue}`, client, events: 'resale', ...rest };
  };

  /** A consumer beside the proxy: it goes on hearing while the hand-over is cut off. */
  async function consume(): Promise<void> {
    const channel = await rabbit.createChannel();
    await channel.assertQueue(queue, { durable: true });
    await channel.consume(queue, (message) => {
      if (message === null) return;
      received.push(message);
      inbox.add((JSON.parse(message.content.toString()) as Envelope).data);
      channel.ack(message);
    });
  }

  it('sends a persistent message with the id of the event', async () => {
    await consume();
    host = await startBrokerHost(database, broker());
    const sent = await host.deposit(1);
    await inbox.until(sent);
    const [message] = received;
    expect(inbox.messages).toHaveLength(1);
    expect(message?.properties).toMatchObject({ deliveryMode: 2, messageId: inbox.messages[0]?.id });
    expect(JSON.parse(String(message?.content))).toMatchObject({
      pattern: 'tracker.resale',
      data: { name: 'resale', cost: '12.50', currency: 'USD', tid: [...sent.values()][0]?.[0] },
    });
  });

  it('sends a record of the host', async () => {
    await consume();
    const message: TrackerBroker['message'] = (data, event) =>
      new RmqRecordBuilder({ ...data, from: 'host' })
        .setOptions({ persistent: true, messageId: data.id, type: event.name })
        .build();
    host = await startBrokerHost(database, broker({ message, pattern: () => 'money' }));
    await inbox.until(await host.deposit(1));
    expect(received[0]?.properties).toMatchObject({ type: 'resale', messageId: inbox.messages[0]?.id });
    expect(JSON.parse(String(received[0]?.content))).toMatchObject({
      pattern: 'money',
      data: { from: 'host' },
    });
  });

  itSurvivesOutages(async () => {
    await consume();
    return {
      proxy,
      inbox,
      startHost: async () => (host = await startBrokerHost(database, broker())),
    };
  });
});
