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

interface Waiting<T, R> {
  readonly item: T;
  readonly ticket: Ticket;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit for one lane: one batch at a time, and what arrives meanwhile is the next one. Waiting on purpose for
 * more was measured and never helped.
 */
export class BatchLane<T, R> {
  private queue: Waiting<T, R>[] = [];
  private running: Promise<void> | null = null;

  constructor(
    /** Answers one result per item, in the same order. */
    private readonly process: (items: readonly T[]) => Promise<readonly (R | Unfinished)[]>,
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

  /** Resolves once nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  private async run(): Promise<void> {
    // Whatever arrives in the same turn of the event loop belongs to the first batch.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.queue.length > 0) {
      const batch = this.queue.splice(0, this.maxBatch).filter(({ ticket, reject }) => {
        if (ticket.withdrawn) reject(new WithdrawnError('Nobody waits for it any more.'));
        return !ticket.withdrawn;
      });
      if (batch.length === 0) continue;
      try {
        const results = await this.process(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, index) => {
          const result = results[index];
          if (result === undefined)
            reject(new TypeError('A batch answered fewer results than it has items.'));
          else if (result instanceof Unfinished) reject(result.error);
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = null;
  }
}
