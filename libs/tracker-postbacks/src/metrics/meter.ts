/** What can be read at any time instead of being counted: how much of it there is now. */
export type MeterGauge =
  /** Postbacks waiting to be written. */
  | 'queue_length'
  /** Postbacks in this process's journal. */
  | 'journal_records'
  /** Bytes of this process's journal files. */
  | 'journal_bytes'
  /** 1 while the database is not asked because it did not answer, else 0. */
  | 'breaker_open'
  /** Deliveries that handlers of this process work on now. */
  | 'deliveries_running';

/** How an attempt of a handler ended. */
export type AttemptOutcome = 'done' | 'failed' | 'parked';

/** What only the database knows, the same for every process. */
export interface DatabaseFigures {
  /** Milliseconds for which the oldest due delivery has been waiting; 0 when none waits. */
  readonly relayLagMs: number;
  readonly parkedDeliveries: number;
  /** Handlers that no process has registered for a day. */
  readonly missingHandlers: number;
  /** Postbacks kept raw because judging them failed. */
  readonly judgingFailed: number;
}

/**
 * Where the rooms tell what they do, so that it can be measured. A sink: nobody reads it back, and nothing it does may
 * fail or wait. Without `metrics` in the options it is {@link NoMeter}.
 */
export abstract class TrackerMeter {
  /**
   * One request of the public route was answered.
   *
   * @param status the verdict's status, `unknown_integration` for a 404, or `unavailable` for a 503
   * @param code the verdict's code, or the reason of the 503
   */
  abstract answered(status: string, code: string): void;
  /** A batch was judged and committed, or given up. */
  abstract batch(size: number, milliseconds: number): void;
  /** An attempt of a handler ended. */
  abstract attempted(handler: string, outcome: AttemptOutcome, milliseconds: number): void;
  /** `read` answers how much there is now; a later call for the same gauge takes its place. */
  abstract watch(gauge: MeterGauge, read: () => number): void;
  /** Where the database's figures come from, asked for at each scrape and by each gauge; rejects when it is away. */
  abstract figures(read: () => Promise<DatabaseFigures>): void;
}

/** Measures nothing. */
export class NoMeter extends TrackerMeter {
  answered(): void {
    return;
  }

  batch(): void {
    return;
  }

  attempted(): void {
    return;
  }

  watch(): void {
    return;
  }

  figures(): void {
    return;
  }
}
