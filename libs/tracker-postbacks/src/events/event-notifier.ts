import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { describeError } from './describe-error';
import { type EventPayload } from './event-payload';
import { type AnyTrackerEvent, eventOf, TrackerConversionEvent } from './tracker-events';

/** @internal */
export type AnyListener = (event: AnyTrackerEvent) => unknown;

/**
 * Tells listeners after the commit, at most once: this process's own typed listeners, and the host's `EventEmitter2`.
 * Nothing a listener does reaches the postback.
 */
@Injectable()
export class EventNotifier implements OnApplicationBootstrap {
  private readonly logger = new Logger(EventNotifier.name);
  private readonly listeners = new Map<string, Set<AnyListener>>();
  private host: EventEmitter2 | undefined;

  constructor(@Inject(ModuleRef) private readonly modules: ModuleRef) {}

  onApplicationBootstrap(): void {
    try {
      this.host = this.modules.get(EventEmitter2, { strict: false });
    } catch {
      throw new TrackerSetupError(
        'event_emitter_missing',
        'TrackerPostbacksModule emits on the EventEmitter2 of your application and found none. ' +
          'Add EventEmitterModule.forRoot() of @nestjs/event-emitter to the imports of your root module, once.',
      );
    }
  }

  add(name: string, listener: AnyListener): void {
    const known = this.listeners.get(name);
    if (known === undefined) this.listeners.set(name, new Set([listener]));
    else known.add(listener);
  }

  remove(name: string, listener: AnyListener): void {
    this.listeners.get(name)?.delete(listener);
  }

  notify(
    events: readonly { readonly id: string; readonly name: string; readonly payload: EventPayload }[],
  ): void {
    if (events.length === 0) return;
    // Off the way of the batch: its replies do not wait for what listeners do.
    setImmediate(() => {
      for (const { id, name, payload } of events) {
        if (this.isHeard(name) || this.isHeard('conversion')) this.tell(eventOf(id, name, payload, 1));
      }
    });
  }

  private isHeard(name: string): boolean {
    if ((this.listeners.get(name)?.size ?? 0) > 0) return true;
    // Under wildcards `hasListeners` leaves out what listens by `onAny`.
    return this.host?.hasListeners(`tracker.${name}`) === true || (this.host?.listenersAny().length ?? 0) > 0;
  }

  private tell(event: AnyTrackerEvent): void {
    const names = event instanceof TrackerConversionEvent ? [event.name, 'conversion'] : [event.name];
    for (const name of names) {
      for (const listener of [...(this.listeners.get(name) ?? [])]) {
        this.guarded(name, () => listener(event));
      }
      this.guarded(name, () => this.host?.emit(`tracker.${name}`, event));
    }
  }

  private guarded(name: string, call: () => unknown): void {
    const complain = (error: unknown): void => {
      this.logger.warn(`A listener of tracker.${name} failed: ${describeError(error)}`);
    };
    try {
      Promise.resolve(call()).catch(complain);
    } catch (error) {
      complain(error);
    }
  }
}
