import { type FlatRecord } from '../rules/reading';
import { type ConversionFacts, type EventPayload } from './event-payload';

/** What every event carries. */
export abstract class TrackerEvent {
  /** The same at every attempt: keep it to be idempotent. */
  readonly id: string;
  /** `sale`, `reversal`, …: without the `tracker.` under which it travels on the host's `EventEmitter2`. */
  readonly name: string;
  readonly postbackId: string;
  readonly integrationId: string;
  /** Key of the network preset. */
  readonly network: string;
  readonly tenantId: string;
  /** The event as the network sent it, lower-cased, before the event map. */
  readonly reportedEvent: string | null;
  readonly tid: string | null;
  /** Canonical decimal such as `12.50`; null when the network sent none or none that could be read. */
  readonly cost: string | null;
  /** ISO 4217 or a crypto code, upper case. */
  readonly currency: string | null;
  /** Custom fields sent as `fields.<key>`; absent ones are left out, never empty. */
  readonly fields: FlatRecord;
  /** Every other parameter, verbatim. */
  readonly params: FlatRecord;
  /** When the postback arrived. */
  readonly receivedAt: Date;
  /** Made by a test postback. */
  readonly test: boolean;
  /** 1 for the first attempt of a handler; always 1 for listeners. */
  readonly attempt: number;

  constructor(id: string, name: string, payload: EventPayload, attempt: number) {
    this.id = id;
    this.name = name;
    this.postbackId = payload.postbackId;
    this.integrationId = payload.integrationId;
    this.network = payload.network;
    this.tenantId = payload.tenantId;
    this.reportedEvent = payload.reportedEvent;
    this.tid = payload.tid;
    this.cost = payload.cost;
    this.currency = payload.currency;
    this.fields = payload.fields;
    this.params = payload.params;
    this.receivedAt = new Date(payload.receivedAt);
    this.test = payload.test;
    this.attempt = attempt;
  }
}

/** An event about a conversion that is recorded, and so about a known click and chat. */
export abstract class TrackerRecordedEvent extends TrackerEvent {
  readonly conversionId: string;
  /** The conversion's recorded event. */
  readonly event: string;
  /** 1 for the first `event` of this click on this integration. */
  readonly ordinal: number;
  readonly campaignId: string | null;
  readonly clickId: string;
  readonly chatId: string;

  constructor(id: string, name: string, payload: EventPayload, attempt: number) {
    super(id, name, payload, attempt);
    const { conversionId, event, ordinal, clickId, chatId } = payload;
    if (conversionId === null || event === null || ordinal === null || clickId === null || chatId === null) {
      throw new TypeError(`The stored event ${id} ("${name}") lacks its conversion, click or chat.`);
    }
    this.conversionId = conversionId;
    this.event = event;
    this.ordinal = ordinal;
    this.campaignId = payload.campaignId;
    this.clickId = clickId;
    this.chatId = chatId;
  }
}

/** A new conversion: `registration`, `conf`, `sale`, `resale` or a custom event. Fires after its commit, once recorded. */
export class TrackerConversionEvent extends TrackerRecordedEvent {
  declare readonly reportedEvent: string;
}

/** A duplicate brought custom-field values that the conversion did not have; `fields` holds those alone. */
export class TrackerFieldsEvent extends TrackerRecordedEvent {}

/** Cost, currency, tid or fields of a recorded conversion changed. */
export class TrackerAmendedEvent extends TrackerRecordedEvent {
  readonly before: ConversionFacts;
  readonly after: ConversionFacts;

  constructor(id: string, name: string, payload: EventPayload, attempt: number) {
    super(id, name, payload, attempt);
    const nothing: ConversionFacts = { cost: null, currency: null, tid: null, fields: {} };
    this.before = payload.before ?? nothing;
    this.after = payload.after ?? nothing;
  }
}

/** A conversion was taken back. */
export class TrackerReversalEvent extends TrackerRecordedEvent {
  /** `reported` by the network, or `replaced` by a corrected reading of the same postback. */
  readonly reason: string;

  constructor(id: string, name: string, payload: EventPayload, attempt: number) {
    super(id, name, payload, attempt);
    this.reason = payload.code ?? 'reported';
  }
}

/** A conversion that had been taken back counts again. */
export class TrackerReinstatedEvent extends TrackerRecordedEvent {}

/** A well-formed postback whose click is not known (yet). Meant for alarms; its conversion follows if the click appears. */
export class TrackerUnmatchedEvent extends TrackerEvent {
  readonly clickId: string | null;
  readonly code: string;

  constructor(id: string, name: string, payload: EventPayload, attempt: number) {
    super(id, name, payload, attempt);
    this.clickId = payload.clickId;
    this.code = payload.code ?? 'click_unknown';
  }
}

/**
 * Event names and their classes. Hosts add their custom names by declaration merging:
 * @example
 * declare module 'nestjs-tracker-postbacks' {
 *   interface TrackerEventMap { withdraw: TrackerConversionEvent }
 * }
 */
export interface TrackerEventMap {
  registration: TrackerConversionEvent;
  conf: TrackerConversionEvent;
  sale: TrackerConversionEvent;
  resale: TrackerConversionEvent;
  /** Every conversion, whatever its name (listeners only; handlers name their events or take `*`). */
  conversion: TrackerConversionEvent;
  reversal: TrackerReversalEvent;
  reinstated: TrackerReinstatedEvent;
  amended: TrackerAmendedEvent;
  fields: TrackerFieldsEvent;
  unmatched: TrackerUnmatchedEvent;
}

export type TrackerEventName = keyof TrackerEventMap;

/** Any event at all: what `*` gets. Tell the kinds apart with `instanceof`. */
export type AnyTrackerEvent = TrackerEventMap[TrackerEventName];

/** What a handler may name: a known event, the n-th of one, a custom event, or every event. */
export type TrackerHandlerTarget = Exclude<TrackerEventName, 'conversion'> | '*' | (string & {});

/** The class a handler of this target gets. A custom name is a conversion. */
export type TrackerEventOf<T extends string> = T extends TrackerEventName
  ? TrackerEventMap[T]
  : T extends '*'
    ? AnyTrackerEvent
    : TrackerConversionEvent;

const CLASSES = new Map<
  string,
  new (id: string, name: string, payload: EventPayload, attempt: number) => AnyTrackerEvent
>([
  ['reversal', TrackerReversalEvent],
  ['reinstated', TrackerReinstatedEvent],
  ['amended', TrackerAmendedEvent],
  ['fields', TrackerFieldsEvent],
  ['unmatched', TrackerUnmatchedEvent],
]);

/** The event's class made from what is stored of it. @internal */
export function eventOf(id: string, name: string, payload: EventPayload, attempt: number): AnyTrackerEvent {
  return new (CLASSES.get(name) ?? TrackerConversionEvent)(id, name, payload, attempt);
}
