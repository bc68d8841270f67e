import { type FlatRecord } from '../rules/reading';

/** An event's name without the `tracker.` it travels under: a conversion's event, or one of the library's own. */
export type EventKind = string;

/** What can change about a recorded conversion. */
export interface ConversionFacts {
  readonly cost: string | null;
  readonly currency: string | null;
  readonly tid: string | null;
  readonly fields: FlatRecord;
}

/** An event as it is stored: everything the handlers' classes are made from. */
export interface EventPayload extends ConversionFacts {
  readonly conversionId: string | null;
  /** The conversion's recorded event; equals the event's name unless the event tells of a change to it. */
  readonly event: string | null;
  readonly ordinal: number | null;
  readonly reportedEvent: string | null;
  readonly postbackId: string;
  readonly integrationId: string;
  readonly network: string;
  readonly tenantId: string;
  readonly campaignId: string | null;
  readonly clickId: string | null;
  readonly chatId: string | null;
  readonly params: FlatRecord;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly test: boolean;
  /** Why: the verdict code of `unmatched`, the cause of a reversal. */
  readonly code?: string;
  readonly before?: ConversionFacts;
  readonly after?: ConversionFacts;
}
