import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventRelay } from '../events/event-relay';
import { type TrackerHandlerContext } from '../events/handler-context';
import { type AnyTrackerEvent } from '../events/tracker-events';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { type TrackerBroker } from './broker.options';
import { isClientProxy, type TrackerClientProxy } from './client-proxy';
import { completed, flushed, HandoverError, refuseFailure } from './confirmation';
import { messageOf, patternOf } from './event-message';
import { type Transport, transportOf } from './transport';

/** What a hand-over under way may still take when the application stops. */
const DRAIN_MS = 5_000;
/** A broker's outage is not the event's fault: nothing is given up because of it, and nothing waits long after it. */
const PATIENT = { maxAttempts: Infinity, maxDelayMs: 60_000 };

/** Registers every broker of the options as a durable handler. */
@Injectable()
export class BrokerHandover implements OnModuleInit, BeforeApplicationShutdown {
  private readonly brokers: readonly TrackerBroker[];
  private readonly underWay = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private closed = false;

  constructor(
    @Inject(EventRelay) private readonly relay: EventRelay,
    @Inject(ModuleRef) private readonly modules: ModuleRef,
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
  ) {
    this.brokers = options.brokers ?? [];
  }

  async onModuleInit(): Promise<void> {
    for (const broker of this.brokers) {
      const client = this.clientOf(broker);
      const transport = transportOf(client);
      const { name, events = '*', from = 'now' } = broker;
      await this.relay.add({
        name,
        targets: typeof events === 'string' ? [events] : [...events],
        from,
        retry: PATIENT,
        run: (event, context) => this.tracked(this.handOver(broker, client, transport, event, context)),
      });
    }
  }

  /** Nest closes the clients before this library's connections: a hand-over after that would open them again for good. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true;
    const timer = setTimeout(() => {
      this.closing.abort();
    }, DRAIN_MS);
    await Promise.allSettled([...this.underWay]);
    clearTimeout(timer);
  }

  private async handOver(
    broker: TrackerBroker,
    client: TrackerClientProxy,
    transport: Transport,
    event: AnyTrackerEvent,
    context: TrackerHandlerContext,
  ): Promise<void> {
    if (this.closed) throw new HandoverError('The application is stopping: the next process hands it over.');
    const signal = AbortSignal.any([context.signal, this.closing.signal]);
    const message = messageOf(event);
    const data = broker.message === undefined ? transport.record(message) : broker.message(message, event);
    const pattern = (broker.pattern ?? patternOf)(event);
    transport.prepare(client);
    if (broker.confirm === 'reply') {
      refuseFailure(await completed(client.send(pattern, data), signal));
    } else {
      await completed(client.emit(pattern, data), signal);
      await flushed(client, signal);
    }
  }

  private tracked(work: Promise<void>): Promise<void> {
    const kept = work.finally(() => this.underWay.delete(kept));
    this.underWay.add(kept);
    return kept;
  }

  private clientOf({ name, client }: TrackerBroker): TrackerClientProxy {
    if (isClientProxy(client)) return client;
    const found = this.provided(client);
    if (isClientProxy(found)) return found;
    throw new TrackerSetupError(
      'broker_client_missing',
      `The broker "${name}" has no client: ${found === undefined ? 'nothing is provided' : 'what is provided'} as ` +
        `${describeToken(client)}${found === undefined ? '' : ' has no emit and send'}. Name the token under which ` +
        'ClientsModule.register provides it, in a module that is part of the application, or hand over the ClientProxy itself.',
    );
  }

  private provided(token: Exclude<TrackerBroker['client'], TrackerClientProxy>): unknown {
    try {
      return this.modules.get<unknown>(token, { strict: false });
    } catch {
      return undefined;
    }
  }
}

function describeToken(token: unknown): string {
  return typeof token === 'function' ? token.name : String(token);
}
