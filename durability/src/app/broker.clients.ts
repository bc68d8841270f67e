import { type ClientProxy, ClientProxyFactory, Transport } from '@nestjs/microservices';
import { type TrackerBroker } from 'nestjs-tracker-postbacks';

/** Where events are handed to, beside the handlers of the process. */
export interface BrokerUrls {
  readonly nats: string | null;
  readonly rabbit: string | null;
}

export const NATS_HANDLER = 'proof.nats';
export const RABBIT_HANDLER = 'proof.rabbit';
export const RABBIT_QUEUE = 'proof';

/** JetStream answers when it has stored an event, RabbitMQ confirms it: both count as done only then. */
export function brokersAt({ nats, rabbit }: BrokerUrls): readonly TrackerBroker[] {
  return [
    ...(nats === null
      ? []
      : [
          {
            name: NATS_HANDLER,
            client: natsClient(nats),
            confirm: 'reply',
            pattern: () => 'proof.event',
          } as const,
        ]),
    ...(rabbit === null ? [] : [{ name: RABBIT_HANDLER, client: rabbitClient(rabbit) }]),
  ];
}

function natsClient(url: string): ClientProxy {
  return ClientProxyFactory.create({
    transport: Transport.NATS,
    options: { servers: url, reconnectTimeWait: 200, maxReconnectAttempts: -1 },
  });
}

function rabbitClient(url: string): ClientProxy {
  return ClientProxyFactory.create({
    transport: Transport.RMQ,
    options: { urls: [url], queue: RABBIT_QUEUE, queueOptions: { durable: true }, persistent: true },
  });
}
