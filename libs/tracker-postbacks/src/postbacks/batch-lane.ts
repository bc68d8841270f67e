/** Given up by whoever waits for it: what is not under way yet is then not begun. */
export interface Ticket {
  withdrawn: boolean;
}

/** What a withdrawn item is rejected with. */
export class WithdrawnError extends Error {
  override readonly name = 'WithdrawnError';
}

/** Stands for the result of an item that could not be finished, for this reason. */
export class Unfinished {
  constructor(readonly error: unknown) {}
}

/** What a lane is to do with its items. */
export interface LaneWork<T, R> {
  /** Answers one result per item, in the same order. */
  process(items: readonly T[]): Promise<readonly (R | Unfinished)[]>;
  /**
   * Called when items of a batch came out unfinished, before they are rejected: they may be relinquished still.
   * @param begun when the batch was, by the monotonic clock
   */
  onUnfinished?(error: unknown, begun: number): void;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly ticket: Ticket;
  readonly resolve: (result: R | PromiseLike<R>) => void;
  readonly reject: (error: unknown) => void;
}

interface Begun<T, R> {
  readonly batch: readonly Waiting<T, R>[];
  /** By the monotonic clock. */
  readonly begun: number;
  readonly results: Promise<readonly (R | Unfinished)[]>;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Group commit for one lane: one batch at a time, and what arrives meanwhile is the next one. Waiting on purpose for
 * more was measured and never helped.
 */
export class BatchLane<T, R> {
  private queue: Waiting<T, R>[] = [];
  private underWay: readonly Waiting<T, R>[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly work: LaneWork<T, R>,
    private readonly maxBatch: number,
  ) {}

  /** Items waiting, without those under way. */
  get length(): number {
    return this.queue.length;
  }

  get isBusy(): boolean {
    return this.running !== null;
  }

  push(item: T, ticket: Ticket = { withdrawn: false }): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.queue.push({ item, ticket, resolve, reject });
      this.running ??= this.run();
    });
  }

  /**
   * Gives up everything here, in order: whoever waits gets what `place` answers. Items under way go on and their results are
   * nobody's; those for which `place` answers null are left as they are.
   */
  relinquish(place: (item: T, isUnderWay: boolean) => Promise<R> | null): void {
    const { queue } = this;
    this.queue = [];
    const give = (waiting: Waiting<T, R>, isUnderWay: boolean): boolean => {
      const placed = waiting.ticket.withdrawn ? null : place(waiting.item, isUnderWay);
      if (placed === null) return false;
      waiting.ticket.withdrawn = true;
      waiting.resolve(placed);
      return true;
    };
    for (const waiting of this.underWay) give(waiting, true);
    this.queue.unshift(...queue.filter((waiting) => !give(waiting, false)));
  }

  /** Resolves once nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  private async run(): Promise<void> {
    // Whatever arrives in the same turn of the event loop belongs to the first batch.
    await nextTurn();
    let current = this.begin();
    while (current !== null) {
      const results = await current.results;
      // What could not be finished has to be given up before anything that came after it is begun.
      const next = results.some((result) => result instanceof Unfinished) ? null : this.begin();
      // The database has its next batch before the answers to this one take the processor.
      if (next !== null) await nextTurn();
      this.settle(current, results);
      current = next ?? this.begin();
    }
    this.running = null;
  }

  /** The next batch, under way; null when nobody waits. */
  private begin(): Begun<T, R> | null {
    let batch: readonly Waiting<T, R>[] = [];
    while (batch.length === 0 && this.queue.length > 0) {
      batch = this.queue.splice(0, this.maxBatch).filter(({ ticket, reject }) => {
        if (ticket.withdrawn) reject(new WithdrawnError('Nobody waits for it any more.'));
        return !ticket.withdrawn;
      });
    }
    this.underWay = batch;
    if (batch.length === 0) return null;
    return { batch, begun: performance.now(), results: this.results(batch) };
  }

  private async results(batch: readonly Waiting<T, R>[]): Promise<readonly (R | Unfinished)[]> {
    try {
      const results = await this.work.process(batch.map(({ item }) => item));
      return batch.map(
        (_, index) => results[index] ?? new Unfinished(new TypeError('An item has no result.')),
      );
    } catch (error) {
      return batch.map(() => new Unfinished(error));
    }
  }

  private settle({ batch, begun }: Begun<T, R>, results: readonly (R | Unfinished)[]): void {
    const unfinished: Waiting<T, R>[] = [];
    let failure: unknown = null;
    batch.forEach((waiting, index) => {
      const result = results[index];
      if (result instanceof Unfinished) {
        unfinished.push(waiting);
        failure = result.error;
      } else if (result !== undefined) {
        waiting.resolve(result);
      }
    });
    if (unfinished.length === 0) return;
    this.underWay = unfinished;
    this.work.onUnfinished?.(failure, begun);
    // Those that were given up have their answer; for them this does nothing.
    for (const { reject } of unfinished) reject(failure);
  }
}
