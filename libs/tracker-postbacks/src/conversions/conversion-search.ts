import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { engineOf } from '../database/engine';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { TrackerConversion } from './conversion.entity';
import { IntegrationNetworks } from './integration-networks';
import { type ListCriteria, narrow } from './list-criteria';

/** Finds conversions by the filters of their list. */
@Injectable()
export class ConversionSearch {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
  ) {}

  /** One page and one row more, newest first. */
  async page(tenantId: string, criteria: ListCriteria): Promise<readonly TrackerConversion[]> {
    const integrationIds = criteria.networks && (await this.networks.idsOf(tenantId, criteria.networks));
    if (integrationIds?.length === 0) return [];
    const engine = engineOf(this.dataSource);
    const query = narrow(
      engine,
      this.dataSource.createQueryBuilder(TrackerConversion, 'conversion'),
      tenantId,
      criteria,
      integrationIds,
    );
    if (criteria.clickId !== null) {
      // The keys of a conversion begin with its click's number: there is no index over click ids here.
      const click = query
        .subQuery()
        .select('click.seq')
        .from(TrackerClick, 'click')
        .where('click.tenantId = :tenantId AND click.clickId = :clickId')
        .getQuery();
      query.andWhere(`conversion.clickSeq = ${click}`, { clickId: criteria.clickId });
      // Without statistics SQLite would rather walk all conversions in their order: with a sign before it there is none.
      if (engine === 'sqlite') query.orderBy('+conversion.id', 'DESC');
    }
    return query.getMany();
  }
}
