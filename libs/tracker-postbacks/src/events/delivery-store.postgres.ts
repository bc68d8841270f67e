import { type DataSource } from 'typeorm';
import { databaseNow } from '../database/database-clock';
import { jsonParameter } from '../database/json-parameter';
import { tableName } from '../database/table-name';
import { type TrackerDatabase } from '../database/tracker-database';
import { claimedDelivery, type ClaimedRow, type Look, outlook, resultRow } from './delivery-rows';
import { type ClaimSettings, DeliveryStore } from './delivery-store';
import {
  type Claim,
  type DeliveryResult,
  type Finished,
  HELD_BACK_MS,
  type HandlerPlaces,
  type Lease,
  MAX_CRASHES,
  SUSPICIOUS_CRASHES,
} from './delivery-store.types';
import { TrackerDelivery } from './delivery.entity';
import { TrackerEventRow } from './event.entity';

const now = databaseNow('postgres');

/** What a claim tells beside what it claimed, in every row. */
interface ClaimSummary {
  readonly held: number;
  readonly looks: Readonly<Record<string, Look>> | null;
  readonly now: string;
}

/** Deliveries on PostgreSQL: one statement each. */
export class PostgresDeliveryStore extends DeliveryStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly database: TrackerDatabase,
  ) {
    super();
  }

  override async claim(
    handlers: readonly HandlerPlaces[],
    { token, leaseMs, look, recheckMs, alone }: ClaimSettings,
  ): Promise<Claim> {
    const rows = await this.database.query<(ClaimedRow | { readonly id: null }) & ClaimSummary>(
      this.claimSql(look),
      [
        handlers.map(({ handler }) => handler),
        handlers.map(({ places }) => places),
        handlers.map(({ since }) => since),
        token,
        leaseMs,
        recheckMs,
        alone,
      ],
      `claim_${look}`,
    );
    return {
      deliveries: rows.flatMap((row) => (row.id === null ? [] : [claimedDelivery(row, token)])),
      heldBack: rows[0]?.held ?? 0,
      ...outlook(
        handlers.map(
          ({ handler }) =>
            rows[0]?.looks?.[handler] ?? { handler, seen: 0, last: null, untaken: null, suspects: 0 },
        ),
        look,
        Number(rows[0]?.now),
      ),
    };
  }

  override async release(leases: readonly Lease[]): Promise<void> {
    await this.database.query(
      `UPDATE ${this.deliveries()} d SET lease_token = NULL, lease_until = NULL, attempts = d.attempts - 1
       FROM json_to_recordset($1::json) AS x(id bigint, token uuid)
       WHERE d.id = ANY($2::bigint[]) AND d.id = x.id AND d.lease_token = x.token`,
      leasesOf(leases),
    );
  }

  override async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(
      `UPDATE ${this.deliveries()} d SET lease_until = ${now} + $3::bigint
       FROM json_to_recordset($1::json) AS x(id bigint, token uuid)
       WHERE d.id = ANY($2::bigint[]) AND d.id = x.id AND d.lease_token = x.token
       RETURNING d.id::text AS id`,
      [...leasesOf(leases), leaseMs],
    );
    return rows.map(({ id }) => id);
  }

  override async finish(results: readonly DeliveryResult[]): Promise<Finished> {
    const [row] = await this.database.query<{ saved: readonly string[] | null; freed: number }>(
      this.finishSql(),
      [jsonParameter(results.map(resultRow)), results.map(({ id }) => id)],
      'finish',
    );
    return { saved: row?.saved ?? [], freed: row?.freed ?? 0 };
  }

  /**
   * Its commit does not wait for the disk: a crash of the server that undoes it leaves a delivery to be claimed again.
   *
   * @param look stands in the text: of a limit that it does not know the planner believes that it is a tenth of the table
   */
  private claimSql(look: number): string {
    const deliveries = this.deliveries();
    const crashes = `d.crashes + CASE WHEN d.lease_token IS NULL THEN 0 ELSE 1 END`;
    // Updates find their rows by an array: joined to a row set whose size it guesses, the planner may read the table.
    return `
      WITH seen AS MATERIALIZED (
        SELECT c.*, w.places, (
          SELECT CASE WHEN p.lease_until >= ${now} OR p.due_at <= ${now} THEN ${now} + $6::bigint
            ELSE p.due_at + ${HELD_BACK_MS} END
          FROM ${deliveries} p
          WHERE p.click_seq = c.click_seq AND p.handler = c.handler AND p.event_seq < c.event_seq AND p.status = 'pending'
          ORDER BY p.event_seq DESC LIMIT 1
        ) AS held_by_earlier, CASE WHEN c.requeued THEN (
          SELECT ${now} + $6::bigint FROM ${deliveries} l
          WHERE l.click_seq = c.click_seq AND l.handler = c.handler AND l.event_seq > c.event_seq
            AND l.status = 'pending' AND l.lease_until >= ${now}
          LIMIT 1
        ) END AS held_by_later
        FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS w(handler, places, since) CROSS JOIN LATERAL (
          SELECT d.id, d.handler, d.click_seq, d.event_seq, d.due_at,
            d.attempts = 0 AND d.errors IS NOT NULL AS requeued, ${crashes} >= ${SUSPICIOUS_CRASHES} AS suspect
          FROM ${deliveries} d
          WHERE d.status = 'pending' AND d.handler = w.handler AND d.due_at >= w.since AND d.due_at <= ${now}
            AND (d.lease_until IS NULL OR d.lease_until < ${now})
          ORDER BY d.due_at, d.id LIMIT ${look} FOR UPDATE SKIP LOCKED
        ) c
      ),
      held AS MATERIALIZED (
        SELECT s.id, coalesce(s.held_by_earlier, s.held_by_later) AS until FROM seen s
        WHERE s.held_by_earlier IS NOT NULL OR s.held_by_later IS NOT NULL
      ),
      put_off AS (
        UPDATE ${deliveries} d SET due_at = h.until FROM held h
        WHERE d.id = ANY(ARRAY(SELECT id FROM held)) AND d.id = h.id
        RETURNING 1
      ),
      free AS (
        SELECT s.id, s.due_at, s.suspect, s.suspect = $7 AND s.places >=
            row_number() OVER (PARTITION BY s.handler, s.suspect ORDER BY s.due_at, s.id) AS taken
        FROM seen s
        WHERE s.held_by_earlier IS NULL AND s.held_by_later IS NULL
      ),
      claimed AS (
        UPDATE ${deliveries} d
        SET lease_token = $4::uuid, lease_until = ${now} + $5::bigint, crashes = ${crashes},
          attempts = d.attempts + CASE WHEN ${crashes} < ${MAX_CRASHES} THEN 1 ELSE 0 END
        WHERE d.id = ANY(ARRAY(SELECT f.id FROM free f WHERE f.taken))
        RETURNING d.id, d.handler, d.attempts, d.crashes, d.event_id, d.errors
      )
      SELECT (SELECT set_config('synchronous_commit', 'off', true)), (SELECT count(*)::integer FROM put_off) AS held, (
          SELECT json_object_agg(l.handler, l) FROM (
            SELECT s.handler, count(*) AS seen, max(s.due_at) AS last,
              min(f.due_at) FILTER (WHERE NOT f.taken) AS untaken,
              count(*) FILTER (WHERE f.suspect AND NOT f.taken) AS suspects
            FROM seen s LEFT JOIN free f ON f.id = s.id GROUP BY s.handler
          ) l
        ) AS looks, ${now} AS now, c.id::text AS id, c.handler, c.attempts AS attempt, c.crashes,
        c.errors, e.id AS "eventId", e.seq AS "eventSeq", e.name, e.payload, e.erased_at IS NOT NULL AS erased
      FROM (SELECT) one LEFT JOIN (
        claimed c JOIN ${tableName(this.dataSource, TrackerEventRow)} e ON e.id = c.event_id
      ) ON true
      ORDER BY e.seq`;
  }

  private finishSql(): string {
    const deliveries = this.deliveries();
    return `
      WITH ended AS (
        UPDATE ${deliveries} d
        SET status = x.status, due_at = CASE WHEN x.status = 'pending' THEN ${now} + x.retry_in ELSE d.due_at END,
          lease_token = NULL, lease_until = NULL, crashes = 0, errors = coalesce(x.errors, d.errors),
          finished_at = CASE WHEN x.status = 'pending' THEN NULL ELSE ${now} END
        FROM json_to_recordset($1::json) AS x(id bigint, token uuid, status text, retry_in bigint, errors text)
        WHERE d.id = ANY($2::bigint[]) AND d.id = x.id AND d.lease_token = x.token
        RETURNING d.id, d.click_seq, d.handler, d.event_seq, d.status
      ),
      freed AS (
        UPDATE ${deliveries} d SET due_at = ${now}
        WHERE d.due_at > ${now} AND d.id = ANY(ARRAY(
          SELECT (
            SELECT f.id FROM ${deliveries} f
            WHERE f.click_seq = e.click_seq AND f.handler = e.handler AND f.event_seq > e.event_seq
              AND f.status = 'pending'
            ORDER BY f.event_seq LIMIT 1
          ) FROM ended e WHERE e.status <> 'pending'
        ))
        RETURNING 1
      )
      SELECT (SELECT json_agg(id::text) FROM ended) AS saved, (SELECT count(*)::integer FROM freed) AS freed`;
  }

  private deliveries(): string {
    return tableName(this.dataSource, TrackerDelivery);
  }
}

function leasesOf(leases: readonly Lease[]): readonly unknown[] {
  return [jsonParameter(leases.map(({ id, token }) => ({ id, token }))), leases.map(({ id }) => id)];
}
