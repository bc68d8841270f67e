import { Inject, Injectable } from '@nestjs/common';
import { type DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { type FilterReader } from '../admin/filter-reader';
import { encodeCursor } from '../admin/page';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerPostback } from '../postbacks/postback.entity';
import { TrackerError } from '../tracker-postbacks.errors';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { DELIVERY_STATUSES, type DeliveryStatus } from './delivery.dto';

/** A delivery with its event, which says whose it is. */
export interface FoundDelivery {
  readonly delivery: TrackerDelivery;
  readonly event: TrackerEventRow;
}

export interface DeliveryCriteria {
  readonly statuses: readonly DeliveryStatus[] | null;
  readonly handlers: readonly string[] | null;
  /** Lower case. */
  readonly events: readonly string[] | null;
  readonly eventId: string | null;
  readonly postbackId: string | null;
  readonly clickId: string | null;
  /** Rows before this id, the last of the page before. */
  readonly beforeId: string | null;
  readonly limit: number;
}

const LARGEST_ID = 2n ** 63n - 1n;

/** An id as the database counts them, or null when it can be none. */
export function deliveryId(text: string): string | null {
  return /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= LARGEST_ID ? text : null;
}

export function deliveryCriteria(reader: FilterReader): DeliveryCriteria {
  const cursor = reader.text('cursor');
  const criteria = {
    statuses: reader.words('status', DELIVERY_STATUSES),
    handlers: reader.texts('handler'),
    events: reader.texts('event')?.map((event) => event.toLowerCase()) ?? null,
    eventId: reader.uuid('eventId'),
    postbackId: reader.uuid('postbackId'),
    clickId: reader.text('clickId'),
    limit: reader.limit(),
  };
  reader.done();
  return { ...criteria, beforeId: cursor === null ? null : decodedCursor(cursor) };
}

export function deliveryCursor({ delivery }: FoundDelivery): string {
  return encodeCursor(delivery.id);
}

function decodedCursor(cursor: string): string {
  const id = deliveryId(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (id !== null) return id;
  throw new TrackerError(
    'validation_failed',
    400,
    'The cursor is not one that a page of this list gave out.',
    [
      {
        field: 'cursor',
        message: 'Use nextCursor of the page before, or leave it out for the first page.',
      },
    ],
  );
}

/** Finds deliveries of a tenant: those of its events. */
@Injectable()
export class DeliverySearch {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** One page and one row more, newest first. */
  async page(tenantId: string, criteria: DeliveryCriteria): Promise<readonly FoundDelivery[]> {
    const { statuses, handlers, events, eventId, postbackId, clickId, beforeId, limit } = criteria;
    const query = this.of(this.dataSource.manager, tenantId);
    if (statuses !== null) query.andWhere('delivery.status IN (:...statuses)', { statuses });
    if (handlers !== null) query.andWhere('delivery.handler IN (:...handlers)', { handlers });
    if (events !== null) query.andWhere('event.name IN (:...events)', { events });
    if (eventId !== null) query.andWhere('delivery.eventId = :eventId', { eventId });
    if (postbackId !== null) query.andWhere('event.postbackId = :postbackId', { postbackId });
    if (clickId !== null) {
      // The one index over click ids and what came of them is that of the log.
      const postbacks = query
        .subQuery()
        .select('postback.id')
        .from(TrackerPostback, 'postback')
        .where('postback.tenantId = :tenantId AND postback.clickId = :clickId')
        .getQuery();
      query.andWhere(`event.postbackId IN ${postbacks}`, { clickId });
    }
    // Few of many rows are not done, and an index holds just them: a planner that sees the order of the primary key
    // would rather walk that, past everything that is done.
    const id = statuses?.includes('done') === false ? 'delivery.id + 0' : 'delivery.id';
    if (beforeId !== null) query.andWhere(`${id} < :beforeId`, { beforeId });
    return found(
      await query
        .orderBy(id, 'DESC')
        .limit(limit + 1)
        .getMany(),
    );
  }

  /** One delivery of a tenant, or null; locked when it is read within a transaction that changes it. */
  async one(
    tenantId: string,
    id: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<FoundDelivery | null> {
    const rows = await this.of(manager, tenantId).andWhere('delivery.id = :id', { id }).getMany();
    return found(rows)[0] ?? null;
  }

  /** Some of what is parked for a handler, the oldest first. */
  async parked(
    tenantId: string,
    handler: string,
    limit: number,
    manager: EntityManager,
  ): Promise<readonly string[]> {
    const rows = await this.of(manager, tenantId)
      .andWhere("delivery.handler = :handler AND delivery.status = 'parked'", { handler })
      .orderBy('delivery.id', 'ASC')
      .limit(limit)
      .getMany();
    return rows.map(({ id }) => id);
  }

  private of(manager: EntityManager, tenantId: string): SelectQueryBuilder<TrackerDelivery> {
    return manager
      .createQueryBuilder(TrackerDelivery, 'delivery')
      .innerJoinAndMapOne('delivery.event', TrackerEventRow, 'event', 'event.id = delivery.eventId')
      .where('event.tenantId = :tenantId', { tenantId });
  }
}

function found(rows: readonly TrackerDelivery[]): readonly FoundDelivery[] {
  return (rows as readonly (TrackerDelivery & { readonly event: TrackerEventRow })[]).map((delivery) => ({
    delivery,
    event: delivery.event,
  }));
}
