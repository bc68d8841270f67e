import { type TrackerPostbacksOptions } from 'nestjs-tracker-postbacks';
import { type DatabaseAddress } from '../engines/proof.database';
import { type BrokerUrls } from './broker.clients';
import { type CrashOrder } from './crash.points';

export const ADAPTERS = ['fastify', 'express'] as const;
export type AdapterName = (typeof ADAPTERS)[number];

/**
 * - `recording`: every event, and deposits a second time; each receipt is on disk before the handler returns.
 * - `faulty`: the same beside handlers that throw, hang and reject late; `exiting`: and one that ends the process.
 * - `held`: one that waits at a gate and then succeeds; `failing`: and then throws.
 * - `none`: a process that only takes postbacks.
 */
export type HandlerKind = 'recording' | 'faulty' | 'exiting' | 'held' | 'failing' | 'none';

/** One host application as the proof wants it. */
export interface AppOrder {
  readonly database: DatabaseAddress;
  readonly adapter: AdapterName;
  /** Stands in its receipts. */
  readonly name: string;
  /** @default any that is free */
  readonly port?: number;
  /** Where its receipts are written. */
  readonly records: string;
  readonly handlers: HandlerKind;
  /** Folder of the journal; null for none. */
  readonly journal: string | null;
  readonly brokers?: BrokerUrls;
  readonly intake?: NonNullable<TrackerPostbacksOptions['intake']>;
  readonly events?: NonNullable<TrackerPostbacksOptions['events']>;
  /** The gate of a held handler is open from the start. */
  readonly open?: boolean;
  /** Where it kills itself. */
  readonly crash?: CrashOrder;
}

export interface AppAddress {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
}

/** What a proof sends postbacks to. */
export interface Target {
  readonly integrationId: string;
  readonly clickIds: readonly string[];
}

/** A handler was called (`begin`), and what it was called for is on disk (`end`). */
export interface Receipt {
  readonly kind: 'begin' | 'end';
  readonly handler: string;
  readonly eventId: string;
  readonly clickId: string | null;
  readonly attempt: number;
  /** Name of the process. */
  readonly process: string;
  readonly pid: number;
  /** Nanoseconds of the machine's monotonic clock, the same for all processes. */
  readonly at: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Exit codes of a child that found a fault in itself. */
export const FAULTS: ReadonlyMap<number, string> = new Map([
  [96, 'a prototype was changed'],
  [97, 'an exception was not caught'],
  [98, 'a rejection was not handled'],
]);
