import { randomBytes } from 'node:crypto';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type ClientProxy, ClientProxyFactory, ClientsModule, Transport } from '@nestjs/microservices';
import { type TrackerBroker, type TrackerEventMessage } from 'nestjs-tracker-postbacks';
import { natsUrl } from '../setup/brokers';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { TcpProxy } from '../edge/tcp-proxy';
import { type BrokerHost, Inbox, startBrokerHost } from './broker-host';
import { until } from './broken-cable';
import { itSurvivesOutages } from './outages';

const url = natsUrl();
const onNats = url === null ? describe.skip : describe;
/** Nest's own form of a message on NATS. */
interface Envelope {
  readonly pattern: string;
  readonly data: TrackerEventMessage;
}

onNats('events handed to NATS', () => {
  const server = url ?? new URL('nats://skipped');
  let database: TestDatabase;
  let nats: NatsConnection;
  let proxy: TcpProxy;
  let host: BrokerHost | undefined;
  let client: ClientProxy;
  let subject: string;
  let inbox: Inbox;
  const headers: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    nats = await connect({ servers: server.host });
  });
  afterAll(async () => {
    await nats.close();
    await database.drop();
  });
  beforeEach(async () => {
    proxy = await TcpProxy.start(server);
    subject = `spec.${randomBytes(6).toString('hex')}`;
    inbox = new Inbox();
    headers.length = 0;
  });
  afterEach(async () => {
    await host?.application.close();
    await client.close();
    await proxy.stop();
    host = undefined;
  });

  function connectClient(): ClientProxy {
    client = ClientProxyFactory.create({
      transport: Transport.NATS,
      options: {
        servers: `127.0.0.1:${proxy.port}`,
        reconnectTimeWait: 20,
        maxReconnectAttempts: -1,
        debug: false,
      },
    });
    return client;
  }

  const broker = (rest: Partial<TrackerBroker> = {}): TrackerBroker => ({
    name: `nats.${subject}`,
    client: connectClient(),
    events: 'resale',
    pattern: ({ name }) => `${subject}.${name}`,
    ...rest,
  });

  /** A consumer beside the proxy: it goes on hearing while the hand-over is cut off. */
  async function consume(): Promise<void> {
    nats.subscribe(`${subject}.>`, {
      callback: (_, message) => {
        headers.push(message.headers?.get('Nats-Msg-Id') ?? 'none');
        inbox.add(message.json<Envelope>().data);
      },
    });
    await nats.flush();
  }

  it('sends the event as plain JSON, its id as the message id too', async () => {
    await consume();
    host = await startBrokerHost(database, broker());
    const sent = await host.deposit(1);
    await inbox.until(sent);
    const [message] = inbox.messages;
    expect(message).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'resale',
      event: 'resale',
      reportedEvent: 'resale',
      ordinal: 1,
      conversionId: expect.any(String),
      postbackId: expect.any(String),
      integrationId: expect.any(String),
      network: 'custom',
      tenantId: 'default',
      campaignId: null,
      clickId: [...sent.keys()][0],
      chatId: expect.stringMatching(/^chat-/),
      tid: [...sent.values()][0]?.[0],
      cost: '12.50',
      currency: 'USD',
      fields: {},
      params: {},
      receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      test: false,
    });
    expect(headers).toEqual([message?.id]);
  });

  it('finds its client by injection token', async () => {
    await consume();
    const clients = ClientsModule.register([
      { name: 'EVENTS', transport: Transport.NATS, options: { servers: server.host } },
    ]);
    host = await startBrokerHost(database, broker({ client: 'EVENTS' }), [clients]);
    const sent = await host.deposit(20, 4);
    await inbox.until(sent);
    inbox.expectAll(sent);
  });

  itSurvivesOutages(async () => {
    await consume();
    return {
      proxy,
      inbox,
      startHost: async () => (host = await startBrokerHost(database, broker())),
    };
  });

  it('a stream that keeps the subject answers, and what it refuses is tried again', async () => {
    const stream = subject.replace('.', '_');
    const api = async (verb: string, body: object): Promise<Record<string, any>> =>
      (await nats.request(`$JS.API.STREAM.${verb}.${stream}`, JSON.stringify(body))).json();
    const config = { name: stream, subjects: [`${subject}.>`], storage: 'memory', discard: 'new' };
    expect((await api('CREATE', { ...config, max_msgs: 3 }))['error']).toBeUndefined();
    try {
      const errors: unknown[] = [];
      host = await startBrokerHost(
        database,
        broker({
          confirm: 'reply',
          pattern: (event) => {
            if (event.attempt > 1) errors.push(event.attempt);
            return `${subject}.${event.name}`;
          },
        }),
      );
      const sent = await host.deposit(5);
      // Full at three: the fourth is refused and holds back the fifth.
      await until(() => errors.length >= 2);
      expect((await api('INFO', {}))['state'].messages).toBe(3);
      await api('UPDATE', { ...config, max_msgs: 100 });
      await until(async () => (await api('INFO', {}))['state'].messages >= 5);
      const stored: string[] = [];
      for (let seq = 1; seq <= 5; seq++) {
        const { message } = await api('MSG.GET', { seq });
        const envelope = JSON.parse(Buffer.from(message.data, 'base64').toString()) as Envelope;
        stored.push(envelope.data.tid ?? '');
      }
      expect(stored).toEqual([...sent.values()][0]);
    } finally {
      await api('DELETE', {});
    }
  });

  it('a stream keeps a repeated hand-over once, by the message id', async () => {
    const stream = subject.replace('.', '_');
    const api = async (verb: string, body: object): Promise<Record<string, any>> =>
      (await nats.request(`$JS.API.STREAM.${verb}.${stream}`, JSON.stringify(body))).json();
    await api('CREATE', { name: stream, subjects: [`${subject}.>`], storage: 'memory' });
    try {
      const done: string[] = [];
      const first = broker({ confirm: 'reply' });
      const again: TrackerBroker = {
        ...first,
        name: `${first.name}.again`,
        pattern: (event) => {
          done.push(event.id);
          return `${subject}.${event.name}`;
        },
      };
      host = await startBrokerHost(database, first, [], [again]);
      await host.deposit(5);
      await until(async () => done.length === 5 && (await api('INFO', {}))['state'].messages === 5);
      await host.application.close();
      expect((await api('INFO', {}))['state'].messages).toBe(5);
    } finally {
      host = undefined;
      await api('DELETE', {});
    }
  });

  it('without anybody to answer, `reply` keeps the event', async () => {
    let attempts = 0;
    host = await startBrokerHost(
      database,
      broker({
        confirm: 'reply',
        pattern: ({ name, attempt }) => {
          attempts = Math.max(attempts, attempt);
          return `${subject}.${name}`;
        },
      }),
    );
    const sent = await host.deposit(1);
    await until(() => attempts >= 3);
    nats.subscribe(`${subject}.>`, {
      callback: (_, message) => {
        inbox.add(message.json<Envelope>().data);
        message.respond(JSON.stringify({ response: 'taken', isDisposed: true }));
      },
    });
    await inbox.until(sent);
    expect(inbox.messages).toHaveLength(1);
  });
});
