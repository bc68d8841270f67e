import { SetMetadata } from '@nestjs/common';
import { type TrackerHandlerContext } from './handler-context';
import { type TrackerEventOf, type TrackerHandlerTarget } from './tracker-events';

/** @internal */
export const ON_TRACKER_EVENT = 'tracker-postbacks:on-tracker-event';

/** How a handler is kept. */
export interface TrackerHandlerOptions {
  /**
   * The name under which its deliveries are kept. Set it before renaming the class or method: under a new name it is
   * a new handler. @default 'Class.method'
   */
  readonly name?: string;
  /** `now`: events from its first registration on. `beginning`: every event still kept. @default 'now' */
  readonly from?: 'now' | 'beginning';
}

/** @internal */
export interface OnTrackerEventMetadata extends TrackerHandlerOptions {
  readonly targets: readonly string[];
}

type HandlerMethod<T extends string> = (event: TrackerEventOf<T>, context: TrackerHandlerContext) => unknown;

/**
 * Makes a provider method a durable handler: it runs at least once for every event it names, also when the process
 * was down in between, and for one click in the order the events were recorded. Throwing means "again later": it is
 * retried with growing delays, alone, and holds back the later events of that click. Be idempotent by `event.id`.
 *
 * @param target an event name, several, `'resale#2'` for the second of its kind on a click, or `'*'` for every event
 * @example
 * @OnTrackerEvent('sale')
 * async firstDeposit(event: TrackerConversionEvent): Promise<void> {
 *   await this.chats.markDepositor(event.chatId, event.id);
 * }
 */
export function OnTrackerEvent<const T extends TrackerHandlerTarget>(
  target: T | readonly T[],
  options: TrackerHandlerOptions = {},
) {
  const metadata: OnTrackerEventMetadata = {
    ...options,
    targets: typeof target === 'string' ? [target] : [...target],
  };
  const decorate = SetMetadata(ON_TRACKER_EVENT, metadata);
  return <M extends HandlerMethod<T>>(
    prototype: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    decorate(prototype, key, descriptor);
  };
}
