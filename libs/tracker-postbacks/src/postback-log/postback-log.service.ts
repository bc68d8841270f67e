import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Page, pageOf } from '../admin/page';
import { uuidOrNull } from '../admin/validation';
import { FilterReader } from '../conversions/filter-reader';
import { IntegrationNetworks } from '../conversions/integration-networks';
import { listCriteria, narrow } from '../conversions/list-criteria';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerPostback } from '../postbacks/postback.entity';
import { VERDICT_STATUSES } from '../rules/codes';
import { type Locale } from '../rules/messages';
import { quotable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_DATA_SOURCE, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { ALL_VERDICT_CODES, POSTBACK_FILTERS, type PostbackFilters } from './postback-filters';
import { type TrackerPostbackDetailView } from './postback-detail.dto';
import { LISTED_COLUMNS, postbackDetailDto, postbackDto, type Surroundings } from './postback-presentation';
import { type TrackerPostbackView } from './postback.dto';

/** Whose log is read, and in which language the messages are answered. */
export interface TrackerLogScope extends TrackerScope {
  /** @default 'en' */
  readonly locale?: Locale;
}

/** Everything that networks sent, what was decided about it, and why. Every call is for one tenant. */
@Injectable()
export class TrackerPostbackLog {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
  ) {}

  /**
   * One page of the log, newest first by arrival. Pages stay right while new postbacks arrive.
   *
   * @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read
   */
  async list(filters: PostbackFilters = {}, scope: TrackerLogScope = {}): Promise<Page<TrackerPostbackView>> {
    const reader = new FilterReader(filters, POSTBACK_FILTERS);
    const statuses = reader.words('status', VERDICT_STATUSES);
    const codes = reader.words('code', ALL_VERDICT_CODES);
    const criteria = listCriteria(reader);
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const integrationIds = criteria.networks && (await this.networks.idsOf(tenantId, criteria.networks));
    if (integrationIds?.length === 0) return { items: [], nextCursor: null };

    const query = narrow(
      this.dataSource.createQueryBuilder(TrackerPostback, 'postback'),
      tenantId,
      criteria,
      integrationIds,
    ).select(LISTED_COLUMNS.map((column) => `postback.${column}`));
    if (statuses !== null) query.andWhere('postback.status IN (:...statuses)', { statuses });
    if (codes !== null) query.andWhere('postback.code IN (:...codes)', { codes });
    if (criteria.clickId !== null)
      query.andWhere('postback.clickId = :clickId', { clickId: criteria.clickId });
    const rows = await query.getMany();
    const networks = await this.networks.of(tenantId, rows);
    return pageOf(rows, criteria.limit, (row) => postbackDto(row, this.around(row, networks, scope)));
  }

  /**
   * One postback with the events it gave rise to and the handlers that ran for them.
   *
   * @throws TrackerError `not_found` where this tenant has no such postback
   */
  async get(id: string, scope: TrackerLogScope = {}): Promise<TrackerPostbackDetailView> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const uuid = uuidOrNull(id);
    const row = uuid === null ? null : await this.find(tenantId, uuid);
    if (row === null) throw new TrackerError('not_found', 404, `There is no postback "${quotable(id)}".`);
    const [networks, events] = await Promise.all([
      this.networks.of(tenantId, [row]),
      this.eventsOf(tenantId, row.id),
    ]);
    const deliveries = await this.deliveriesOf(events);
    return postbackDetailDto(row, this.around(row, networks, scope), events, deliveries);
  }

  private around(
    row: { readonly integrationId: string },
    networks: ReadonlyMap<string, string>,
    scope: TrackerLogScope,
  ): Surroundings {
    return {
      publicUrl: this.options.publicUrl,
      locale: scope.locale ?? 'en',
      network: networks.get(row.integrationId) ?? null,
    };
  }

  private async find(tenantId: string, id: string): Promise<TrackerPostback | null> {
    return this.dataSource
      .createQueryBuilder(TrackerPostback, 'postback')
      .where('postback.tenantId = :tenantId AND postback.id = :id', { tenantId, id })
      .getOne();
  }

  private async eventsOf(tenantId: string, postbackId: string): Promise<TrackerEventRow[]> {
    return this.dataSource
      .createQueryBuilder(TrackerEventRow, 'event')
      .where('event.postbackId = :postbackId AND event.tenantId = :tenantId', { postbackId, tenantId })
      .orderBy('event.seq', 'ASC')
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
