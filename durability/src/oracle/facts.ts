import { type Receipt } from '../app/app.types';
import { type AnswerRecord, type SentRecord } from '../load/load.types';

/** What the load generator has on disk. */
export interface Testimony {
  readonly sent: readonly SentRecord[];
  readonly answers: readonly AnswerRecord[];
}

export interface PostbackFact {
  readonly id: string;
  /** The number in its target. */
  readonly n: number | null;
  readonly status: string;
  readonly code: string;
  readonly event: string | null;
  readonly clickId: string | null;
  readonly conversionId: string | null;
}

export interface ConversionFact {
  readonly id: string;
  readonly integrationId: string;
  readonly clickId: string;
  readonly event: string;
  readonly ordinal: number;
  readonly tid: string | null;
  readonly postbackId: string;
  readonly reversed: boolean;
}

export interface EventFact {
  readonly id: string;
  /** Order of recording. */
  readonly seq: bigint;
  readonly name: string;
  readonly ordinal: number | null;
  /** The click's own number; null where no click is known. */
  readonly clickSeq: string | null;
  readonly conversionId: string | null;
  readonly postbackId: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export interface DeliveryFact {
  readonly eventId: string;
  readonly handler: string;
  readonly status: string;
  readonly attempts: number;
}

export interface HandlerFact {
  readonly name: string;
  /** As its table keeps them: ` sale resale#2 `. */
  readonly events: string;
}

/** Everything the oracle reads from the database, past the library. */
export interface Facts {
  readonly clickIds: ReadonlySet<string>;
  readonly postbacks: readonly PostbackFact[];
  readonly conversions: readonly ConversionFact[];
  readonly events: readonly EventFact[];
  readonly deliveries: readonly DeliveryFact[];
  readonly handlers: readonly HandlerFact[];
}

export interface Evidence {
  readonly testimony: Testimony;
  readonly facts: Facts;
  readonly receipts: readonly Receipt[];
}

/** What kind of promise was broken. */
export type FaultKind = 'lost' | 'doubled' | 'wrong' | 'undelivered' | 'misordered';

export interface Fault {
  readonly kind: FaultKind;
  readonly text: string;
}
