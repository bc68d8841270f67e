import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { tableName } from '../database/table-name';
import { uuidV7Floor } from '../database/uuid-v7';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerPostback } from '../postbacks/postback.entity';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';

/** A few neighbouring rows that were looked at. */
export interface Window {
  /** Where the next look begins; null once nothing older than the limit follows. */
  readonly next: string | null;
  readonly deleted: number;
}

interface WindowRow {
  readonly last: string | null;
  readonly seen: number;
  readonly deleted: number;
}

/**
 * The SQL of retention. Each statement looks at a bounded window of the oldest rows, deletes those that may go and steps
 * over rows that somebody else is at: it neither waits for another writer nor makes one wait.
 */
@Injectable()
export class RetentionStore {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /**
   * Deletes postbacks of before `cutoff` with their events: an event never outlives its postback, by which an erasure
   * finds it. Deferred and waiting ones stay, and those with an event that is still to be delivered.
   *
   * @param after id of the last row seen
   * @param cutoff milliseconds since the epoch
   * @param now milliseconds since the epoch, for what still waits for its click
   */
  async deletePostbacks(after: string | null, cutoff: number, now: number, limit: number): Promise<Window> {
    const { postbacks, events, deliveries } = this.tables();
    return this.window(
      `WITH seen AS (
         SELECT id FROM ${postbacks} WHERE id > $1::uuid AND id < $2::uuid ORDER BY id LIMIT $3
       ),
       old AS (
         SELECT p.id FROM ${postbacks} p
         WHERE p.id IN (SELECT id FROM seen) AND p.status <> 'deferred'
           AND NOT (p.status = 'unmatched' AND coalesce(p.parked_until, 0) > $4)
           AND NOT EXISTS (
             SELECT 1 FROM ${events} e JOIN ${deliveries} d ON d.event_id = e.id
             WHERE e.postback_id = p.id AND d.status = 'pending'
           )
         FOR UPDATE SKIP LOCKED
       ),
       gone_events AS (DELETE FROM ${events} e USING old WHERE e.postback_id = old.id RETURNING e.id),
       gone_deliveries AS (DELETE FROM ${deliveries} d USING gone_events e WHERE d.event_id = e.id),
       gone AS (DELETE FROM ${postbacks} p USING old WHERE p.id = old.id RETURNING 1)
       SELECT (SELECT max(id::text) FROM seen) AS last, (SELECT count(*)::integer FROM seen) AS seen,
         (SELECT count(*)::integer FROM gone) AS deleted`,
      // Ids are UUIDv7 of the arrival: a range of time is a range of the primary key.
      [after ?? uuidV7Floor(0), uuidV7Floor(cutoff), limit, now],
      limit,
    );
  }

  /**
   * Deletes events recorded before `cutoff`, unless a delivery is pending.
   *
   * @param after `seq` of the last row seen
   * @param cutoff milliseconds since the epoch
   */
  async deleteEvents(after: string | null, cutoff: number, limit: number): Promise<Window> {
    const { events, deliveries } = this.tables();
    return this.window(
      // In the order of recording: the id of an event tells when its postback came, which may have been long before.
      `WITH seen AS (
         SELECT id, seq, created_at < $2 AS is_old FROM ${events} WHERE seq > $1::bigint ORDER BY seq LIMIT $3
       ),
       old AS (
         SELECT e.id FROM ${events} e
         WHERE e.id IN (SELECT id FROM seen WHERE is_old) AND NOT EXISTS (
           SELECT 1 FROM ${deliveries} d WHERE d.event_id = e.id AND d.status = 'pending'
         )
         FOR UPDATE SKIP LOCKED
       ),
       gone_deliveries AS (DELETE FROM ${deliveries} d USING old WHERE d.event_id = old.id),
       gone AS (DELETE FROM ${events} e USING old WHERE e.id = old.id RETURNING 1)
       SELECT (SELECT max(seq)::text FROM seen) AS last, (SELECT count(*)::integer FROM seen WHERE is_old) AS seen,
         (SELECT count(*)::integer FROM gone) AS deleted`,
      [after ?? '0', cutoff, limit],
      limit,
    );
  }

  private async window(sql: string, parameters: readonly unknown[], limit: number): Promise<Window> {
    const rows = await this.dataSource.query<readonly WindowRow[]>(sql, [...parameters]);
    const { last = null, seen = 0, deleted = 0 } = rows[0] ?? {};
    return { next: seen < limit ? null : last, deleted };
  }

  private tables(): { readonly postbacks: string; readonly events: string; readonly deliveries: string } {
    return {
      postbacks: tableName(this.dataSource, TrackerPostback),
      events: tableName(this.dataSource, TrackerEventRow),
      deliveries: tableName(this.dataSource, TrackerDelivery),
    };
  }
}
