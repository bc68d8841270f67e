import {
  type Claim,
  type DeliveryResult,
  type Finished,
  type HandlerPlaces,
  type Lease,
} from './delivery-store.types';

/** How deliveries are looked for. */
export interface ClaimSettings {
  /** Random, of this claim alone. */
  readonly token: string;
  /** Milliseconds for which the deliveries are ours unless the lease is renewed. */
  readonly leaseMs: number;
  /** Due deliveries of each handler that are looked at; those among them that must wait are put off. */
  readonly look: number;
  /** Takes only what `SUSPICIOUS_CRASHES` attempts in a row never came to an end of; otherwise everything but that. */
  readonly alone: boolean;
  /** Milliseconds after which one that waits for a delivery under way is looked at again, should nobody free it. */
  readonly recheckMs: number;
}

/**
 * The SQL of deliveries: claims with a lease and a random token, and results that count only under that token. There is
 * one per engine.
 *
 * Of one click and handler only the earliest unfinished delivery may run. A claim that meets another one puts it off:
 * for a moment while the one before it is under way, for long while that waits itself. Whoever finishes a delivery
 * makes the next one of its click due. So neither what waits nor what belongs to a handler of nobody's lies in the way
 * of a claim, which looks at the few first of an index by handler and due time.
 *
 * What is done leaves that index, and leaves a trace in it until the database cleans up, which takes long with a backup
 * or another old transaction about. Claims therefore begin where the last one ended.
 */
export abstract class DeliveryStore {
  /** Takes over due deliveries for one attempt each; what another process is at is passed over. */
  abstract claim(handlers: readonly HandlerPlaces[], settings: ClaimSettings): Promise<Claim>;

  /** Gives back what was claimed and not begun. */
  abstract release(leases: readonly Lease[]): Promise<void>;

  /** Keeps leases from running out, and answers the ids of those that are still held under their tokens. */
  abstract renew(leases: readonly Lease[], leaseMs: number): Promise<readonly string[]>;

  /** Writes how attempts ended, each only while its claim is the last one, and frees what waited for them. */
  abstract finish(results: readonly DeliveryResult[]): Promise<Finished>;
}
