import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { IntegrationNetworks } from '../conversions/integration-networks';
import { narrow, narrowed } from '../conversions/list-criteria';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_DATA_SOURCE, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { containing, type PostbackCriteria } from './postback-criteria';

/** Values of one filter that are looked up each on its own; of more, the database had better decide. */
const MAX_BRANCHES = 16;

/** A filter with several values, each of which an index lists newest first. */
interface Spread {
  readonly column: 'code' | 'integrationId' | 'event';
  readonly values: readonly string[];
}

/** Finds postbacks by the filters of the log, for lists, exports and replays alike. */
@Injectable()
export class PostbackSearch {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
  ) {}

  /** One page and one row more, newest first; null where the filters exclude each other. */
  async page(
    tenantId: string,
    criteria: PostbackCriteria,
  ): Promise<SelectQueryBuilder<TrackerPostback> | null> {
    const integrationIds = await this.integrationIds(tenantId, criteria);
    if (integrationIds === 'none') return null;
    const query = this.query();
    const spread = spreadOf(criteria, integrationIds);
    if (spread === null) {
      return this.only(narrow(query, tenantId, criteria, integrationIds), tenantId, criteria);
    }
    // An index lists the rows of each value newest first: the newest of each, and of these the newest. Left to itself
    // the database reads all rows of all values, or walks the whole log when they are few or old.
    const branches = spread.values.map((value, n) => {
      const branch = query.subQuery().select('row.id', 'id').from(TrackerPostback, 'row');
      narrow(branch, tenantId, criteria, integrationIds).andWhere(`row.${spread.column} = :value${n}`, {
        [`value${n}`]: value,
      });
      return this.only(branch, tenantId, criteria).getQuery();
    });
    return query
      .where(`postback.id IN (${branches.join(' UNION ALL ')})`)
      .orderBy('postback.id', 'DESC')
      .limit(criteria.limit + 1);
  }

  /** Everything that the filters find, without order; null where they exclude each other. */
  async all(
    tenantId: string,
    criteria: PostbackCriteria,
  ): Promise<SelectQueryBuilder<TrackerPostback> | null> {
    const integrationIds = await this.integrationIds(tenantId, criteria);
    if (integrationIds === 'none') return null;
    return this.only(narrowed(this.query(), tenantId, criteria, integrationIds), tenantId, criteria);
  }

  private query(): SelectQueryBuilder<TrackerPostback> {
    return this.dataSource.createQueryBuilder(TrackerPostback, 'postback');
  }

  private async integrationIds(
    tenantId: string,
    { networks, codes }: PostbackCriteria,
  ): Promise<readonly string[] | null | 'none'> {
    if (codes?.length === 0) return 'none';
    if (networks === null) return null;
    const ids = await this.networks.idsOf(tenantId, networks);
    return ids.length === 0 ? 'none' : ids;
  }

  /** What this list has beyond the other. */
  private only<R extends ObjectLiteral>(
    query: SelectQueryBuilder<R>,
    tenantId: string,
    { codes, clickId, chatId, q }: PostbackCriteria,
  ): SelectQueryBuilder<R> {
    const row = query.alias;
    if (codes?.length === 1) query.andWhere(`${row}.code = :code`, { code: codes[0] });
    else if (codes !== null) query.andWhere(`${row}.code IN (:...codes)`, { codes });
    if (clickId !== null) query.andWhere(`${row}.clickId = :clickId`, { clickId });
    if (chatId !== null) {
      // A postback has its chat from its click, and is found by the index over clicks: no index over chats is needed.
      const clicks = query
        .subQuery()
        .select('click.clickId')
        .from(TrackerClick, 'click')
        .where('click.tenantId = :tenantId AND click.chatId = :chatId', { tenantId, chatId });
      query.andWhere(`${row}.clickId IN ${clicks.getQuery()}`);
    }
    if (q !== null) {
      const { origin, pathname } = new URL(this.options.publicUrl);
      const base = pathname.replace(/\/+$/, '');
      query.andWhere(
        `concat(CASE WHEN lower(${row}.target) LIKE :inside THEN :origin ELSE :outside END, ${row}.target) ILIKE :q`,
        {
          q: containing(q),
          origin,
          outside: `${origin}${base}`,
          inside: containing(`${base.toLowerCase()}/`).slice(1),
        },
      );
    }
    return query;
  }
}

/** Which filter to look up value by value; none where another one finds few rows anyway. */
function spreadOf(criteria: PostbackCriteria, integrationIds: readonly string[] | null): Spread | null {
  const { clickId, chatId, tid, integrationId, codes, events } = criteria;
  if (clickId !== null || chatId !== null || tid !== null) return null;
  const filters: readonly Spread[] = [
    // No index holds accepted ones: they are most of every log.
    { column: 'code', values: codes?.includes('ok') === false ? codes : [] },
    { column: 'integrationId', values: integrationId === null ? (integrationIds ?? []) : [integrationId] },
    { column: 'event', values: events ?? [] },
  ];
  // One value needs no help, and narrows what the others would have to look through.
  const first = filters.find(({ values }) => values.length > 0);
  return first !== undefined && first.values.length > 1 && first.values.length <= MAX_BRANCHES ? first : null;
}
