import { type CompiledIntegration } from '../integrations/integration-recipe';
import {
  type VerdictCode,
  type VerdictCodeOf,
  type VerdictStatus,
  type MessageArguments,
  type Warning,
} from '../rules/codes';
import { type PostbackRequest, type Reading } from '../rules/reading';
import { type StoredPostback } from './postback-store.types';

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
  /** It makes no events: a sample that nobody is to act on. @default false */
  readonly silent?: boolean;
  /**
   * The same arrival under another state of its integration: secret and address were tested by what was cached, which
   * another process may have changed. Absent for stored rows: what was decided on their arrival stands.
   */
  readonly under?: (integration: CompiledIntegration) => PostbackCase;
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

/** The case of a row that is judged again. */
export function storedCase(row: StoredPostback): PostbackCase {
  return {
    id: row.id,
    integrationId: row.integrationId,
    method: row.method,
    request: {
      target: row.target,
      pathEvent: row.pathEvent,
      body:
        row.body === null || row.bodyType === null
          ? null
          : { type: row.bodyType, text: JSON.parse(row.body) as string },
    },
    rawSha256: row.rawSha256,
    address: row.address,
    forwardedFor: null,
    admission: row.admission,
    receivedAt: Number(row.receivedAt),
    storedAs: row.status,
    attempts: row.attempts,
    test: row.test,
    // Whether a sample was to be delivered is not stored: one that is judged again reaches nobody.
    silent: row.test,
  };
}
