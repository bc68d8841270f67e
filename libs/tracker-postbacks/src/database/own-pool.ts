import { type DataSource } from 'typeorm';
import { STATEMENT_MS, within } from './time-limit';

/** One DataSource and those who use it. */
interface Generation {
  readonly source: DataSource;
  /** Undefined until it is first asked for. */
  connecting: Promise<void> | undefined;
  users: number;
  /** Called once nobody uses it any more; set when it is given up. */
  abandoned: (() => void) | undefined;
}

/**
 * Connections that are opened at first use, and again after a failure: the database may come later than the application.
 * They can be left behind for fresh ones without taking them away from whoever is using them.
 */
export class OwnPool {
  private current: Generation;
  private closed = false;

  constructor(
    private readonly make: () => DataSource,
    /** What has to be done with a DataSource that has just connected. */
    private readonly prepare: (source: DataSource) => Promise<void> = () => Promise.resolve(),
  ) {
    this.current = this.generation();
  }

  async use<T>(work: (source: DataSource) => Promise<T>): Promise<T> {
    if (this.closed) throw new Error('The application is shutting down: its tracker connections are closed.');
    const generation = this.current;
    generation.users++;
    try {
      await (generation.connecting ??= this.connect(generation));
      return await work(generation.source);
    } finally {
      generation.users--;
      if (generation.users === 0) generation.abandoned?.();
    }
  }

  /** Whoever asks from now on gets a fresh connection. */
  renew(): void {
    if (this.closed) return;
    const old = this.current;
    this.current = this.generation();
    // It is given up because it does not work: that it cannot be closed in good order either is no news.
    this.abandon(old).catch(() => undefined);
  }

  /** Waits for those that are used. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.abandon(this.current);
  }

  private async abandon(generation: Generation): Promise<void> {
    if (generation.users > 0) {
      await new Promise<void>((resolve) => {
        generation.abandoned = resolve;
      });
    }
    await generation.connecting?.catch(() => undefined);
    if (generation.source.isInitialized) await generation.source.destroy();
  }

  private generation(): Generation {
    return { source: this.make(), connecting: undefined, users: 0, abandoned: undefined };
  }

  private async connect(generation: Generation): Promise<void> {
    const { source } = generation;
    const connecting = source.initialize().then(() => this.prepare(source));
    try {
      await within(STATEMENT_MS, connecting, () => undefined);
    } catch (error) {
      // A DataSource that failed half way, or is still at it, cannot be asked again.
      if (this.current === generation) this.renew();
      connecting
        .catch(() => undefined)
        .then(() => (source.isInitialized ? source.destroy() : undefined))
        .catch(() => undefined);
      throw error;
    }
  }
}
