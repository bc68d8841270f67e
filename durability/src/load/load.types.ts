/** One postback as the load generator means it. */
export interface Intent {
  /** Stands in its URL: the oracle finds its row by it. */
  readonly n: number;
  readonly clickId: string | null;
  /** Null: a request that can only be rejected. */
  readonly event: string | null;
  readonly tid: string | null;
}

/** On disk before the request goes out. */
export interface SentRecord extends Intent {
  readonly kind: 'sent';
}

/** On disk when the reply is there, or will never be. */
export interface AnswerRecord {
  readonly kind: 'answer';
  readonly n: number;
  /** Null without a reply. */
  readonly http: number | null;
  /** Why there is no reply: an error code of the socket. */
  readonly error: string | null;
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  readonly milliseconds: number;
  readonly status: string | null;
  readonly code: string | null;
  readonly postbackId: string | null;
  readonly conversionId: string | null;
}

export type LoadRecord = SentRecord | AnswerRecord;

/** What is sent, as shares of all requests. */
export interface TrafficMix {
  /** A tid that was sent before, on its click. */
  readonly duplicates: number;
  /** A fresh one, sent twice in the same moment, to two instances where there are two. */
  readonly twins: number;
  readonly onceAClick: number;
  readonly reversals: number;
  /** Of clicks that nobody knows yet. */
  readonly unknown: number;
  readonly rejected: number;
}

export interface LoadOrder {
  /** One or several instances. */
  readonly origins: readonly string[];
  readonly integrationId: string;
  readonly clickIds: readonly string[];
  /** File of its records. */
  readonly records: string;
  readonly seed: number;
  /** Requests under way at once. */
  readonly connections: number;
  /** Requests a second, evenly spaced; null for as many as the connections take. */
  readonly rate: number | null;
  /** Ends by itself after so many; null when it is told to. */
  readonly requests: number | null;
  readonly mix: TrafficMix;
  /** Milliseconds until a request without a reply is given up. */
  readonly patienceMs: number;
}

/** What the load generator saw, until its end or so far. */
export interface LoadReport {
  readonly sent: number;
  readonly answers: number;
  readonly withoutReply: number;
  /** Answered 5xx or deferred, or not at all. */
  readonly abnormal: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly slowest: number;
}

export const DEFAULT_MIX: TrafficMix = {
  duplicates: 0.2,
  twins: 0.1,
  onceAClick: 0.1,
  reversals: 0.05,
  unknown: 0.05,
  rejected: 0.05,
};
