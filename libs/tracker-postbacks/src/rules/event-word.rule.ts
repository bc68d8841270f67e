import { MAP_DEPOSIT_STREAM, MAP_IGNORE, MAP_REVERSAL, type EventMapTarget } from './recipe';

const EVENT_NAME = /^[a-z0-9][a-z0-9_.-]{0,63}$/;
/** Names of our own events, which nobody may send. `reversal` is not among them: it may be sent. */
const RESERVED: ReadonlySet<string> = new Set([
  'fields',
  'unmatched',
  'conversion',
  'amended',
  'reinstated',
  MAP_IGNORE,
  'error',
]);
const WITH_ORDINAL = /^((?:re)?sale)#\d{1,9}$/;
/** Defaults of a form that look unfinished, and that real users leave as they are. */
const UNFINISHED: ReadonlyMap<string, string> = new Map([
  ['first_deposit_', 'sale'],
  ['recurring_deposit_', 'resale'],
]);

/** What an event word means. */
export type EventMeaning =
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'deposit_stream' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'reversal' }
  | { readonly kind: 'invalid' };

export interface EventWordReading {
  readonly meaning: EventMeaning;
  /** What had to be mended to read the word. */
  readonly warning: 'ordinal_ignored' | 'event_unfinished' | null;
}

/** Whether a name may be recorded as an event: the grammar, less the reserved names. */
export function isEventName(name: string): boolean {
  return EVENT_NAME.test(name) && !RESERVED.has(name);
}

/**
 * An event word, trimmed and lower-cased, is looked up in the event map, first as it is, then without `#n`
 * (`sale#2`). A word without an entry is its own event name; no synonym is guessed.
 */
export function readEventWord(word: string, eventMap: ReadonlyMap<string, EventMapTarget>): EventWordReading {
  const target = eventMap.get(word);
  if (target !== undefined) return { meaning: meaningOfTarget(target), warning: null };
  const base = WITH_ORDINAL.exec(word)?.[1];
  if (base !== undefined) {
    return { meaning: meaningOfTarget(eventMap.get(base) ?? base), warning: 'ordinal_ignored' };
  }
  const finished = UNFINISHED.get(word);
  if (finished !== undefined) {
    return { meaning: { kind: 'event', name: finished }, warning: 'event_unfinished' };
  }
  return { meaning: meaningOfSent(word), warning: null };
}

/** Whether two readings of one postback agree. A deposit stream says no more than "a deposit". */
export function meansTheSame(one: EventMeaning, other: EventMeaning): boolean {
  if (one.kind === 'event' && other.kind === 'event') return one.name === other.name;
  return one.kind === other.kind || isDepositInStream(one, other) || isDepositInStream(other, one);
}

function isDepositInStream(stream: EventMeaning, event: EventMeaning): boolean {
  return stream.kind === 'deposit_stream' && event.kind === 'event' && isDeposit(event.name);
}

export function isDeposit(name: string): boolean {
  return name === 'sale' || name === 'resale';
}

/** The four events that are counted by name; every other one is custom. */
export function isCounted(name: string): boolean {
  return isDeposit(name) || name === 'registration' || name === 'conf';
}

function meaningOfTarget(target: EventMapTarget): EventMeaning {
  if (target === MAP_IGNORE) return { kind: 'ignored' };
  if (target === MAP_DEPOSIT_STREAM) return { kind: 'deposit_stream' };
  return meaningOfSent(target);
}

function meaningOfSent(name: string): EventMeaning {
  if (name === MAP_REVERSAL) return { kind: 'reversal' };
  return isEventName(name) ? { kind: 'event', name } : { kind: 'invalid' };
}
