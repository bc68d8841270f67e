import { Inject, Injectable } from '@nestjs/common';
import { type CsvColumn } from '../admin/csv';
import { type CsvTable } from '../admin/csv-reply';
import { FilterReader } from '../admin/filter-reader';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerScope } from '../tracker-postbacks.options';
import { conversionDto, type TrackerConversionView } from './conversion.dto';
import { ConversionSearch } from './conversion-search';
import { IntegrationNetworks } from './integration-networks';
import { type ListCriteria, listCriteria } from './list-criteria';
import { LIST_EXPORT_FILTERS, type ListExportFilters } from './list-filters';

const BATCH = 500;

const COLUMNS: readonly CsvColumn<TrackerConversionView>[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'receivedAt', value: ({ receivedAt }) => receivedAt },
  { name: 'event', value: ({ event }) => event },
  { name: 'reportedEvent', value: ({ reportedEvent }) => reportedEvent },
  { name: 'ordinal', value: ({ ordinal }) => String(ordinal) },
  { name: 'integrationId', value: ({ integrationId }) => integrationId },
  { name: 'network', value: ({ network }) => network },
  { name: 'campaignId', value: ({ campaignId }) => campaignId },
  { name: 'clickId', value: ({ clickId }) => clickId },
  { name: 'chatId', value: ({ chatId }) => chatId },
  { name: 'tid', value: ({ tid }) => tid },
  { name: 'cost', value: ({ cost }) => cost, amount: true },
  { name: 'currency', value: ({ currency }) => currency },
  { name: 'costRaw', value: ({ costRaw }) => costRaw },
  {
    name: 'fields',
    value: ({ fields }) => (Object.keys(fields).length === 0 ? null : JSON.stringify(fields)),
  },
  { name: 'postbackId', value: ({ postbackId }) => postbackId },
  { name: 'reversedAt', value: ({ reversedAt }) => reversedAt },
  { name: 'voidedAt', value: ({ voidedAt }) => voidedAt },
  { name: 'replacedBy', value: ({ replacedBy }) => replacedBy },
  { name: 'test', value: ({ test }) => String(test) },
];

/** The conversions as a table, read a batch at a time. */
@Injectable()
export class ConversionExport {
  constructor(
    @Inject(ConversionSearch) private readonly search: ConversionSearch,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
  ) {}

  /** @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read */
  table(filters: ListExportFilters, scope: TrackerScope): CsvTable<TrackerConversionView> {
    const criteria = listCriteria(new FilterReader(filters, LIST_EXPORT_FILTERS));
    return { fileName: 'conversions', columns: COLUMNS, batches: this.batches(criteria, scope) };
  }

  private async *batches(
    criteria: ListCriteria,
    { tenantId = DEFAULT_TENANT }: TrackerScope,
  ): AsyncGenerator<readonly TrackerConversionView[], void> {
    let { beforeId } = criteria;
    for (;;) {
      const rows = await this.search.page(tenantId, { ...criteria, beforeId, limit: BATCH - 1 });
      const networks = await this.networks.of(tenantId, rows);
      yield rows.map((row) => conversionDto(row, networks.get(row.integrationId) ?? null));
      beforeId = rows.at(-1)?.id ?? null;
      if (rows.length < BATCH) return;
    }
  }
}
