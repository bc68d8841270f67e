import { type Numbering } from './postback.address';

/** Where and how the load generator sends. */
export interface LoadOrder {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly path: string;
  readonly seconds: number;
  /** Null: the path as it stands, every time. */
  readonly numbering: Numbering | null;
  /** What every good reply holds. */
  readonly expected: string;
}

export interface FullLoadOrder extends LoadOrder {
  readonly connections: number;
}

export interface PacedLoadOrder extends LoadOrder {
  /** Requests per second, evenly spaced. */
  readonly rate: number;
}

export interface LoadResult {
  /** Numbered requests sent, answered or not. */
  readonly sent: number;
  /** Numbers of those without a reply: under way when the time was over. */
  readonly unanswered: readonly number[];
  /** Replies with status 200 and the expected text. */
  readonly good: number;
  /** Replies by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Broken connections and missing replies. */
  readonly errors: number;
  /** Replies that did not hold the expected text; the first of them. */
  readonly unexpected: number;
  readonly firstUnexpected: string | null;
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}
