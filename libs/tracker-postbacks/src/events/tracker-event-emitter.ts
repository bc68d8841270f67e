import { Inject, Injectable } from '@nestjs/common';
import { type AnyListener, EventNotifier } from './event-notifier';
import { EventRelay } from './event-relay';
import { type TrackerHandlerContext } from './handler-context';
import { type RegisteredHandler } from './handler-registry';
import { type TrackerHandlerOptions } from './on-tracker-event.decorator';
import { type TrackerEventName, type TrackerEventOf, type TrackerHandlerTarget } from './tracker-events';

/** A name that listeners may wait for: a known event or a custom one. */
export type TrackerListenerTarget = TrackerEventName | (string & {});

/**
 * Two promises, never mixed. A *handler* is durable: it runs at least once for every event, across crashes, and is
 * retried until it succeeds or is parked. A *listener* is a notification: at most once, in the process that recorded
 * the event, after the commit.
 */
@Injectable()
export class TrackerEventEmitter {
  constructor(
    @Inject(EventNotifier) private readonly notifier: EventNotifier,
    @Inject(EventRelay) private readonly relay: EventRelay,
  ) {}

  /**
   * Registers a durable handler, as `@OnTrackerEvent` does for a method. Best called before the application has
   * started; later it is registered at once.
   *
   * @param options `name` is required: there is no method to take one from
   * @throws TrackerSetupError when the name is taken or a target is no event name
   * @example
   * await emitter.handle('sale', async (event) => crm.deposit(event.chatId, event.id), { name: 'crm.deposit' });
   */
  handle<const T extends TrackerHandlerTarget>(
    target: T | readonly T[],
    handler: (event: TrackerEventOf<T>, context: TrackerHandlerContext) => unknown,
    options: TrackerHandlerOptions & { readonly name: string },
  ): Promise<void> {
    return this.relay.add({
      name: options.name,
      targets: typeof target === 'string' ? [target] : [...target],
      from: options.from ?? 'now',
      run: handler as RegisteredHandler['run'],
    });
  }

  /** Tells `listener` of every such event recorded by this process from now on. `conversion` is every conversion. */
  on<const T extends TrackerListenerTarget>(name: T, listener: (event: TrackerEventOf<T>) => unknown): this {
    this.notifier.add(name, listener as AnyListener);
    return this;
  }

  /** As {@link on}, for the next one only. */
  once<const T extends TrackerListenerTarget>(
    name: T,
    listener: (event: TrackerEventOf<T>) => unknown,
  ): this {
    const first: AnyListener = (event) => {
      this.notifier.remove(name, first);
      return (listener as AnyListener)(event);
    };
    this.notifier.add(name, first);
    return this;
  }

  /** Takes a listener given to {@link on} away. */
  off<const T extends TrackerListenerTarget>(name: T, listener: (event: TrackerEventOf<T>) => unknown): this {
    this.notifier.remove(name, listener as AnyListener);
    return this;
  }

  /**
   * The next such event for which `filter` holds.
   *
   * @param options `timeoutMs`: rejects after so many milliseconds; without it the wait has no end
   * @example
   * const sale = await emitter.waitFor('sale', { filter: (event) => event.chatId === chatId, timeoutMs: 5000 });
   */
  waitFor<const T extends TrackerListenerTarget>(
    name: T,
    options: { readonly filter?: (event: TrackerEventOf<T>) => boolean; readonly timeoutMs?: number } = {},
  ): Promise<TrackerEventOf<T>> {
    return new Promise((resolve, reject) => {
      const listener = (event: TrackerEventOf<T>): void => {
        if (options.filter !== undefined && !options.filter(event)) return;
        clearTimeout(timer);
        this.off(name, listener);
        resolve(event);
      };
      const { timeoutMs } = options;
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.off(name, listener);
              reject(new Error(`No tracker.${name} within ${timeoutMs} ms.`));
            }, timeoutMs);
      this.on(name, listener);
    });
  }
}
