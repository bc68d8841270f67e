import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { pageOf } from '../admin/page';
import { uuidOrNull } from '../admin/validation';
import { FilterReader } from '../admin/filter-reader';
import { IntegrationNetworks } from '../conversions/integration-networks';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type Locale } from '../rules/messages';
import { quotable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { TrackerError } from '../tracker-postbacks.errors';
import {
  type TrackerClock,
  type TrackerPostbacksOptions,
  type TrackerScope,
} from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { postbackCriteria } from './postback-criteria';
import { POSTBACK_FILTERS, type PostbackFilters } from './postback-filters';
import { type TrackerPostbackDetailView } from './postback-detail.dto';
import { PostbackConsequences } from './postback-consequences';
import { PostbackExplanation } from './postback-explanation';
import { LISTED_COLUMNS, postbackDetailDto, postbackDto, type Surroundings } from './postback-presentation';
import { PostbackSearch } from './postback-search';
import { type TrackerPostbackPage } from './postback.dto';

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
    @Inject(PostbackSearch) private readonly search: PostbackSearch,
    @Inject(PostbackConsequences) private readonly consequences: PostbackConsequences,
    @Inject(PostbackExplanation) private readonly explanation: PostbackExplanation,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * One page of the log, newest first by arrival. Pages stay right while new postbacks arrive. With `q` and without
   * `from` it goes back seven days only.
   *
   * @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read
   */
  async list(filters: PostbackFilters = {}, scope: TrackerLogScope = {}): Promise<TrackerPostbackPage> {
    const criteria = postbackCriteria(new FilterReader(filters, POSTBACK_FILTERS), this.clock.now());
    const { limit, searchedFrom } = criteria;
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const query = await this.search.page(tenantId, criteria);
    const rows = (await query?.select(LISTED_COLUMNS.map((column) => `postback.${column}`)).getMany()) ?? [];
    const networks = await this.networks.of(tenantId, rows);
    return {
      ...pageOf(rows, limit, (row) => postbackDto(row, this.around(row, networks, scope))),
      ...(searchedFrom === null ? {} : { searchedFrom: new Date(searchedFrom).toISOString() }),
    };
  }

  /**
   * One postback with what it says, what it changed, the events it gave rise to and the handlers that ran for them.
   *
   * @throws TrackerError `not_found` where this tenant has no such postback
   */
  async get(id: string, scope: TrackerLogScope = {}): Promise<TrackerPostbackDetailView> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const uuid = uuidOrNull(id);
    const row = uuid === null ? null : await this.find(tenantId, uuid);
    if (row === null) throw new TrackerError('not_found', 404, `There is no postback "${quotable(id)}".`);
    const [networks, came, conversions, explanation] = await Promise.all([
      this.networks.of(tenantId, [row]),
      this.consequences.of(tenantId, [row.id]),
      this.consequences.conversionsOf(row),
      this.explanation.of(row),
    ]);
    const surroundings = this.around(row, networks, scope);
    return postbackDetailDto({ row, surroundings, ...came, conversions, explanation });
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
}
