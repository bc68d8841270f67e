import { type LoadResult } from './load.types';
import { percentile } from './statistics';

/** Counts every reply of a run. */
export class ReplyTally {
  private readonly milliseconds: number[] = [];
  private readonly statuses = new Map<number, number>();
  private readonly open = new Set<number>();
  private requests = 0;
  private unexpectedReplies = 0;
  private firstUnexpected: string | null = null;

  /** Numbered requests so far. */
  get sent(): number {
    return this.requests;
  }

  request(n: number): void {
    this.requests += 1;
    this.open.add(n);
  }

  answered(n: number): void {
    this.open.delete(n);
  }

  reply(status: number, milliseconds: number): void {
    this.milliseconds.push(milliseconds);
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  unexpected(body: string): void {
    this.unexpectedReplies += 1;
    this.firstUnexpected ??= body.slice(0, 300);
  }

  result(errors: number, seconds: number): LoadResult {
    return {
      sent: this.requests,
      unanswered: [...this.open],
      // Every unexpected body with status 200 is one that is not good; others are seen in `statuses`.
      good: Math.max(0, (this.statuses.get(200) ?? 0) - this.unexpectedReplies),
      statuses: Object.fromEntries(this.statuses),
      errors,
      unexpected: this.unexpectedReplies,
      firstUnexpected: this.firstUnexpected,
      requestsPerSecond: this.milliseconds.length / seconds,
      p50: percentile(this.milliseconds, 0.5),
      p99: percentile(this.milliseconds, 0.99),
    };
  }
}
