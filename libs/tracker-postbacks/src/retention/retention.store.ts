import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, In, LessThan } from 'typeorm';
import { portions } from '../database/portions';
import { lockingRows } from '../database/row-lock';
import { TrackerDatabase } from '../database/tracker-database';
import { uuidV7Floor } from '../database/uuid-v7';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerPostback } from '../postbacks/postback.entity';
import { TrackerRejectedCount } from '../postbacks/rejected-count.entity';

/** A few neighbouring rows that were looked at. */
export interface Window {
  /** Where the next look begins; null once nothing older than the limit follows. */
  readonly next: string | null;
  readonly deleted: number;
}

/**
 * The SQL of retention. Each transaction looks at a bounded window of the oldest rows, deletes those that may go and steps
 * over rows that somebody else is at: it neither waits for another writer nor makes one wait.
 */
@Injectable()
export class RetentionStore {
  constructor(@Inject(TrackerDatabase) private readonly database: TrackerDatabase) {}

  /**
   * Deletes postbacks of before `cutoff` with their events: an event never outlives its postback, by which an erasure
   * finds it. Deferred and waiting ones stay, and those with an event that is still to be delivered.
   *
   * @param after id of the last row seen
   * @param cutoff milliseconds since the epoch
   * @param now milliseconds since the epoch, for what still waits for its click
   */
  async deletePostbacks(after: string | null, cutoff: number, now: number, limit: number): Promise<Window> {
    return this.database.transaction(async (manager) => {
      const seen = await manager
        .createQueryBuilder(TrackerPostback, 'postback')
        .select('postback.id')
        // Ids are UUIDv7 of the arrival: a range of time is a range of the primary key.
        .where('postback.id > :after AND postback.id < :end', {
          after: after ?? uuidV7Floor(0),
          end: uuidV7Floor(cutoff),
        })
        .orderBy('postback.id')
        .limit(limit)
        .getMany();
      const next = seen.length < limit ? null : (seen.at(-1)?.id ?? null);
      if (seen.length === 0) return { next, deleted: 0 };
      const query = manager
        .createQueryBuilder(TrackerPostback, 'postback')
        .select('postback.id')
        .where('postback.id IN (:...ids)', { ids: seen.map(({ id }) => id) })
        .andWhere("postback.status <> 'deferred'")
        .andWhere("NOT (postback.status = 'unmatched' AND coalesce(postback.parkedUntil, 0) > :now)", {
          now,
        });
      const pending = query
        .subQuery()
        .select('1')
        .from(TrackerEventRow, 'event')
        .innerJoin(TrackerDelivery, 'delivery', 'delivery.eventId = event.id')
        .where("event.postbackId = postback.id AND delivery.status = 'pending'");
      query.andWhere(`NOT EXISTS ${pending.getQuery()}`);
      const old = await lockingRows(this.database.engine, query, 'skip').getMany();
      const ids = old.map(({ id }) => id);
      // Events before deliveries, as everybody locks them.
      const events = await lockingRows(
        this.database.engine,
        manager
          .createQueryBuilder(TrackerEventRow, 'event')
          .select(['event.seq', 'event.id'])
          .where({ postbackId: In(ids) }),
      ).getMany();
      await this.deleteEventRows(
        manager,
        events.map(({ id }) => id),
      );
      await manager.delete(TrackerPostback, { id: In(ids) });
      return { next, deleted: ids.length };
    });
  }

  /**
   * Deletes events recorded before `cutoff`, unless a delivery is pending.
   *
   * @param after `seq` of the last row seen
   * @param cutoff milliseconds since the epoch
   */
  async deleteEvents(after: string | null, cutoff: number, limit: number): Promise<Window> {
    return this.database.transaction(async (manager) => {
      const seen = await manager
        .createQueryBuilder(TrackerEventRow, 'event')
        .select(['event.id', 'event.seq', 'event.createdAt'])
        // In the order of recording: the id of an event tells when its postback came, which may have been long before.
        .where('event.seq > :after', { after: after ?? '0' })
        .orderBy('event.seq')
        .limit(limit)
        .getMany();
      const ids = seen.flatMap(({ id, createdAt }) => (createdAt.getTime() < cutoff ? id : []));
      const next = ids.length < limit ? null : (seen.at(-1)?.seq ?? null);
      if (ids.length === 0) return { next, deleted: 0 };
      const query = manager
        .createQueryBuilder(TrackerEventRow, 'event')
        .select('event.id')
        .where('event.id IN (:...ids)', { ids });
      const pending = query
        .subQuery()
        .select('1')
        .from(TrackerDelivery, 'delivery')
        .where("delivery.eventId = event.id AND delivery.status = 'pending'");
      query.andWhere(`NOT EXISTS ${pending.getQuery()}`);
      const old = await lockingRows(this.database.engine, query, 'skip').getMany();
      await this.deleteEventRows(
        manager,
        old.map(({ id }) => id),
      );
      return { next, deleted: old.length };
    });
  }

  /** Deletes what was counted in hours of before `cutoff`. */
  async deleteRejectedCounts(cutoff: number): Promise<void> {
    await this.database.transaction((manager) =>
      manager.delete(TrackerRejectedCount, { hour: LessThan(String(Math.trunc(cutoff))) }),
    );
  }

  private async deleteEventRows(manager: EntityManager, ids: readonly string[]): Promise<void> {
    for (const portion of portions(ids)) {
      await manager.delete(TrackerDelivery, { eventId: In(portion) });
      await manager.delete(TrackerEventRow, { id: In(portion) });
    }
  }
}
