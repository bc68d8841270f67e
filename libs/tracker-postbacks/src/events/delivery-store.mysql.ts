import { type DataSource } from 'typeorm';
import { databaseNow } from '../database/database-clock';
import { tableName } from '../database/table-name';
import { type TrackerDatabase } from '../database/tracker-database';
import { tuples, tuplesParameter } from '../database/tuples';
import {
  claimedDelivery,
  type ClaimedRow,
  LEASE,
  outlook,
  placesOf,
  RESULT,
  resultRow,
} from './delivery-rows';
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

const now = databaseNow('mysql');
const DUE = { id: 'integer', held: 'integer', crashes: 'integer', taken: 'boolean' } as const;
const LOOKED = tuples('mysql', '@looked', DUE);
const SEEN = tuples('mysql', '@seen', DUE);
const LEASES = tuples('mysql', '@leases', LEASE);
const RESULTS = tuples('mysql', '@results', RESULT);
// Named, not left to the planner: while a table grows its statistics lie behind, and a claim that looked for earlier events
// by any other index read the table for every row, 3 s instead of 4 ms at 20,000 deliveries.
const BY_DUE = 'FORCE INDEX (tracker_deliveries_due)';
const BY_ORDER = 'FORCE INDEX (tracker_deliveries_order)';
const IDS = (variable: string): string => tuples('mysql', variable, { id: 'integer' });

/**
 * Deliveries on MySQL and MariaDB. What is read of the table goes through a variable into the statement that writes it:
 * MySQL does not let one statement do both.
 */
