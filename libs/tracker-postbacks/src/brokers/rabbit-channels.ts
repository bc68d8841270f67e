import { Logger } from '@nestjs/common';
import { describeError } from '../events/describe-error';
import { type TrackerClientProxy } from './client-proxy';

interface Emitter {
  on(event: 'error', listener: (error: unknown) => void): unknown;
}
interface ConnectionManager {
  createChannel(options: unknown): Emitter;
}
/** Nest's RabbitMQ client, with the channel that it keeps to itself. */
interface RabbitClient extends TrackerClientProxy {
  connect(): Promise<unknown>;
  unwrap(): ConnectionManager;
  readonly channel?: Emitter | null;
}

const heard = new WeakSet<object>();
const logger = new Logger('TrackerBrokers');

/**
 * Listens to the errors of the client's channels, which Nest does not: a connection that breaks while a channel is being
 * set up would otherwise end the process as an unhandled rejection. The channel is set up again with the next connection.
 */
export function hearChannelErrors(client: TrackerClientProxy): void {
  const rabbit = client as RabbitClient;
  // Each attempt after a failed one has a connection manager of its own; it is there as soon as connecting has begun.
  rabbit.connect().catch(() => undefined);
  const manager = rabbit.unwrap();
  if (rabbit.channel != null) hear(rabbit.channel);
  if (heard.has(manager)) return;
  heard.add(manager);
  const create = manager.createChannel.bind(manager);
  manager.createChannel = (options) => {
    const channel = create(options);
    hear(channel);
    return channel;
  };
}

function hear(channel: Emitter): void {
  if (heard.has(channel)) return;
  heard.add(channel);
  channel.on('error', (error) => {
    logger.warn(`RabbitMQ channel: ${describeError(error)}. It is set up again when the connection is back.`);
  });
}
