import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerIntegration } from '../integrations/integration.entity';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';

/** Rows name their integration; lists show and filter the network of it. */
@Injectable()
export class IntegrationNetworks {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** Ids of the tenant's integrations, archived ones included, with one of these networks. */
  async idsOf(tenantId: string, networks: readonly string[]): Promise<readonly string[]> {
    const integrations = await this.dataSource
      .createQueryBuilder(TrackerIntegration, 'integration')
      .select('integration.id')
      .where('integration.tenantId = :tenantId', { tenantId })
      .andWhere('integration.network IN (:...networks)', { networks })
      .getMany();
    return integrations.map(({ id }) => id);
  }

  /** Networks by integration id. */
  async of(
    tenantId: string,
    rows: readonly { readonly integrationId: string }[],
  ): Promise<ReadonlyMap<string, string>> {
    const ids = [...new Set(rows.map(({ integrationId }) => integrationId))];
    if (ids.length === 0) return new Map();
    const integrations = await this.dataSource
      .createQueryBuilder(TrackerIntegration, 'integration')
      .select(['integration.id', 'integration.network'])
      .where('integration.tenantId = :tenantId', { tenantId })
      .andWhere('integration.id IN (:...ids)', { ids })
      .getMany();
    return new Map(integrations.map(({ id, network }) => [id, network]));
  }
}