export class MysqlDeliveryStore extends DeliveryStore {
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
    const deliveries = this.deliveries();
    const answers = await this.database.atomically(
      { token, lease: leaseMs, recheck: recheckMs, alone: Number(alone), ...placesOf(handlers) },
      [
        ...handlers.map((_, n) => this.see(n, look)),
        `SET @looked = JSON_MERGE_PRESERVE('[]', ${handlers.map((_, n) => `@seen${n}`).join(', ')})`,
        // Locking reads see what was committed after their statement began, and the look at earlier ones in it does not:
        // what such a commit brought is told apart by a statement that begins now.
        `SELECT coalesce(JSON_ARRAYAGG(JSON_ARRAY(s.id, s.held, s.crashes, s.taken = 1 AND NOT EXISTS (
             SELECT 1 FROM ${deliveries} p ${BY_ORDER}
             WHERE p.click_seq = d.click_seq AND p.handler = d.handler AND p.status = 'pending'
               AND p.event_seq < d.event_seq
           ))), '[]') INTO @seen
         FROM ${LOOKED} s STRAIGHT_JOIN ${deliveries} d ON d.id = s.id`,
        `UPDATE ${SEEN} s STRAIGHT_JOIN ${deliveries} d ON d.id = s.id SET d.due_at = s.held WHERE s.held IS NOT NULL`,
        'SELECT row_count() AS held',
        `UPDATE ${SEEN} s STRAIGHT_JOIN ${deliveries} d ON d.id = s.id
         SET d.lease_token = @token, d.lease_until = ${now} + @lease, d.crashes = s.crashes,
           d.attempts = d.attempts + CASE WHEN s.crashes < ${MAX_CRASHES} THEN 1 ELSE 0 END
         WHERE s.taken = 1`,
        `SELECT ${now} AS now, ${handlers.map((_, n) => `@count${n} AS count${n}, @last${n} AS last${n}, @untaken${n} AS untaken${n}, @suspects${n} AS suspects${n}`).join(', ')}`,
        `SELECT d.id, d.handler, d.attempts AS attempt, d.crashes, d.errors, e.id AS eventId, e.seq AS eventSeq, e.name,
           e.payload, e.erased_at IS NOT NULL AS erased
         FROM ${SEEN} s STRAIGHT_JOIN ${deliveries} d ON d.id = s.id
         STRAIGHT_JOIN ${tableName(this.dataSource, TrackerEventRow)} e ON e.id = d.event_id
         WHERE s.taken = 1 ORDER BY e.seq`,
      ],
    );
    const rows = (answers.at(-1) ?? []) as unknown as readonly ClaimedRow[];
    const looks = answers.at(-2)?.[0] ?? {};
    return {
      deliveries: rows.map((row) => claimedDelivery(row, token)),
      heldBack: Number(answers.at(-4)?.[0]?.['held'] ?? 0),
      ...outlook(
        handlers.map(({ handler }, n) => ({
          handler,
          seen: looks[`count${n}`] as string,
          last: looks[`last${n}`] as string | null,
          untaken: looks[`untaken${n}`] as string | null,
          suspects: looks[`suspects${n}`] as string | null,
        })),
        look,
        Number(looks['now']),
      ),
    };
  }

  override async release(leases: readonly Lease[]): Promise<void> {
    await this.database.atomically({ leases: tuplesParameter(leases, LEASE) }, [
      `UPDATE ${LEASES} x STRAIGHT_JOIN ${this.deliveries()} d ON d.id = x.id
       SET d.lease_token = NULL, d.lease_until = NULL, d.attempts = d.attempts - 1 WHERE d.lease_token = x.token`,
    ]);
  }

  override async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly string[]> {
    const held = `${LEASES} x STRAIGHT_JOIN ${this.deliveries()} d ON d.id = x.id`;
    const [, rows = []] = await this.database.atomically(
      { leases: tuplesParameter(leases, LEASE), lease: leaseMs },
      [
        `UPDATE ${held} SET d.lease_until = ${now} + @lease WHERE d.lease_token = x.token`,
        `SELECT d.id FROM ${held} WHERE d.lease_token = x.token`,
      ],
    );
    return rows.map(({ id }) => String(id));
  }

  override async finish(results: readonly DeliveryResult[]): Promise<Finished> {
    const deliveries = this.deliveries();
    const held = `${RESULTS} x STRAIGHT_JOIN ${deliveries} d ON d.id = x.id`;
    const answers = await this.database.atomically(
      { results: tuplesParameter(results.map(resultRow), RESULT) },
      [
        `SELECT coalesce(JSON_ARRAYAGG(JSON_ARRAY(o.id)), '[]') INTO @own FROM (
           SELECT d.id FROM ${held} WHERE d.lease_token = x.token FOR UPDATE
         ) o`,
        `UPDATE ${held}
         SET d.status = x.status, d.due_at = CASE WHEN x.status = 'pending' THEN ${now} + x.retry_in ELSE d.due_at END,
           d.lease_token = NULL, d.lease_until = NULL, d.crashes = 0, d.errors = coalesce(x.errors, d.errors),
           d.finished_at = CASE WHEN x.status = 'pending' THEN NULL ELSE ${now} END
         WHERE d.lease_token = x.token`,
        `SELECT coalesce(JSON_ARRAYAGG(JSON_ARRAY(n.id)), '[]') INTO @next FROM (
           SELECT (
             SELECT f.id FROM ${deliveries} f ${BY_ORDER}
             WHERE f.click_seq = d.click_seq AND f.handler = d.handler AND f.status = 'pending'
               AND f.event_seq > d.event_seq
             ORDER BY f.event_seq LIMIT 1
           ) AS id FROM ${IDS('@own')} o STRAIGHT_JOIN ${deliveries} d ON d.id = o.id WHERE d.status <> 'pending'
         ) n WHERE n.id IS NOT NULL`,
        `UPDATE ${IDS('@next')} n STRAIGHT_JOIN ${deliveries} d ON d.id = n.id SET d.due_at = ${now} WHERE d.due_at > ${now}`,
        'SELECT row_count() AS freed',
        `SELECT id FROM ${IDS('@own')} o`,
      ],
    );
    return {
      saved: (answers.at(-1) ?? []).map(({ id }) => String(id)),
      freed: Number(answers.at(-2)?.[0]?.['freed'] ?? 0),
    };
  }

  /** The few first due deliveries of the n-th handler, locked: those to be put off, and as many others as it has places. */
  private see(n: number, look: number): string {
    const deliveries = this.deliveries();
    const suspect = `c.crashes >= ${SUSPICIOUS_CRASHES}`;
    return `
      SELECT coalesce(JSON_ARRAYAGG(JSON_ARRAY(s.id, s.held, s.crashes, s.taken)), '[]'), count(*), max(s.due_at),
        min(CASE WHEN s.held IS NULL AND NOT s.taken THEN s.due_at END),
        sum(s.held IS NULL AND NOT s.taken AND s.suspect)
        INTO @seen${n}, @count${n}, @last${n}, @untaken${n}, @suspects${n}
      FROM (
        SELECT c.*, ${suspect} AS suspect, c.held IS NULL AND (${suspect}) = @alone AND @places${n} >=
          row_number() OVER (PARTITION BY c.held IS NULL, ${suspect} ORDER BY c.due_at, c.id) AS taken FROM (
          SELECT d.id, d.due_at, d.crashes + (d.lease_token IS NOT NULL) AS crashes, coalesce((
            SELECT CASE WHEN p.lease_until >= ${now} OR p.due_at <= ${now} THEN ${now} + @recheck
              ELSE p.due_at + ${HELD_BACK_MS} END
            FROM ${deliveries} p ${BY_ORDER}
            WHERE p.click_seq = d.click_seq AND p.handler = d.handler AND p.status = 'pending'
              AND p.event_seq < d.event_seq
            ORDER BY p.event_seq DESC LIMIT 1
          ), CASE WHEN d.attempts = 0 AND d.errors IS NOT NULL THEN (
            SELECT ${now} + @recheck FROM ${deliveries} l ${BY_ORDER}
            WHERE l.click_seq = d.click_seq AND l.handler = d.handler AND l.status = 'pending'
              AND l.event_seq > d.event_seq AND l.lease_until >= ${now}
            LIMIT 1
          ) END) AS held
          FROM ${deliveries} d ${BY_DUE}
          WHERE d.handler = @handler${n} AND d.status = 'pending' AND d.due_at >= @since${n} AND d.due_at <= ${now}
            AND (d.lease_until IS NULL OR d.lease_until < ${now})
          ORDER BY d.due_at, d.id LIMIT ${look} FOR UPDATE SKIP LOCKED
        ) c
      ) s`;
  }

  private deliveries(): string {
    return tableName(this.dataSource, TrackerDelivery);
  }
}
