import { randomUUID } from 'node:crypto';
import { type DataSource } from 'typeorm';
import { TrackerDatabase } from '../../libs/tracker-postbacks/src/database/tracker-database';
import { readingDataSource } from '../../libs/tracker-postbacks/src/database/data-source.factory';
import { uuidV7 } from '../../libs/tracker-postbacks/src/database/uuid-v7';
import {
  type ClaimSettings,
  type DeliveryStore,
} from '../../libs/tracker-postbacks/src/events/delivery-store';
import { deliveryStore } from '../../libs/tracker-postbacks/src/events/delivery-store.factory';
import {
  type Claim,
  type ClaimedDelivery,
  type DeliveryResult,
} from '../../libs/tracker-postbacks/src/events/delivery-store.types';
import { type HandlerStore } from '../../libs/tracker-postbacks/src/events/handler-store';
import { handlerStore } from '../../libs/tracker-postbacks/src/events/handler-store.factory';
import { type TestEngine } from '../setup/engines';
import { sqlOn } from '../setup/sql';
import { openTrackerDatabase } from '../setup/tracker-database';

/** One process as far as its deliveries go. */
export interface DeliveryProcess {
  readonly deliveries: DeliveryStore;
  readonly handlers: HandlerStore;
}

/** A delivery as it is stored. */
export interface DeliveryRow {
  readonly status: string;
  readonly attempts: number;
  readonly crashes: number;
  /** Milliseconds from the database's now. */
  readonly dueIn: number;
  readonly token: string | null;
  readonly leaseUntil: number | null;
  readonly errors: readonly { readonly message: string }[] | null;
  readonly isFinished: boolean;
}

export interface DeliveryWorld {
  /** The host's own connections. */
  readonly host: DataSource;
  readonly one: DeliveryProcess;
  readonly other: DeliveryProcess;
  sql<R = Record<string, unknown>>(statement: string, ...parameters: readonly unknown[]): Promise<R[]>;
  /** A number that no click has had yet. */
  newClick(): string;
  /** An event of a click; answers its `seq`. */
  newEvent(click: string | null, name?: string, ordinal?: number | null): Promise<string>;
  /** A pending delivery for each handler of a fresh event, due now; answers the first one's id. */
  pending(click: string | null, ...handlers: readonly string[]): Promise<string>;
  row(id: string): Promise<DeliveryRow>;
  stop(): Promise<void>;
}

export const LEASE_MS = 10_000;

/** Two processes on one database of an engine, with nothing above their stores. */
export async function startDeliveries(engine: TestEngine): Promise<DeliveryWorld> {
  const opened = await openTrackerDatabase(engine);
  const { host, tracker, reading } = opened;
  const otherReading = await readingDataSource(host);
  const second = new TrackerDatabase(host, otherReading);
  const processOf = (source: typeof reading, database: TrackerDatabase): DeliveryProcess => ({
    deliveries: deliveryStore(source, database),
    handlers: handlerStore(source, database),
  });
  const sql: DeliveryWorld['sql'] = (statement, ...parameters) => sqlOn(host, statement, ...parameters);
  let clicks = 0;
  let seq = 0;

  const newEvent: DeliveryWorld['newEvent'] = async (click, name = 'sale', ordinal = 1) => {
    await sql(
      `INSERT INTO tracker_events (id, seq, tenant_id, name, ordinal, click_seq, postback_id, payload, created_at)
       VALUES ($1, $2, 'default', $3, $4, $5, $6, '{}', 0)`,
      uuidV7(Date.now()),
      ++seq,
      name,
      ordinal,
      click,
      randomUUID(),
    );
    return String(seq);
  };
  return {
    host,
    one: processOf(reading, tracker),
    other: processOf(otherReading, second),
    sql,
    newClick: () => String(++clicks),
    newEvent,
    pending: async (click, ...handlers) => {
      const event = await newEvent(click);
      for (const handler of handlers) {
        await sql(
          `INSERT INTO tracker_deliveries (event_id, event_seq, click_seq, handler, status, due_at)
           SELECT id, seq, click_seq, $1, 'pending', 0 FROM tracker_events WHERE seq = $2`,
          handler,
          event,
        );
      }
      const [row] = await sql(
        'SELECT id FROM tracker_deliveries WHERE event_seq = $1 AND handler = $2',
        event,
        handlers[0],
      );
      return String(row?.['id']);
    },
    row: async (id) => {
      const [row] = await sql<Record<string, string | number | null>>(
        'SELECT * FROM tracker_deliveries WHERE id = $1',
        id,
      );
      if (row === undefined) throw new Error(`There is no delivery ${id}.`);
      return {
        status: String(row['status']),
        attempts: Number(row['attempts']),
        crashes: Number(row['crashes']),
        dueIn: Number(row['due_at']) - Date.now(),
        token: row['lease_token'] === null ? null : String(row['lease_token']),
        leaseUntil: row['lease_until'] === null ? null : Number(row['lease_until']),
        errors: row['errors'] === null ? null : (JSON.parse(String(row['errors'])) as { message: string }[]),
        isFinished: row['finished_at'] !== null,
      };
    },
    stop: async () => {
      await second.onApplicationShutdown();
      if (otherReading.isInitialized && otherReading !== host) await otherReading.destroy();
      await opened.close();
    },
  };
}

/** What a process claims of a handler. */
export function claim(
  { deliveries }: DeliveryProcess,
  handler: string,
  places = 100,
  more: Partial<ClaimSettings> = {},
  since = 0,
): Promise<Claim> {
  return deliveries.claim([{ handler, places, since }], {
    token: randomUUID(),
    leaseMs: LEASE_MS,
    look: 100,
    alone: false,
    recheckMs: 1_000,
    ...more,
  });
}

export const idsOf = ({ deliveries }: Claim): readonly string[] => deliveries.map(({ id }) => id);

/** How a claimed delivery ended. */
export function result(
  { id, token }: Pick<ClaimedDelivery, 'id' | 'token'>,
  more: Partial<DeliveryResult> = {},
): DeliveryResult {
  return { id, token, status: 'done', retryIn: 0, errors: null, ...more };
}
