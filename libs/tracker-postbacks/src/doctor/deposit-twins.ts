import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerConversion } from '../conversions/conversion.entity';
import { tableName } from '../database/table-name';
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
const DEPOSITS = `('sale', 'resale')`;

/** Finds the same deposits recorded by two integrations: history is judged per integration, so both count. */
@Injectable()
export class DepositTwins {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  async of(tenantId: string, integrationId: string): Promise<readonly DepositTwin[]> {
    const conversions = tableName(this.dataSource, TrackerConversion);
    return this.dataSource.query(
      `WITH own AS (
         SELECT * FROM (
           SELECT * FROM ${conversions} WHERE tenant_id = $1 AND id >= $3::uuid ORDER BY id DESC LIMIT ${MAX_LOOKED_AT}
         ) recent
         WHERE integration_id = $2 AND event IN ${DEPOSITS} AND NOT test AND voided_at IS NULL
       )
       SELECT g.name, count(DISTINCT own.id)::integer AS count
       FROM own
       JOIN ${conversions} twin ON twin.click_seq = own.click_seq AND twin.integration_id <> own.integration_id
         AND twin.event IN ${DEPOSITS} AND twin.voided_at IS NULL
         AND CASE WHEN own.tid IS NOT NULL AND twin.tid IS NOT NULL THEN own.tid = twin.tid
           ELSE own.cost = twin.cost AND own.currency IS NOT DISTINCT FROM twin.currency
             AND abs(own.received_at - twin.received_at) < ${CLOSE_MS} END
       JOIN ${tableName(this.dataSource, TrackerIntegration)} g ON g.id = twin.integration_id
       GROUP BY g.id, g.name ORDER BY count DESC, g.name LIMIT 5`,
      [tenantId, integrationId, uuidV7Floor(this.clock.now() - PERIOD_MS)],
    );
  }
}
