import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Page, pageOf } from '../admin/page';
import { uuidOrNull } from '../admin/validation';
import { quotable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { conversionDto, type TrackerConversionView } from './conversion.dto';
import { TrackerConversion } from './conversion.entity';
import { FilterReader } from '../admin/filter-reader';
import { IntegrationNetworks } from './integration-networks';
import { ConversionSearch } from './conversion-search';
import { listCriteria } from './list-criteria';
import { type ListFilters, LIST_FILTERS } from './list-filters';

/** The business facts that postbacks reported, each counted once. Every call is for one tenant. */
@Injectable()
export class TrackerConversions {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
    @Inject(ConversionSearch) private readonly search: ConversionSearch,
  ) {}

  /**
   * One page of conversions, newest first by arrival of their postback, reversed and voided ones included. Pages stay
   * right while new conversions arrive.
   *
   * @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read
   */
  async list(filters: ListFilters = {}, scope: TrackerScope = {}): Promise<Page<TrackerConversionView>> {
    const criteria = listCriteria(new FilterReader(filters, LIST_FILTERS));
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const rows = await this.search.page(tenantId, criteria);
    const networks = await this.networks.of(tenantId, rows);
    return pageOf(rows, criteria.limit, (row) => conversionDto(row, networks.get(row.integrationId) ?? null));
  }

  /** @throws TrackerError `not_found` where this tenant has no such conversion */
  async get(id: string, scope: TrackerScope = {}): Promise<TrackerConversionView> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const uuid = uuidOrNull(id);
    const row =
      uuid === null
        ? null
        : await this.dataSource
            .createQueryBuilder(TrackerConversion, 'conversion')
            .where('conversion.tenantId = :tenantId AND conversion.id = :id', { tenantId, id: uuid })
            .getOne();
    if (row === null) throw new TrackerError('not_found', 404, `There is no conversion "${quotable(id)}".`);
    const networks = await this.networks.of(tenantId, [row]);
    return conversionDto(row, networks.get(row.integrationId) ?? null);
  }
}
