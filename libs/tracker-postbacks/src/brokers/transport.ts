import { createRequire } from 'node:module';
import { Logger } from '@nestjs/common';
import { type TrackerClientProxy } from './client-proxy';
import { type TrackerEventMessage } from './event-message';
import { hearChannelErrors } from './rabbit-channels';

/** What a transport needs beside `emit`. @internal */
export interface Transport {
  /** Makes a message safe and recognisable. */
  readonly record: (message: TrackerEventMessage) => unknown;
  /** Before each hand-over. */
  readonly prepare: (client: TrackerClientProxy) => void;
}

interface Builder {
  setHeaders(headers: unknown): this;
  setOptions(options: Readonly<Record<string, unknown>>): this;
  build(): unknown;
}
type BuilderClass = new (data: unknown) => Builder;
type ClientClass = new (...options: readonly never[]) => TrackerClientProxy;

/** The parts of `@nestjs/microservices` that are used, any of which a version may lack. */
interface Microservices {
  readonly ClientRMQ?: ClientClass;
  readonly ClientNats?: ClientClass;
  readonly ClientKafka?: ClientClass;
  readonly RmqRecordBuilder?: BuilderClass;
  readonly NatsRecordBuilder?: BuilderClass;
}
interface NatsHeaders {
  set(name: string, value: string): void;
}

const PACKAGE = '@nestjs/microservices';
/** Nest 12's and Nest 11's. */
const NATS_PACKAGES = ['@nats-io/transport-node', 'nats'];
/** After that RabbitMQ's client forgets a message that it could not send, which would otherwise go out beside its repetition. */
const RABBIT_CONFIRM_MS = 10_000;

const KNOWN: readonly string[] = ['ClientRMQ', 'ClientNats', 'ClientKafka'];
const logger = new Logger('TrackerBrokers');

const PLAIN: Transport = { record: (message) => message, prepare: () => undefined };

/**
 * What this client's transport needs. A client of another copy of `@nestjs/microservices` counts as unknown: its
 * serializer would not know the records of this one.
 */
export function transportOf(client: TrackerClientProxy): Transport {
  const loaded = loadedMicroservices();
  if (loaded === null) return PLAIN;
  const { ClientRMQ, ClientNats, ClientKafka, RmqRecordBuilder, NatsRecordBuilder } = loaded.microservices;
  if (isA(client, ClientRMQ) && RmqRecordBuilder !== undefined) {
    return {
      // What is not persistent is forgotten when the broker restarts, although it was confirmed.
      record: (message) =>
        new RmqRecordBuilder(message)
          .setOptions({ persistent: true, messageId: message.id, timeout: RABBIT_CONFIRM_MS })
          .build(),
      prepare: hearChannelErrors,
    };
  }
  if (isA(client, ClientNats) && NatsRecordBuilder !== undefined) {
    const headers = natsHeaders(loaded.require);
    if (headers === null) return PLAIN;
    return {
      ...PLAIN,
      record: (message) => {
        const set = headers();
        set.set('Nats-Msg-Id', message.id);
        return new NatsRecordBuilder(message).setHeaders(set).build();
      },
    };
  }
  if (isA(client, ClientKafka)) {
    return {
      ...PLAIN,
      // Kafka keeps the order of one key only.
      record: (message) => ({
        key: message.clickId ?? message.postbackId,
        value: message,
        headers: { 'tracker-event-id': message.id },
      }),
    };
  }
  if (classNames(client).some((name) => KNOWN.includes(name))) {
    logger.warn(
      `A ${classNames(client)[0] ?? 'client'} of another copy of ${PACKAGE} hands over plain messages: have one copy installed ` +
        '(npm ls @nestjs/microservices), or make the records yourself with the option "message" of the broker.',
    );
  }
  return PLAIN;
}

function classNames(client: object): readonly string[] {
  const names = [];
  for (let type: unknown = Object.getPrototypeOf(client); type !== null; type = Object.getPrototypeOf(type))
    names.push((type as object).constructor.name);
  return names;
}

function isA(client: TrackerClientProxy, candidate: ClientClass | undefined): boolean {
  return candidate !== undefined && client instanceof candidate;
}

/** Loaded by the client already, so this costs nothing; absent for a client of the host's own making. */
function loadedMicroservices(): {
  readonly microservices: Microservices;
  readonly require: NodeJS.Require;
} | null {
  try {
    const here = createRequire(__filename);
    return {
      microservices: here(PACKAGE) as Microservices,
      // The transports' packages are found from there, whatever the package manager.
      require: createRequire(here.resolve(PACKAGE)),
    };
  } catch {
    return null;
  }
}

function natsHeaders(from: NodeJS.Require): (() => NatsHeaders) | null {
  for (const name of NATS_PACKAGES) {
    try {
      const { headers } = from(name) as { readonly headers?: () => NatsHeaders };
      if (typeof headers === 'function') return headers;
    } catch {
      // The other one, then.
    }
  }
  return null;
}
