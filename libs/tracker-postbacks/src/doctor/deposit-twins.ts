import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerConversion } from '../conversions/conversion.entity';
import { uuidV7Floor } from '../database/uuid-v7';
import { TrackerIntegration } from '../integrations/integration.entity';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type DepositTwin } from './integration-lint.rule';

/** How far back deposits are compared. */
const PERIOD_MS = 30 * 24 * 3600 * 1000;
/** Newest conversions of the tenant that are looked at. */
const MAX_LOOKED_AT = 2_000;
/** Without a transaction id two equal amounts this close together are one deposit. */
const CLOSE_MS = 600_000;
const DEPOSITS = ['sale', 'resale'];

/** Finds the same deposits recorded by two integrations: history is judged per integration, so both count. */
@Injectable()
export class DepositTwins {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  async of(tenantId: string, integrationId: string): Promise<readonly DepositTwin[]> {
    const query = this.dataSource.createQueryBuilder();
    const recent = query
      .subQuery()
      .select('conversion.id', 'id')
      .addSelect('conversion.integrationId', 'integration_id')
      .addSelect('conversion.clickSeq', 'click_seq')
      .addSelect('conversion.event', 'event')
      .addSelect('conversion.tid', 'tid')
      .addSelect('conversion.cost', 'cost')
      .addSelect('conversion.currency', 'currency')
      .addSelect('conversion.receivedAt', 'received_at')
      .addSelect('conversion.voidedAt', 'voided_at')
      .addSelect('conversion.test', 'test')
      .from(TrackerConversion, 'conversion')
      .where('conversion.tenantId = :tenantId AND conversion.id >= :since')
      .orderBy('conversion.id', 'DESC')
      .limit(MAX_LOOKED_AT);
    const rows = await query
      .select('integration.name', 'name')
      .addSelect('count(DISTINCT own.id)', 'twins')
      .from(recent.getQuery(), 'own')
      .innerJoin(
        TrackerConversion,
        'twin',
        `twin.clickSeq = own.click_seq AND twin.integrationId <> own.integration_id
         AND twin.event IN (:...deposits) AND twin.voidedAt IS NULL
         AND CASE WHEN own.tid IS NOT NULL AND twin.tid IS NOT NULL THEN own.tid = twin.tid
           ELSE own.cost = twin.cost AND abs(own.received_at - twin.receivedAt) < ${CLOSE_MS}
             AND (own.currency = twin.currency OR own.currency IS NULL AND twin.currency IS NULL) END`,
      )
      .innerJoin(TrackerIntegration, 'integration', 'integration.id = twin.integrationId')
      .where('own.integration_id = :integrationId AND own.event IN (:...deposits)')
      .andWhere('NOT own.test AND own.voided_at IS NULL')
      .groupBy('integration.id')
      .addGroupBy('integration.name')
      .orderBy('twins', 'DESC')
      .addOrderBy('integration.name')
      .limit(5)
      .setParameters({
        tenantId,
        integrationId,
        deposits: DEPOSITS,
        since: uuidV7Floor(this.clock.now() - PERIOD_MS),
      })
      .getRawMany<{ readonly name: string; readonly twins: number | string }>();
    return rows.map(({ name, twins }) => ({ name, count: Number(twins) }));
  }
}
