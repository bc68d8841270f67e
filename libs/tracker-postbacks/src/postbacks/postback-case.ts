import { type CompiledIntegration } from '../integrations/integration-recipe';
import {
  type VerdictCode,
  type VerdictCodeOf,
  type VerdictStatus,
  type MessageArguments,
  type Warning,
} from '../rules/codes';
import { type PostbackRequest, type Reading } from '../rules/reading';

/** One postback on its way to a verdict: fresh from the wire, or a stored row that is judged again. */
export interface PostbackCase {
  /** UUIDv7 of `receivedAt`. */
  readonly id: string;
  readonly integrationId: string;
  readonly method: string;
  readonly request: PostbackRequest;
  /** Set where the request was too large and had to be cut. */
  readonly rawSha256: string | null;
  readonly address: string | null;
  readonly forwardedFor: string | null;
  /** Decided once, on arrival. */
  readonly admission: VerdictCodeOf<'quarantined'> | null;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The status of its row; null for a request that is not stored yet. */
  readonly storedAs: VerdictStatus | null;
  /** How often judging it has failed. */
  readonly attempts: number;
  readonly test: boolean;
}

/** A case with the recipe it was read by; `reading` is null when reading threw. */
export interface ReadCase {
  readonly case: PostbackCase;
  readonly integration: CompiledIntegration;
  readonly reading: Reading | null;
}

/** What came of a case, once committed. */
export type PostbackOutcome =
  | { readonly kind: 'unknown_integration' }
  /** A stored row that somebody else judged meanwhile. */
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'judged';
      readonly postbackId: string;
      readonly integration: CompiledIntegration;
      readonly status: VerdictStatus;
      readonly code: VerdictCode;
      readonly parameter: string | null;
      readonly args: MessageArguments | undefined;
      readonly event: string | null;
      readonly conversionId: string | null;
      readonly warnings: readonly Warning[];
    };
