import { type DataSource } from 'typeorm';
import { databaseNow } from '../database/database-clock';
import { tableName } from '../database/table-name';
import { type TrackerDatabase } from '../database/tracker-database';
import { tuples, tuplesParameter } from '../database/tuples';
import {
  claimedDelivery,
  type ClaimedRow,
  LEASE,
  type Look,
  outlook,
  placesOf,
  RESULT,
  resultRow,
} from './delivery-rows';
import { type ClaimSettings, DeliveryStore } from './delivery-store';
import {
  type Claim,
  type ClaimedDelivery,
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

const now = databaseNow('sqlite');
const LEASES = tuples('sqlite', '@leases', LEASE);
const RESULTS = tuples('sqlite', '@results', RESULT);

type EventColumns = Pick<ClaimedRow, 'eventSeq' | 'name' | 'payload' | 'erased'>;

/** Deliveries on SQLite. Its one writer has the database to itself, so that nothing is ever locked or passed over. */
export class SqliteDeliveryStore extends DeliveryStore {
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
    const answers = await this.database.atomically(
      { token, lease: leaseMs, look, recheck: recheckMs, alone: Number(alone), ...placesOf(handlers) },
      handlers.flatMap((_, n) => [this.looked(n), this.putOff(n), this.take(n)]),
    );
    const rows = answers.filter((_, n) => n % 3 === 2).flat() as unknown as readonly (ClaimedRow & {
      readonly event: string;
    })[];
    return {
      deliveries: rows
        .map(({ event, ...row }) =>
          claimedDelivery({ ...row, ...(JSON.parse(event) as EventColumns) }, token),
        )
        .sort(byEvent),
      heldBack: answers.filter((_, n) => n % 3 === 1).flat().length,
      ...outlook(
        handlers.map(({ handler }, n) => ({
          handler,
          ...(answers[3 * n]?.[0] as unknown as Omit<Look, 'handler'>),
        })),
        look,
        Number(answers[0]?.[0]?.['now']),
      ),
    };
  }

  override async release(leases: readonly Lease[]): Promise<void> {
    await this.database.atomically({ leases: tuplesParameter(leases, LEASE) }, [
      `UPDATE ${this.deliveries()} AS d SET lease_token = NULL, lease_until = NULL, attempts = d.attempts - 1
       FROM ${LEASES} x WHERE d.id = x.id AND d.lease_token = x.token`,
    ]);
  }

  override async renew(leases: readonly Lease[], leaseMs: number): Promise<readonly string[]> {
    const [rows = []] = await this.database.atomically(
      { leases: tuplesParameter(leases, LEASE), lease: leaseMs },
      [
        `UPDATE ${this.deliveries()} AS d SET lease_until = ${now} + @lease
         FROM ${LEASES} x WHERE d.id = x.id AND d.lease_token = x.token RETURNING id`,
      ],
    );
    return rows.map(({ id }) => String(id));
  }

  override async finish(results: readonly DeliveryResult[]): Promise<Finished> {
    const deliveries = this.deliveries();
    const [saved = [], freed = []] = await this.database.atomically(
      { results: tuplesParameter(results.map(resultRow), RESULT) },
      [
        `UPDATE ${deliveries} AS d
         SET status = x.status, due_at = CASE WHEN x.status = 'pending' THEN ${now} + x.retry_in ELSE d.due_at END,
           lease_token = NULL, lease_until = NULL, crashes = 0, errors = coalesce(x.errors, d.errors),
           finished_at = CASE WHEN x.status = 'pending' THEN NULL ELSE ${now} END
         FROM ${RESULTS} x WHERE d.id = x.id AND d.lease_token = x.token RETURNING id`,
        `UPDATE ${deliveries} SET due_at = ${now} WHERE due_at > ${now} AND id IN (
           SELECT (
             SELECT f.id FROM ${deliveries} f
             WHERE f.click_seq = d.click_seq AND f.handler = d.handler AND f.status = 'pending'
               AND f.event_seq > d.event_seq
             ORDER BY f.event_seq LIMIT 1
           ) FROM ${RESULTS} x JOIN ${deliveries} d ON d.id = x.id WHERE d.status <> 'pending'
         ) RETURNING id`,
      ],
    );
    return { saved: saved.map(({ id }) => String(id)), freed: freed.length };
  }

  private looked(n: number): string {
    return `SELECT count(*) AS seen, max(due_at) AS last, ${now} AS now,
        min(due_at) FILTER (WHERE held IS NULL AND NOT taken) AS untaken,
        count(*) FILTER (WHERE held IS NULL AND NOT taken AND suspect) AS suspects
      FROM (${this.seen(n)})`;
  }

  private putOff(n: number): string {
    return `UPDATE ${this.deliveries()} AS d SET due_at = c.held FROM (${this.seen(n)}) c
      WHERE d.id = c.id AND c.held IS NOT NULL RETURNING id`;
  }

  private take(n: number): string {
    const crashes = 'crashes + (lease_token IS NOT NULL)';
    return `UPDATE ${this.deliveries()} SET lease_token = @token, lease_until = ${now} + @lease, crashes = ${crashes},
        attempts = attempts + (${crashes} < ${MAX_CRASHES})
      WHERE id IN (SELECT c.id FROM (${this.seen(n)}) c WHERE c.taken)
      RETURNING id, handler, attempts AS attempt, crashes, errors, event_id AS eventId, (
        SELECT json_object('eventSeq', e.seq, 'name', e.name, 'payload', e.payload, 'erased', e.erased_at IS NOT NULL)
        FROM ${tableName(this.dataSource, TrackerEventRow)} e WHERE e.id = event_id
      ) AS event`;
  }

  /**
   * The few first due deliveries of the n-th handler: until when each has to wait for another one of its click, and which
   * of the others are taken.
   */
  private seen(n: number): string {
    return `
      SELECT w.*, w.held IS NULL AND w.suspect = @alone AND @places${n} >=
        row_number() OVER (PARTITION BY w.held IS NULL, w.suspect ORDER BY w.due_at, w.id) AS taken
      FROM (${this.waits(n)}) w`;
  }

  private waits(n: number): string {
    const deliveries = this.deliveries();
    return `
      SELECT d.id, d.due_at, d.crashes + (d.lease_token IS NOT NULL) >= ${SUSPICIOUS_CRASHES} AS suspect, coalesce((
        SELECT CASE WHEN p.lease_until >= ${now} OR p.due_at <= ${now} THEN ${now} + @recheck
          ELSE p.due_at + ${HELD_BACK_MS} END
        FROM ${deliveries} p
        WHERE p.click_seq = d.click_seq AND p.handler = d.handler AND p.status = 'pending' AND p.event_seq < d.event_seq
        ORDER BY p.event_seq DESC LIMIT 1
      ), CASE WHEN d.attempts = 0 AND d.errors IS NOT NULL THEN (
        SELECT ${now} + @recheck FROM ${deliveries} l
        WHERE l.click_seq = d.click_seq AND l.handler = d.handler AND l.status = 'pending' AND l.event_seq > d.event_seq
          AND l.lease_until >= ${now}
        LIMIT 1
      ) END) AS held
      FROM (${this.first(n)}) d`;
  }

  private first(n: number): string {
    return `SELECT * FROM ${this.deliveries()}
      WHERE handler = @handler${n} AND status = 'pending' AND due_at >= @since${n} AND due_at <= ${now}
        AND (lease_until IS NULL OR lease_until < ${now})
      ORDER BY due_at, id LIMIT @look`;
  }

  private deliveries(): string {
    return tableName(this.dataSource, TrackerDelivery);
  }
}

function byEvent(a: ClaimedDelivery, b: ClaimedDelivery): number {
  return Number(BigInt(a.eventSeq) - BigInt(b.eventSeq));
}
