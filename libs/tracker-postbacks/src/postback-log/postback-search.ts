import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { IntegrationNetworks } from '../conversions/integration-networks';
import { narrow, narrowed } from '../conversions/list-criteria';
import { type DatabaseEngine, engineOf } from '../database/engine';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_DATA_SOURCE, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { containing, type PostbackCriteria } from './postback-criteria';

/** Values of one filter that are looked up each on its own; of more, the database had better decide. */
const MAX_BRANCHES = 16;

/** Each lists the rows of a value newest first. */
const INDEXES = {
  clickId: 'tracker_postbacks_click',
  code: 'tracker_postbacks_code',
  event: 'tracker_postbacks_event',
  integrationId: 'tracker_postbacks_integration',
  test: 'tracker_postbacks_test',
  tid: 'tracker_postbacks_tid',
} as const;
type IndexedColumn = keyof typeof INDEXES;

/** A filter with several values, each of which an index lists newest first. */
interface Spread {
  readonly column: IndexedColumn;
  readonly values: readonly string[];
}

/** Finds postbacks by the filters of the log, for lists, exports and replays alike. */
@Injectable()
export class PostbackSearch {
  private readonly engine: DatabaseEngine;

  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
  ) {
    this.engine = engineOf(dataSource);
  }

  /** One page and one row more, newest first; null where the filters exclude each other. */
  async page(
    tenantId: string,
    criteria: PostbackCriteria,
  ): Promise<SelectQueryBuilder<TrackerPostback> | null> {
    const integrationIds = await this.integrationIds(tenantId, criteria);
    if (integrationIds === 'none') return null;
    const clickIds = await this.clickIds(tenantId, criteria);
    if (clickIds?.length === 0) return null;
    const query = this.query();
    const spread = spreadOf(criteria, integrationIds, clickIds);
    if (spread === null) {
      narrow(this.engine, query, tenantId, criteria, integrationIds);
      return this.only(hinted(query, columnOf(criteria, integrationIds)), tenantId, criteria);
    }
    // An index lists the rows of each value newest first: the newest of each, and of these the newest. Left to itself
    // the database reads all rows of all values, or walks the whole log when they are few or old.
    const branches = spread.values.map((value, n) => {
      const branch = query.subQuery().select('row.id', 'id').from(TrackerPostback, 'row');
      narrow(this.engine, branch, tenantId, criteria, integrationIds).andWhere(
        `row.${spread.column} = :value${n}`,
        { [`value${n}`]: value },
      );
      hinted(branch, spread.column);
      const left = spread.column === 'clickId' ? { ...criteria, chatId: null } : criteria;
      return `SELECT id FROM ${this.only(branch, tenantId, left).getQuery()} newest${n}`;
    });
    // Each is a table of its own, joined and not asked with IN: LIMIT may stand there on every engine, and MySQL would
    // answer IN anew for every row of the log. A row has one value of each kind: none comes twice.
    return query
      .innerJoin(`(${branches.join(' UNION ALL ')})`, 'newest', 'newest.id = postback.id')
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
    return this.only(
      narrowed(this.engine, this.query(), tenantId, criteria, integrationIds),
      tenantId,
      criteria,
    );
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

  /** The clicks of the chat that is asked for; null where it is not, and where they are too many. */
  private async clickIds(
    tenantId: string,
    { chatId, clickId }: PostbackCriteria,
  ): Promise<readonly string[] | null> {
    if (chatId === null || clickId !== null) return null;
    const clicks = await this.dataSource
      .createQueryBuilder(TrackerClick, 'click')
      .select(['click.seq', 'click.clickId'])
      .where('click.tenantId = :tenantId AND click.chatId = :chatId', { tenantId, chatId })
      .limit(MAX_BRANCHES + 1)
      .getMany();
    return clicks.length > MAX_BRANCHES ? null : clicks.map(({ clickId: id }) => id);
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
    // The index's own condition: SQLite does not conclude it from the codes.
    if (this.engine === 'sqlite' && codes?.includes('ok') === false) query.andWhere(`${row}.code <> 'ok'`);
    if (clickId !== null) query.andWhere(`${row}.clickId = :clickId`, { clickId });
    if (chatId !== null && clickId === null) {
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
      const isInside = `${folded(this.engine, `${row}.target`)} LIKE :inside ESCAPE '!'`;
      const prefix = `CASE WHEN ${isInside} THEN :origin ELSE :outside END`;
      const url =
        this.engine === 'sqlite' ? `(${prefix} || ${row}.target)` : `concat(${prefix}, ${row}.target)`;
      query.andWhere(`${folded(this.engine, url)} LIKE :q ESCAPE '!'`, {
        q: containing(q),
        origin,
        outside: `${origin}${base}`,
        inside: containing(`${base}/`).slice(1),
      });
    }
    return query;
  }
}

/** Which filter to look up value by value; none where another one finds few rows anyway. */
function spreadOf(
  criteria: PostbackCriteria,
  integrationIds: readonly string[] | null,
  clickIds: readonly string[] | null,
): Spread | null {
  const { clickId, chatId, tid, integrationId, codes, events } = criteria;
  if (clickId !== null || tid !== null) return null;
  if (chatId !== null) return clickIds === null ? null : { column: 'clickId', values: clickIds };
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

/** In lower case as far as ASCII goes, and URLs hold nothing else: no locale of the database has a say in it. */
function folded(engine: DatabaseEngine, text: string): string {
  return engine === 'postgres' ? `lower(${text} COLLATE "C")` : `lower(${text})`;
}

/** The filter of one value that the log is read by. */
function columnOf(
  { clickId, chatId, tid, test, codes, events, integrationId }: PostbackCriteria,
  integrationIds: readonly string[] | null,
): IndexedColumn | null {
  if (clickId !== null) return 'clickId';
  if (tid !== null) return 'tid';
  if (chatId !== null) return null;
  if (test) return 'test';
  // Accepted ones are most of every log: that says least.
  if (codes?.length === 1 && codes[0] !== 'ok') return 'code';
  if (events?.length === 1) return 'event';
  if (integrationId !== null || integrationIds?.length === 1) return 'integrationId';
  return codes?.length === 1 ? 'code' : null;
}

/**
 * MySQL and MariaDB would rather intersect two indexes and sort all that they find than walk the one that lists it newest
 * first. Other engines are not told.
 */
function hinted<R extends ObjectLiteral>(
  query: SelectQueryBuilder<R>,
  column: IndexedColumn | null,
): SelectQueryBuilder<R> {
  return column === null ? query : query.useIndex(INDEXES[column]);
}
