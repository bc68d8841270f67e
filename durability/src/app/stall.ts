import { type INestApplication } from '@nestjs/common';
import { injected, wrap } from './injected';

/** What a process that was stopped does after it goes on, seen from beside it. */
export class StallWitness {
  /** Results of deliveries that it tried to write. */
  private finished = 0;
  /** Batches of postbacks that it judged and has not begun to write. */
  private held = 0;
  private written = 0;
  private holds = false;
  private release: (() => void)[] = [];

  watch(app: INestApplication): void {
    wrap(injected(app, 'DeliveryStore'), 'finish', async (call, [results]) => {
      try {
        return await call();
      } finally {
        this.finished += (results as readonly unknown[]).length;
      }
    });
    wrap(injected(app, 'PostbackStore'), 'write', async (call) => {
      if (this.holds) {
        this.held += 1;
        await new Promise<void>((resolve) => this.release.push(resolve));
      }
      try {
        return await call();
      } finally {
        this.written += 1;
      }
    });
  }

  /** From now on every batch waits, judged and unwritten. */
  holdWrites(): void {
    this.holds = true;
  }

  releaseWrites(): void {
    this.holds = false;
    for (const go of this.release.splice(0)) go();
  }

  counts(): { readonly finished: number; readonly held: number; readonly written: number } {
    return { finished: this.finished, held: this.held, written: this.written };
  }
}
