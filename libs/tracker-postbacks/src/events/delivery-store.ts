import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow } from '../database/database-clock';
import { jsonParameter } from '../database/json-parameter';
import { TrackerDatabase } from '../database/tracker-database';
import { tableName } from '../database/table-name';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { TrackerDelivery } from './delivery.entity';
import { TrackerEventRow } from './event.entity';
import { TrackerHandler } from './handler.entity';

/** One delivery taken over by this process for one attempt. */
export interface ClaimedDelivery {
  readonly id: string;
  readonly handler: string;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  readonly token: string;
  readonly eventId: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
}

/** How an attempt ended. */
export interface DeliveryResult {
  readonly id: string;
  readonly token: string;
  readonly status: 'pending' | 'done' | 'parked';
  /** Milliseconds from the database's now until the next attempt. */
  readonly retryIn: number;
  /** Added to the delivery's errors; null for a success. */
  readonly error: { readonly attempt: number; readonly at: string; readonly message: string } | null;
}

export interface HandlerRegistration {
  readonly name: string;
  readonly targets: readonly string[];
  readonly from: 'now' | 'beginning';
}

const KEPT_ERRORS = 20;

/** The SQL of deliveries: claims with a lease and a random token, results that count only under that token. */
@Injectable()
export class DeliveryStore {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
  ) {}

  /**
   * Makes these handlers known. A new one gets the events from now on; with `beginning`, and when no handler was ever
   * known before, also every event still kept: what nobody could have handled yet must not count as handled.
   */
  async register(handlers: readonly HandlerRegistration[]): Promise<void> {
    const { handlerTable, events, deliveries } = this.tables();
    await this.dataSource.transaction(async ({ queryRunner }) => {
      if (queryRunner === undefined) throw new TypeError('A transaction has a query runner.');
      // Two processes that start together must not both believe to be the first.
      await queryRunner.query(`LOCK TABLE ${handlerTable} IN SHARE ROW EXCLUSIVE MODE`);
      const known = (await queryRunner.query(`SELECT name FROM ${handlerTable}`)) as { name: string }[];
      const names = new Set(known.map(({ name }) => name));
      if (handlers.some(({ name }) => !names.has(name))) {
        // Batches that do not see a new handler are waited for, and later ones see it: no event falls between.
        await queryRunner.query(`LOCK TABLE ${handlerTable} IN ACCESS EXCLUSIVE MODE`);
      }
      await queryRunner.query(
        `INSERT INTO ${handlerTable} (name, events, first_registered_at, last_registered_at)
         SELECT name, events, ${databaseNow}, ${databaseNow}
         FROM json_to_recordset($1::json) AS x(name text, events text) ORDER BY name
         ON CONFLICT (name) DO UPDATE SET events = excluded.events, last_registered_at = excluded.last_registered_at`,
        [jsonParameter(handlers.map(({ name, targets }) => ({ name, events: ` ${targets.join(' ')} ` })))],
      );
      const catchingUp = handlers.filter(
        ({ name, from }) => !names.has(name) && (from === 'beginning' || names.size === 0),
      );
      if (catchingUp.length === 0) return;
      await queryRunner.query(
        `INSERT INTO ${deliveries} (event_id, event_seq, click_seq, handler, status, due_at)
         SELECT e.id, e.seq, e.click_seq, h.name, 'pending', ${databaseNow}
         FROM ${events} e JOIN ${handlerTable} h ON strpos(h.events, ' * ') > 0
           OR strpos(h.events, ' ' || e.name || ' ') > 0
           OR strpos(h.events, ' ' || e.name || '#' || e.ordinal || ' ') > 0
         WHERE h.name IN (SELECT json_array_elements_text($1::json)) AND e.erased_at IS NULL
         ORDER BY e.seq
         ON CONFLICT DO NOTHING`,
        [jsonParameter(catchingUp.map(({ name }) => name))],
      );
    });
  }

  /**
   * Takes over due deliveries of these handlers for one attempt each. Of one click and handler only the earliest
   * unfinished one is ever due, so a retried event holds back those recorded after it.
   */
  async claim(
    handlers: readonly string[],
    limit: number,
    token: string,
    leaseMs: number,
  ): Promise<readonly ClaimedDelivery[]> {
    const { events, deliveries } = this.tables();
    return this.database.query(
      `WITH due AS (
         SELECT d.id FROM ${deliveries} d
         WHERE d.status = 'pending' AND d.due_at <= ${databaseNow}
           AND (d.lease_until IS NULL OR d.lease_until < ${databaseNow})
           AND d.handler = ANY($1::text[])
           AND NOT EXISTS (
             SELECT 1 FROM ${deliveries} earlier
             WHERE earlier.click_seq = d.click_seq AND earlier.handler = d.handler
               AND earlier.event_seq < d.event_seq AND earlier.status = 'pending'
             -- Asked row by row in order of the index, so that a backlog is not read whole to find the next few.
             OFFSET 0
           )
         ORDER BY d.due_at, d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED
       ),
       claimed AS (
         UPDATE ${deliveries} d
         SET lease_token = $3::uuid, lease_until = ${databaseNow} + $4::bigint, attempts = d.attempts + 1
         FROM due WHERE d.id = due.id
         RETURNING d.id, d.handler, d.attempts, d.event_id
       )
       SELECT c.id::text AS id, c.handler, c.attempts AS attempt, $3::text AS token,
         e.id AS "eventId", e.name, e.payload
       FROM claimed c JOIN ${events} e ON e.id = c.event_id
       ORDER BY e.seq`,
      [handlers, limit, token, leaseMs],
      'claim',
    );
  }

  /** Gives back what was claimed and not begun. */
  async release(leased: readonly { readonly id: string; readonly token: string }[]): Promise<void> {
    await this.database.query(
      `UPDATE ${this.tables().deliveries} d SET lease_token = NULL, lease_until = NULL, attempts = d.attempts - 1
       FROM json_to_recordset($1::json) AS x(id bigint, token uuid)
       WHERE d.id = x.id AND d.lease_token = x.token`,
      [jsonParameter(leased.map(({ id, token }) => ({ id, token })))],
    );
  }

  /** Keeps leases that are still our own from running out. */
  async renew(
    leased: readonly { readonly id: string; readonly token: string }[],
    leaseMs: number,
  ): Promise<void> {
    await this.database.query(
      `UPDATE ${this.tables().deliveries} d SET lease_until = ${databaseNow} + $2::bigint
       FROM json_to_recordset($1::json) AS x(id bigint, token uuid)
       WHERE d.id = x.id AND d.lease_token = x.token`,
      [jsonParameter(leased.map(({ id, token }) => ({ id, token }))), leaseMs],
    );
  }

  /** Writes how attempts ended, each only while its lease is still its own. */
  async finish(results: readonly DeliveryResult[]): Promise<void> {
    const { deliveries } = this.tables();
    const rows = results.map(({ id, token, status, retryIn, error }) => ({
      id,
      token,
      status,
      retry_in: retryIn,
      error: error === null ? null : JSON.stringify(error),
    }));
    await this.database.query(
      `UPDATE ${deliveries} d
       SET status = x.status, due_at = CASE WHEN x.status = 'pending' THEN ${databaseNow} + x.retry_in ELSE d.due_at END,
         lease_token = NULL, lease_until = NULL,
         finished_at = CASE WHEN x.status = 'pending' THEN NULL ELSE ${databaseNow} END,
         errors = CASE WHEN x.error IS NULL THEN d.errors ELSE (
           SELECT json_agg(kept.value ORDER BY kept.n)::text FROM (
             SELECT value, n FROM (
               SELECT value, ordinality AS n FROM json_array_elements(coalesce(d.errors, '[]')::json) WITH ORDINALITY
               UNION ALL SELECT x.error::json, 2147483647
             ) every ORDER BY n DESC LIMIT ${KEPT_ERRORS}
           ) kept
         ) END
       FROM json_to_recordset($1::json) AS x(id bigint, token uuid, status text, retry_in bigint, error text)
       WHERE d.id = ANY($2::bigint[]) AND d.id = x.id AND d.lease_token = x.token`,
      [jsonParameter(rows), rows.map(({ id }) => id)],
      'finish',
    );
  }

  private tables(): { readonly handlerTable: string; readonly events: string; readonly deliveries: string } {
    return {
      handlerTable: tableName(this.dataSource, TrackerHandler),
      events: tableName(this.dataSource, TrackerEventRow),
      deliveries: tableName(this.dataSource, TrackerDelivery),
    };
  }
}
