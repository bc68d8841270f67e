import { Inject, Injectable } from '@nestjs/common';
import { type CsvColumn } from '../admin/csv';
import { type CsvTable } from '../admin/csv-reply';
import { FilterReader } from '../admin/filter-reader';
import { IntegrationNetworks } from '../conversions/integration-networks';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerClock, type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { type PostbackCriteria, postbackCriteria } from './postback-criteria';
import { EXPORT_FILTERS, type PostbackExportFilters } from './postback-filters';
import { LISTED_COLUMNS, postbackDto } from './postback-presentation';
import { PostbackSearch } from './postback-search';
import { type TrackerLogScope } from './postback-log.service';
import { type TrackerPostbackView } from './postback.dto';

/** Rows of one query: a row may hold a URL of 64 KB. */
const BATCH = 500;

const COLUMNS: readonly CsvColumn<TrackerPostbackView>[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'receivedAt', value: ({ receivedAt }) => receivedAt },
  { name: 'status', value: ({ status }) => status },
  { name: 'code', value: ({ code }) => code },
  { name: 'message', value: ({ message }) => message },
  { name: 'integrationId', value: ({ integrationId }) => integrationId },
  { name: 'network', value: ({ network }) => network },
  { name: 'event', value: ({ event }) => event },
  { name: 'reportedEvent', value: ({ reportedEvent }) => reportedEvent },
  { name: 'clickId', value: ({ clickId }) => clickId },
  { name: 'chatId', value: ({ chatId }) => chatId },
  { name: 'tid', value: ({ tid }) => tid },
  { name: 'cost', value: ({ cost }) => cost, amount: true },
  { name: 'currency', value: ({ currency }) => currency },
  { name: 'conversionId', value: ({ conversionId }) => conversionId },
  { name: 'warnings', value: ({ warnings }) => warnings.map(({ code }) => code).join(' ') },
  { name: 'url', value: ({ url }) => url },
  { name: 'method', value: ({ method }) => method },
  { name: 'address', value: ({ address }) => address },
  { name: 'judgedAt', value: ({ judgedAt }) => judgedAt },
  { name: 'durationMs', value: ({ durationMs }) => durationMs?.toString() ?? null },
  { name: 'parkedUntil', value: ({ parkedUntil }) => parkedUntil },
  { name: 'test', value: ({ test }) => String(test) },
];

/** The postback log as a table, read a batch at a time. */
@Injectable()
export class PostbackExport {
  constructor(
    @Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
    @Inject(PostbackSearch) private readonly search: PostbackSearch,
  ) {}

  /** @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read */
  table(filters: PostbackExportFilters, scope: TrackerLogScope): CsvTable<TrackerPostbackView> {
    const criteria = postbackCriteria(new FilterReader(filters, EXPORT_FILTERS), this.clock.now());
    return { fileName: 'postbacks', columns: COLUMNS, batches: this.batches(criteria, scope) };
  }

  private async *batches(
    criteria: PostbackCriteria,
    { tenantId = DEFAULT_TENANT, locale = 'en' }: TrackerLogScope,
  ): AsyncGenerator<readonly TrackerPostbackView[], void> {
    const { publicUrl } = this.options;
    const columns = LISTED_COLUMNS.map((column) => `postback.${column}`);
    let { beforeId } = criteria;
    for (;;) {
      // One row less than asked for is a page's sign of being the last; here the rows themselves tell.
      const query = await this.search.page(tenantId, { ...criteria, beforeId, limit: BATCH - 1 });
      const rows = (await query?.select(columns).getMany()) ?? [];
      const networks = await this.networks.of(tenantId, rows);
      yield rows.map((row) =>
        postbackDto(row, { publicUrl, locale, network: networks.get(row.integrationId) ?? null }),
      );
      beforeId = rows.at(-1)?.id ?? null;
      if (rows.length < BATCH) return;
    }
  }
}
