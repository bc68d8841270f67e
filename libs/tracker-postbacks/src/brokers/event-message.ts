import { type AnyTrackerEvent } from '../events/tracker-events';

type Sent<E> = E extends { readonly receivedAt: Date }
  ? Omit<E, 'attempt' | 'receivedAt'> & {
      /** ISO 8601 UTC. */
      readonly receivedAt: string;
    }
  : never;

/**
 * An event as a broker's consumers get it: the same plain JSON at every attempt. Be idempotent by `id`; a hand-over whose
 * confirmation was lost is repeated. Tell the kinds apart by `name`.
 */
export type TrackerEventMessage = Sent<AnyTrackerEvent>;

/** @internal */
export function messageOf(event: AnyTrackerEvent): TrackerEventMessage {
  const facts = Object.entries(event).filter(([name]) => name !== 'attempt');
  return {
    ...Object.fromEntries(facts),
    receivedAt: event.receivedAt.toISOString(),
  } as unknown as TrackerEventMessage;
}

/** `tracker.sale`. A broker's subject has no empty part, and an event may be called `a..b`. @internal */
export function patternOf({ name }: Pick<AnyTrackerEvent, 'name'>): string {
  return `tracker.${name}`.replace(/\.(?=\.|$)/g, '._');
}
