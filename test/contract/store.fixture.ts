import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { readingDataSource } from '../../libs/tracker-postbacks/src/database/data-source.factory';
import { TrackerDatabase } from '../../libs/tracker-postbacks/src/database/tracker-database';
import { uuidV7 } from '../../libs/tracker-postbacks/src/database/uuid-v7';
import { type PostbackStore } from '../../libs/tracker-postbacks/src/postbacks/postback-store';
import { postbackStore } from '../../libs/tracker-postbacks/src/postbacks/postback-store.factory';
import {
  type BatchWrite,
  type ConversionRow,
  type EventRow,
  type LoadedClick,
  type PostbackRow,
  type WriteResult,
} from '../../libs/tracker-postbacks/src/postbacks/postback-store.types';
import { createTestDatabase } from '../setup/database';
import { type TestEngine } from '../setup/engines';
import { sqlOn } from '../setup/sql';

export const INTEGRATION = '0b0f8d80-0000-4000-8000-000000000001';

export interface Click {
  readonly seq: string;
  readonly clickId: string;
  readonly chatId: string;
}

/** One process as far as its database goes: connections and a store of its own. */
export interface StoreProcess {
  readonly database: TrackerDatabase;
  readonly store: PostbackStore;
}

export interface StoreWorld {
  readonly engine: TestEngine;
  /** The host's own connections. */
  readonly host: DataSource;
  readonly one: StoreProcess;
  readonly other: StoreProcess;
  sql<R = Record<string, unknown>>(statement: string, ...parameters: readonly unknown[]): Promise<R[]>;
  count(table: string, where?: string, ...parameters: readonly unknown[]): Promise<number>;
  newClick(clickId?: string, chatId?: string): Promise<Click>;
  newHandler(name: string, events: string): Promise<void>;
  load(click: Click, by?: StoreProcess): Promise<LoadedClick>;
  stop(): Promise<void>;
}

/** Two processes on one database of an engine, with nothing above the store. */
export async function startStores(engine: TestEngine): Promise<StoreWorld> {
  const created = await createTestDatabase(engine);
  const host = await new DataSource(created.options).initialize();
  const sources: DataSource[] = [];
  const start = async (): Promise<StoreProcess> => {
    const reading = await readingDataSource(host);
    sources.push(reading);
    const database = new TrackerDatabase(host, reading);
    return { database, store: postbackStore(reading, database) };
  };
  const one = await start();
  const other = await start();
  const sql: StoreWorld['sql'] = (statement, ...parameters) => sqlOn(host, statement, ...parameters);
  await sql(
    `INSERT INTO tracker_integrations (id, tenant_id, name, network, click_id_parameter, status,
       duplicate_window_seconds, revision, created_at, updated_at)
     VALUES ($1, 'default', 'Test', 'custom', 'clickid', 'active', 30, 7, 0, 0)`,
    INTEGRATION,
  );
  return {
    engine,
    host,
    one,
    other,
    sql,
    count: async (table, where = '1 = 1', ...parameters) => {
      const [row] = await sql(`SELECT count(*) AS n FROM ${table} WHERE ${where}`, ...parameters);
      return Number(row?.['n']);
    },
    newClick: async (clickId = `click-${randomUUID()}`, chatId = `chat-${randomUUID()}`) => {
      await sql(
        `INSERT INTO tracker_clicks (tenant_id, click_id, chat_id, source, created_at)
         VALUES ('default', $1, $2, 'issued', 0)`,
        clickId,
        chatId,
      );
      const { clicks } = await one.store.load([{ t: 'default', c: clickId, i: INTEGRATION }], []);
      return { seq: clicks[0]?.seq ?? '', clickId, chatId };
    },
    newHandler: async (name, events) => {
      await sql(
        `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES ($1, $2, 0, 0)`,
        name,
        ` ${events} `,
      );
    },
    load: async ({ clickId }, { store } = one) => {
      const { clicks } = await store.load([{ t: 'default', c: clickId, i: INTEGRATION }], []);
      const [click] = clicks;
      if (click === undefined) throw new Error(`There is no click ${clickId}.`);
      return click;
    },
    stop: async () => {
      await one.database.onApplicationShutdown();
      await other.database.onApplicationShutdown();
      for (const source of sources) if (source.isInitialized && source !== host) await source.destroy();
      await host.destroy();
      await created.drop();
    },
  };
}

