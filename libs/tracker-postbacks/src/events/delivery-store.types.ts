import { type DeliveryError } from './delivery.entity';

/** Under which claim a delivery is held. */
export interface Lease {
  readonly id: string;
  /** Random per claim; whoever does not have the one of the last claim writes nothing. */
  readonly token: string;
}

/** How many more deliveries of a handler a process can run now. */
export interface HandlerPlaces {
  readonly handler: string;
  readonly places: number;
  /** Looks at nothing that was due before this: milliseconds of the database's clock, 0 for everything. */
  readonly since: number;
}

/** One delivery taken over by this process for one attempt. */
export interface ClaimedDelivery extends Lease {
  readonly handler: string;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  /** Attempts before this one, without a break, that nobody ever wrote the end of. */
  readonly crashes: number;
  readonly eventId: string;
  /** Order of recording, as a number's text. */
  readonly eventSeq: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  /** Everything personal was taken out of the event: no handler is to be given it. */
  readonly erased: boolean;
  /** What went wrong before, the oldest first. */
  readonly errors: readonly DeliveryError[];
}

export interface Claim {
  /** In the order of recording. */
  readonly deliveries: readonly ClaimedDelivery[];
  /** Due ones that were put off, because an earlier event of their click is still to be finished. */
  readonly heldBack: number;
  /**
   * By handler, when it was due what the next claim may begin with. What was due before is taken, put off, or in other
   * hands; it comes back only if these fail, and so a look at everything is needed only now and then.
   */
  readonly next: ReadonlyMap<string, number>;
  /** Handlers with due suspects among what was looked at, see {@link SUSPICIOUS_CRASHES}, that were not taken. */
  readonly suspected: readonly string[];
}

/** How an attempt ended. */
export interface DeliveryResult extends Lease {
  readonly status: 'pending' | 'done' | 'parked';
  /** Milliseconds from the database's now until the next attempt. */
  readonly retryIn: number;
  /** All errors of the delivery from now on; null leaves them as they are. */
  readonly errors: readonly DeliveryError[] | null;
}

/** What came of saving results. */
export interface Finished {
  /** Ids of those whose claim was still the last one; of the others nothing was written. */
  readonly saved: readonly string[];
  /** Deliveries that are due now because the one before them has ended. */
  readonly freed: number;
}

/**
 * A delivery that is taken over again after this many leases in a row ran out is not run but parked. Many, because a
 * series of kills meets innocent ones as well: with three, one in a thousand was parked without ever having been run.
 */
export const MAX_CRASHES = 10;
/**
 * After so many it is a suspect: claimed by itself and run while nothing else runs in its process, lest innocent ones go
 * with it. Those that were claimed beside it and given back counted a crash for every kill in between: 38 of 14,000
 * were parked in a series of 200.
 */
export const SUSPICIOUS_CRASHES = 2;

/** Milliseconds after which nothing appears any more that was due before: longer than a statement may take. */
export const SETTLED_MS = 10_000;

/** For how long a delivery whose predecessor waits for its next attempt is left alone beyond that; its end frees it. */
export const HELD_BACK_MS = 600_000;
