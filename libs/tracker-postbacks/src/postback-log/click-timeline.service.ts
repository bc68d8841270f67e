import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FilterReader } from '../admin/filter-reader';
import { decodeCursor, pageOf } from '../admin/page';
import { TrackerClick } from '../clicks/click.entity';
import { TrackerClicks } from '../clicks/clicks.service';
import { TrackerConversion } from '../conversions/conversion.entity';
import { IntegrationNetworks } from '../conversions/integration-networks';
import { TrackerPostback } from '../postbacks/postback.entity';
import { quotable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_DATA_SOURCE, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { timeline } from './click-timeline';
import { type TimelinePage, type TrackerTimelineView } from './click-timeline.dto';
import { PostbackConsequences } from './postback-consequences';
import { type TrackerLogScope } from './postback-log.service';

const PAGING = ['cursor', 'limit'] as const satisfies readonly (keyof TimelinePage)[];
/** Conversions whose postbacks are kept no longer; a click has few. */
const MAX_ORPHANS = 200;

/** What happened to one click, from its beginning to the last attempt of the last handler. */
@Injectable()
export class TrackerClickTimeline {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions,
    @Inject(TrackerClicks) private readonly clicks: TrackerClicks,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
    @Inject(PostbackConsequences) private readonly consequences: PostbackConsequences,
  ) {}

  /**
   * Oldest first, a page of postbacks at a time: what came of a postback stands on its page, however late it came.
   * Postbacks that name an id which no click has yet are shown too.
   *
   * @throws TrackerError `not_found` where neither the click nor a postback of it is known
   */
  async of(
    clickId: string,
    page: TimelinePage = {},
    scope: TrackerLogScope = {},
  ): Promise<TrackerTimelineView> {
    const { after, limit } = pageIn(page);
    const { tenantId = DEFAULT_TENANT } = scope;
    const [click, rows] = await Promise.all([
      this.clicks.find(clickId, scope),
      this.postbacks(tenantId, clickId, after, limit),
    ]);
    if (click === null && rows.length === 0 && after === null) {
      throw new TrackerError('not_found', 404, `There is no click "${quotable(clickId)}".`);
    }
    const { items: postbacks, nextCursor } = pageOf(rows, limit, (row) => row);
    const ids = postbacks.map(({ id }) => id);
    const orphans = click === null || after !== null ? [] : await this.orphans(tenantId, clickId);
    const conversions = [
      ...orphans,
      ...(click === null ? [] : await this.conversions(tenantId, clickId, ids)),
    ].filter(({ id }, n, all) => all.findIndex((other) => other.id === id) === n);
    const here = new Set([...ids, ...orphans.map(({ postbackId }) => postbackId)]);
    const [networks, came] = await Promise.all([
      this.networks.of(tenantId, [...postbacks, ...conversions]),
      this.consequences.of(tenantId, [...here]),
    ]);
    const { publicUrl } = this.options;
    const items = timeline({
      ...came,
      click: after === null ? click : null,
      postbacks,
      conversions,
      isHere: (postbackId) => postbackId !== null && here.has(postbackId),
      surroundings: ({ integrationId }) => ({
        publicUrl,
        locale: scope.locale ?? 'en',
        network: networks.get(integrationId) ?? null,
      }),
    });
    return { clickId, items, nextCursor };
  }

  private postbacks(
    tenantId: string,
    clickId: string,
    after: string | null,
    limit: number,
  ): Promise<TrackerPostback[]> {
    const query = this.dataSource
      .createQueryBuilder(TrackerPostback, 'postback')
      .where('postback.tenantId = :tenantId AND postback.clickId = :clickId', { tenantId, clickId });
    if (after !== null) query.andWhere('postback.id > :after', { after });
    return query
      .orderBy('postback.id', 'ASC')
      .limit(limit + 1)
      .getMany();
  }

  private async conversions(
    tenantId: string,
    clickId: string,
    postbackIds: readonly string[],
  ): Promise<readonly TrackerConversion[]> {
    if (postbackIds.length === 0) return [];
    return this.ofClick(tenantId, clickId)
      .andWhere(
        '(conversion.postbackId IN (:...postbackIds) OR conversion.reversedBy IN (:...postbackIds))',
        {
          postbackIds,
        },
      )
      .getMany();
  }

  /** Conversions outlive their postbacks, and then stand before all that are left. */
  private orphans(tenantId: string, clickId: string): Promise<TrackerConversion[]> {
    const query = this.ofClick(tenantId, clickId);
    const postback = query
      .subQuery()
      .select('1')
      .from(TrackerPostback, 'postback')
      .where('postback.id = conversion.postbackId AND postback.clickId = :clickId');
    return query
      .andWhere(`NOT EXISTS ${postback.getQuery()}`)
      .orderBy('conversion.id', 'ASC')
      .limit(MAX_ORPHANS)
      .getMany();
  }

  private ofClick(tenantId: string, clickId: string) {
    const query = this.dataSource.createQueryBuilder(TrackerConversion, 'conversion');
    const click = query
      .subQuery()
      .select('click.seq')
      .from(TrackerClick, 'click')
      .where('click.tenantId = :tenantId AND click.clickId = :clickId', { tenantId, clickId });
    return query.where(`conversion.clickSeq = ${click.getQuery()}`);
  }
}

function pageIn(page: TimelinePage): { readonly after: string | null; readonly limit: number } {
  const reader = new FilterReader(page, PAGING);
  const cursor = reader.text('cursor');
  const limit = reader.limit();
  reader.done();
  return { after: cursor === null ? null : decodeCursor(cursor), limit };
}
