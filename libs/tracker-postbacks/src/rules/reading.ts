import { type Warning } from './codes';

/** One request as it is stored and can be read again: nothing decoded, the secret already taken out. */
export interface PostbackRequest {
  /** The raw request target (path and query), ASCII, exactly as it arrived. */
  readonly target: string;
  /** The `:event` path segment, still percent-encoded; null when the path has none. */
  readonly pathEvent: string | null;
  readonly body: PostbackBody | null;
}

/** A body of a POST: `form` and `json` as text, as it arrived. */
export interface PostbackBody {
  readonly type: 'form' | 'json';
  readonly text: string;
}

/** What the request says happened. `word` is the event as sent, trimmed and lower-cased, before the event map. */
export type EventReading =
  | { readonly kind: 'event'; readonly name: string; readonly word: string; readonly parameter: string }
  /** A word mapped to `sale/resale`: which of the two is chosen when it is judged. */
  | { readonly kind: 'deposit_stream'; readonly word: string; readonly parameter: string }
  | { readonly kind: 'ignored'; readonly word: string; readonly parameter: string }
  | { readonly kind: 'reversal'; readonly word: string; readonly parameter: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'macro'; readonly parameter: string; readonly value: string }
  | { readonly kind: 'conflict'; readonly parameter: string; readonly values: readonly string[] }
  | { readonly kind: 'invalid'; readonly parameter: string; readonly word: string };

/**
 * Which click the request names. `bareWord` is a value that only looks like an unreplaced macro by being a known bare
 * word (macro rule 3): it is looked up first and used if such a click exists.
 */
export type ClickReading =
  | {
      readonly kind: 'value';
      readonly value: string;
      readonly parameter: string;
      readonly bareWord: string | null;
    }
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'macro';
      readonly parameter: string;
      readonly value: string;
      readonly bareWord: string | null;
    }
  | { readonly kind: 'conflict'; readonly parameter: string; readonly values: readonly string[] };

/** A flat string record without a prototype, so that no key of a request can reach one. */
export type FlatRecord = Readonly<Record<string, string>>;

/** Everything that one request says, before anything is known about clicks or history. */
export interface Reading {
  readonly event: EventReading;
  readonly clickId: ClickReading;
  /** Canonical decimal, null when absent or unreadable. */
  readonly cost: string | null;
  /** The text the cost was read from. */
  readonly costRaw: string | null;
  /** Upper case. */
  readonly currency: string | null;
  readonly tid: string | null;
  readonly fields: FlatRecord;
  /** Every parameter that plays no role, verbatim (decoded once). */
  readonly params: FlatRecord;
  readonly warnings: readonly Warning[];
  /** Click id or tid beyond its limit: the verdict is `too_large`. */
  readonly tooLarge: { readonly parameter: string } | null;
  /** The same for two requests with the same parameters in any order: hex SHA-256. */
  readonly requestHash: string;
}
