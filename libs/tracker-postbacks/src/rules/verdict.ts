import { type MessageArguments, type VerdictCodeOf, type Warning } from './codes';
import { type FlatRecord, type Reading } from './reading';

/** What is already known of one integration and click. Reversed and voided conversions are part of it. */
export interface PastConversion {
  readonly id: string;
  readonly event: string;
  readonly ordinal: number;
  readonly tid: string | null;
  readonly tidlessSale: boolean;
  readonly requestHash: string;
  /** Milliseconds since the epoch, like every time here. */
  readonly receivedAt: number;
  readonly reversedAt: number | null;
  /** Request hash of the reversal that took it back. */
  readonly reversalHash: string | null;
  readonly voidedAt: number | null;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly fields: FlatRecord;
}

/** The click that a postback belongs to. */
export interface KnownClick {
  readonly clickId: string;
  readonly chatId: string;
  readonly campaignId: string | null;
  /** Its data was erased on request: late postbacks are not counted. */
  readonly erased: boolean;
}

/** The part of an integration that judging needs. */
export interface JudgingPolicy {
  readonly integrationId: string;
  readonly campaignId: string | null;
  readonly status: 'active' | 'paused';
  readonly deletedAt: number | null;
  readonly allowedEvents: ReadonlySet<string> | null;
  readonly duplicateWindowSeconds: number;
}

/** A conversion as judging decides it; the store adds ids. */
export interface NewConversion {
  readonly event: string;
  readonly reportedEvent: string;
  readonly ordinal: number;
  readonly tid: string | null;
  readonly tidKey: string | null;
  readonly tidlessSale: boolean;
}

/** What a duplicate brought that the recorded conversion did not know. */
export interface DuplicateNews {
  /** Field values other than those last known; null when there are none. */
  readonly fields: FlatRecord | null;
  /** Fills an amount that was recorded as unreadable or missing; null when there is nothing to fill. */
  readonly amount: { readonly cost: string; readonly currency: string | null } | null;
}

interface Judged {
  readonly warnings: readonly Warning[];
  /** The parameter that the verdict's message is about. */
  readonly parameter: string | null;
  readonly args?: MessageArguments;
}

/** What was decided about one postback. */
export type Verdict = Judged &
  (
    | {
        readonly status: 'accepted';
        readonly code: 'ok';
        readonly effect: 'recorded';
        readonly conversion: NewConversion;
      }
    /** An open conversion is taken back, as of this time. */
    | {
        readonly status: 'accepted';
        readonly code: 'ok';
        readonly effect: 'reversed';
        readonly of: PastConversion;
        readonly reversedAt: number;
      }
    /** A conversion that had been taken back counts again. */
    | {
        readonly status: 'accepted';
        readonly code: 'ok';
        readonly effect: 'reinstated';
        readonly of: PastConversion;
        readonly news: DuplicateNews;
      }
    | {
        readonly status: 'duplicate';
        readonly code: VerdictCodeOf<'duplicate'>;
        readonly of: PastConversion;
        readonly news: DuplicateNews;
      }
    | { readonly status: 'unmatched'; readonly code: VerdictCodeOf<'unmatched'> }
    | { readonly status: 'ignored'; readonly code: VerdictCodeOf<'ignored'> }
    | { readonly status: 'rejected'; readonly code: VerdictCodeOf<'rejected'> }
    | { readonly status: 'quarantined'; readonly code: VerdictCodeOf<'quarantined'> }
  );

/** Everything one verdict depends on. */
export interface JudgeInput {
  readonly reading: Reading;
  /** How secret and address were judged on arrival. */
  readonly admission: VerdictCodeOf<'quarantined'> | null;
  readonly policy: JudgingPolicy;
  readonly click: KnownClick | null;
  /** Conversions of this integration and click, in any order. */
  readonly history: readonly PastConversion[];
  readonly receivedAt: number;
  /**
   * `arrival` judges which deposit was the first as it stood when the postback arrived, for one that was judged
   * before and is judged again. @default 'now'
   */
  readonly asOf?: 'now' | 'arrival';
}

/** A verdict that neither records nor repeats anything. */
export type Refusal = Extract<Verdict, { status: 'unmatched' | 'ignored' | 'rejected' | 'quarantined' }>;
