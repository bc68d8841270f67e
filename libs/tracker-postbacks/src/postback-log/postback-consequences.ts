import { Inject, Injectable } from '@nestjs/common';
import { Brackets, DataSource } from 'typeorm';
import { TrackerConversion } from '../conversions/conversion.entity';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { type TrackerPostback } from '../postbacks/postback.entity';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';

/** Events of some postbacks in the order of recording, and which handlers they have run or are to run. */
export interface Consequences {
  readonly events: readonly TrackerEventRow[];
  readonly deliveries: readonly TrackerDelivery[];
}

/** What came of postbacks. */
@Injectable()
export class PostbackConsequences {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  async of(tenantId: string, postbackIds: readonly string[]): Promise<Consequences> {
    if (postbackIds.length === 0) return { events: [], deliveries: [] };
    const events = await this.dataSource
      .createQueryBuilder(TrackerEventRow, 'event')
      .where('event.postbackId IN (:...postbackIds) AND event.tenantId = :tenantId', {
        postbackIds,
        tenantId,
      })
      .orderBy('event.seq', 'ASC')
      .getMany();
    return { events, deliveries: await this.deliveriesOf(events) };
  }

  /** Conversions that a postback recorded, took back or repeated, the oldest first. */
  conversionsOf({ id, tenantId, clickSeq, conversionId }: TrackerPostback): Promise<TrackerConversion[]> {
    return this.dataSource
      .createQueryBuilder(TrackerConversion, 'conversion')
      .where('conversion.tenantId = :tenantId', { tenantId })
      .andWhere(
        new Brackets((either) => {
          either.where('conversion.id = :conversionId', { conversionId });
          // There is no index over postbacks: a click has few conversions.
          either.orWhere(
            'conversion.clickSeq = :clickSeq AND (conversion.postbackId = :id OR conversion.reversedBy = :id)',
            { clickSeq, id },
          );
        }),
      )
      .orderBy('conversion.id', 'ASC')
      .getMany();
  }

  /** A delivery has no tenant of its own: it belongs to that of its event. */
  private async deliveriesOf(events: readonly TrackerEventRow[]): Promise<TrackerDelivery[]> {
    if (events.length === 0) return [];
    return this.dataSource
      .createQueryBuilder(TrackerDelivery, 'delivery')
      .where('delivery.eventId IN (:...eventIds)', { eventIds: events.map(({ id }) => id) })
      .orderBy('delivery.eventSeq', 'ASC')
      .addOrderBy('delivery.handler', 'ASC')
      .getMany();
  }
}