/** A fresh postback of nobody. */
export function postbackRow(more: Partial<PostbackRow> = {}): PostbackRow {
  return {
    expected: null,
    id: uuidV7(Date.now()),
    tenant_id: 'default',
    integration_id: INTEGRATION,
    status: 'rejected',
    code: 'event_missing',
    message_args: null,
    message_parameter: null,
    warnings: null,
    event: null,
    reported_event: null,
    click_id: null,
    click_seq: null,
    chat_id: null,
    tid: null,
    cost: null,
    currency: null,
    conversion_id: null,
    method: 'GET',
    target: '/postback?a=b',
    path_event: null,
    body_type: null,
    body: null,
    raw_sha256: null,
    address: null,
    forwarded_for: null,
    admission: null,
    received_at: Date.now(),
    judged_at: null,
    duration_ms: null,
    erased_at: null,
    test: false,
    parked_until: null,
    retry_in: null,
    attempts: 0,
    lane: null,
    ...more,
  };
}

/** What a postback of a click says that changes nothing about it. */
export function nameClick({ seq, clickId, chatId }: Click): Partial<PostbackRow> {
  return { status: 'duplicate', code: 'same_request', click_id: clickId, click_seq: seq, chat_id: chatId };
}

export function conversionRow(click: Click, more: Partial<ConversionRow> = {}): ConversionRow {
  return {
    id: uuidV7(Date.now()),
    click_seq: click.seq,
    tid: null,
    tid_key: null,
    tidless_sale: false,
    cost: null,
    currency: null,
    cost_raw: null,
    fields: '{}',
    reversed_at: null,
    reversed_by: null,
    reversal_hash: null,
    voided_at: null,
    replaced_by: null,
    tenant_id: 'default',
    integration_id: INTEGRATION,
    click_id: click.clickId,
    chat_id: click.chatId,
    campaign_id: null,
    event: 'sale',
    reported_event: 'sale',
    ordinal: 1,
    request_hash: 'hash',
    received_at: Date.now(),
    postback_id: uuidV7(Date.now()),
    reason: null,
    test: false,
    ...more,
  };
}

export function eventRow(click: Click | null, more: Partial<EventRow> = {}): EventRow {
  return {
    id: uuidV7(Date.now()),
    tenant_id: 'default',
    name: 'sale',
    ordinal: 1,
    click_seq: click?.seq ?? null,
    conversion_id: null,
    postback_id: uuidV7(Date.now()),
    payload: '{}',
    created_at: Date.now(),
    lane: click?.seq ?? null,
    n: 0,
    ...more,
  };
}

export function batch(more: Partial<BatchWrite>): BatchWrite {
  return { lanes: [], postbacks: [], conversions: [], events: [], patches: [], ...more };
}

/** One postback that records one conversion of a click, with its event. */
export function recording(
  click: Click,
  revision: number,
  conversion: Partial<ConversionRow> = {},
): BatchWrite {
  const recorded = conversionRow(click, conversion);
  const { id: conversionId, event, ordinal, postback_id: id } = recorded;
  return batch({
    lanes: [{ seq: click.seq, revision }],
    postbacks: [
      postbackRow({
        ...nameClick(click),
        id,
        status: 'accepted',
        code: 'ok',
        event,
        tid: recorded.tid,
        conversion_id: conversionId,
        lane: click.seq,
      }),
    ],
    conversions: [recorded],
    events: [eventRow(click, { name: event, ordinal, conversion_id: conversionId, postback_id: id })],
  });
}

/** Several batches as one, their clicks in the order given. */
export function merged(...batches: readonly BatchWrite[]): BatchWrite {
  return batch({
    lanes: batches.flatMap(({ lanes }) => lanes),
    postbacks: batches.flatMap(({ postbacks }) => postbacks),
    conversions: batches.flatMap(({ conversions }) => conversions),
    events: batches.flatMap(({ events }) => events).map((event, n) => ({ ...event, n })),
    patches: batches.flatMap(({ patches }) => patches),
  });
}

export const NOTHING: WriteResult = { won: new Set(), kept: new Set(), deliveries: 0, reversals: [] };
