import { type Type } from '@nestjs/common';
import { type AnyTrackerEvent, type TrackerHandlerTarget } from '../events/tracker-events';
import { type TrackerClientProxy } from './client-proxy';
import { type TrackerEventMessage } from './event-message';

/**
 * Hands events to a message broker, as one durable handler: at least once, in order for each click, retried until the
 * broker has them.
 *
 * @example
 * TrackerPostbacksModule.forRootAsync({
 *   imports: [ClientsModule.register([{ name: 'EVENTS', transport: Transport.NATS, options: { servers } }])],
 *   inject: ['EVENTS'],
 *   useFactory: (client: ClientProxy) => ({ publicUrl, brokers: [{ name: 'events.nats', client }] }),
 * })
 */
export interface TrackerBroker {
  /** The handler's name, under which its deliveries are kept: unique and never changed. */
  readonly name: string;
  /** A `ClientProxy`, or the injection token of one. It connects when the first event is handed over. */
  readonly client: TrackerClientProxy | string | symbol | Type<TrackerClientProxy>;
  /** Which events, as for `@OnTrackerEvent`. @default '*' */
  readonly events?: TrackerHandlerTarget | readonly TrackerHandlerTarget[];
  /** `beginning`: also every event still kept when it is registered for the first time. @default 'now' */
  readonly from?: 'now' | 'beginning';
  /** Subject, routing key or topic. @default `tracker.<name>`, such as `tracker.sale` */
  readonly pattern?: (event: AnyTrackerEvent) => string;
  /**
   * When an event counts as handed over. `emit`: once the transport has confirmed it, as far as the transport can (see
   * docs/brokers.md). `reply`: once a consumer has answered, or the JetStream stream that keeps the subject.
   * @default 'emit'
   */
  readonly confirm?: 'emit' | 'reply';
  /**
   * What is given to the client in place of the plain message, such as a record with headers of your own.
   * @default RabbitMQ: persistent, with `messageId`; NATS: with `Nats-Msg-Id`; Kafka: keyed by click; else the plain message
   */
  readonly message?: (message: TrackerEventMessage, event: AnyTrackerEvent) => unknown;
}
