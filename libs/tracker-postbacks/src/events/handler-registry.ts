import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { type RetryPolicy } from './delivery-outcome';
import { type TrackerHandlerContext } from './handler-context';
import { ON_TRACKER_EVENT, type OnTrackerEventMetadata } from './on-tracker-event.decorator';
import { type AnyTrackerEvent } from './tracker-events';

/** One durable handler of this process. */
export interface RegisteredHandler {
  readonly name: string;
  readonly targets: readonly string[];
  readonly from: 'now' | 'beginning';
  readonly run: (event: AnyTrackerEvent, context: TrackerHandlerContext) => unknown;
  /** How it is tried again, where that differs from the options. */
  readonly retry?: Partial<RetryPolicy>;
}

const TARGET = /^(\*|[a-z0-9][a-z0-9_.-]{0,63}(#[1-9][0-9]{0,8})?)$/;
const NAME = /^\S{1,200}$/;

/** The handlers of this process: decorated methods, and those handed to the emitter. */
@Injectable()
export class HandlerRegistry {
  private readonly handlers = new Map<string, RegisteredHandler>();

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
  ) {}

  get(name: string): RegisteredHandler | undefined {
    return this.handlers.get(name);
  }

  all(): readonly RegisteredHandler[] {
    return [...this.handlers.values()];
  }

  /** @throws TrackerSetupError for a name taken or malformed, or a target that is no event name */
  add(handler: RegisteredHandler): void {
    if (!NAME.test(handler.name)) {
      throw new TrackerSetupError(
        'handler_name_invalid',
        `A tracker handler cannot be called "${handler.name.slice(0, 64)}": use 1–200 characters without spaces.`,
      );
    }
    for (const target of handler.targets) {
      if (TARGET.test(target) && target !== 'conversion') continue;
      throw new TrackerSetupError(
        'handler_event_invalid',
        `The tracker handler "${handler.name}" names the event "${target}". Name an event such as "sale", the n-th of ` +
          `one such as "resale#2", or "*" for every event${target === 'conversion' ? ' ("conversion" is for listeners only)' : ''}.`,
      );
    }
    if (this.handlers.has(handler.name)) {
      throw new TrackerSetupError(
        'handler_name_taken',
        `Two tracker handlers are called "${handler.name}". Give one another name: @OnTrackerEvent('sale', { name: '…' }).`,
      );
    }
    this.handlers.set(handler.name, handler);
  }

  remove(name: string): void {
    this.handlers.delete(name);
  }

  /** Finds every method with `@OnTrackerEvent` among the host's providers and controllers. */
  discover(): void {
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const { metatype } = wrapper;
      const prototype: unknown = typeof metatype === 'function' ? metatype.prototype : undefined;
      if (typeof prototype !== 'object' || prototype === null) continue;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        const declared = metadataOf(prototype, method);
        if (declared === undefined) continue;
        const owner = metatype?.name ?? 'handler';
        const instance: unknown = wrapper.isDependencyTreeStatic() ? wrapper.instance : undefined;
        if (typeof instance !== 'object' || instance === null) {
          throw new TrackerSetupError(
            'handler_not_static',
            `${owner}.${method} is a tracker handler, but ${owner} is made per request or injection. Events have no ` +
              'request: move the handler to a provider of default scope.',
          );
        }
        this.add({
          name: declared.name ?? `${owner}.${method}`,
          targets: declared.targets,
          from: declared.from ?? 'now',
          run: (event, context) => callMethod(instance, method, event, context),
        });
      }
    }
  }
}

function metadataOf(prototype: object, method: string): OnTrackerEventMetadata | undefined {
  const candidate = (prototype as Record<string, unknown>)[method];
  return typeof candidate === 'function'
    ? (Reflect.getMetadata(ON_TRACKER_EVENT, candidate) as OnTrackerEventMetadata | undefined)
    : undefined;
}

/** Looked up at each call, so that a host's test may spy on the method. */
function callMethod(instance: object, method: string, ...given: readonly unknown[]): unknown {
  return (instance as Record<string, (...args: readonly unknown[]) => unknown>)[method]?.(...given);
}
