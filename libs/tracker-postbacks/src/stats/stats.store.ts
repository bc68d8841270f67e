import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, type SelectQueryBuilder } from 'typeorm';
import { TrackerConversion } from '../conversions/conversion.entity';
import { engineOf } from '../database/engine';
import { uuidV7Floor } from '../database/uuid-v7';
import { compileIntegration } from '../integrations/integration-recipe';
import { configRows } from '../integrations/integration-rows';
import { TrackerIntegration } from '../integrations/integration.entity';
import { NetworkRegistry } from '../networks/network-registry';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type VerdictStatus } from '../rules/codes';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { dayNumber } from './day-number';
import { exactSum, readSum } from './exact-sum';
import { type StatsCriteria } from './stats-filters';
import { inSlices, type TimeRange } from './time-slices';
import { type ConversionGroup } from './sums.rule';

/** Conversions of one row of the statistics. */
export interface KeyedConversions extends ConversionGroup {
  readonly key: string | null;
}

/** As drivers answer it: counts may be text. */
interface PostbacksRow {
  readonly grouped: string | number | null;
  readonly status: VerdictStatus;
  readonly rows: string | number;
}

interface ConversionsRow {
  readonly grouped: string | number | null;
  readonly integration: string;
  readonly event: string;
  readonly currency: string | null;
  readonly taken_back: boolean | string | number;
  readonly rows: string | number;
  readonly amount: string | null;
  readonly scale?: string | number | null;
}

/**
 * What is counted and added up in the database. Ranges are ranges of ids, which begin with the time of arrival; amounts are
 * added exactly and keep the largest scale. Tests and what was replaced are left out.
 */
@Injectable()
export class StatsStore {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(NetworkRegistry) private readonly networks: NetworkRegistry,
  ) {}

  async postbacks(
    tenantId: string,
    criteria: StatsCriteria,
  ): Promise<
    readonly { readonly key: string | null; readonly status: VerdictStatus; readonly count: number }[]
  > {
    const rows = await inSlices(engineOf(this.dataSource), criteria, (slice) =>
      this.dataSource
        .createQueryBuilder(TrackerPostback, 'counted')
        .select(this.key(criteria, slice), 'grouped')
        .addSelect('counted.status', 'status')
        .addSelect('count(*)', 'rows')
        .where(`${IN_RANGE} AND NOT counted.test`, rangeOf(tenantId, slice))
        .groupBy('grouped')
        .addGroupBy('counted.status')
        .getRawMany<PostbacksRow>(),
    );
    return rows.map(({ grouped, status, rows: count }) => ({
      key: keyOf(grouped, criteria),
      status,
      count: Number(count),
    }));
  }

  async conversions(tenantId: string, criteria: StatsCriteria): Promise<readonly KeyedConversions[]> {
    const rows = await inSlices(engineOf(this.dataSource), criteria, (slice) =>
      this.rows((query) =>
        query.select(this.key(criteria, slice), 'grouped').where(IN_RANGE, rangeOf(tenantId, slice)),
      ),
    );
    const groups = await this.groups(rows);
    return groups.map(({ grouped, ...group }) => ({ ...group, key: keyOf(grouped, criteria) }));
  }

  async ofChat(tenantId: string, chatId: string): Promise<readonly ConversionGroup[]> {
    const rows = await this.rows((query) =>
      query
        .select('1', 'grouped')
        .where('counted.tenantId = :tenantId AND counted.chatId = :chatId', { tenantId, chatId }),
    );
    return this.groups(rows);
  }

  /** When the newest postback of each of the tenant's integrations came; milliseconds since the epoch, by id. */
  async lastPostbacks(tenantId: string): Promise<ReadonlyMap<string, number>> {
    const query = this.dataSource.createQueryBuilder(TrackerIntegration, 'integration');
    const newest = query
      .subQuery()
      .select('postback.receivedAt')
      .from(TrackerPostback, 'postback')
      .where('postback.integrationId = integration.id AND NOT postback.test')
      .orderBy('postback.id', 'DESC')
      .limit(1);
    const rows = await query
      .select('integration.id', 'id')
      .addSelect(newest.getQuery(), 'at')
      .where('integration.tenantId = :tenantId', { tenantId })
      .getRawMany<{ readonly id: string; readonly at: string | number | null }>();
    return new Map(rows.flatMap(({ id, at }) => (at === null ? [] : [[id, Number(at)] as const])));
  }

  /** The tenant's integrations, archived ones included. */
  integrations(tenantId: string): Promise<readonly TrackerIntegration[]> {
    return this.dataSource.getRepository(TrackerIntegration).findBy({ tenantId });
  }

  private rows(
    narrowed: (query: SelectQueryBuilder<TrackerConversion>) => SelectQueryBuilder<TrackerConversion>,
  ): Promise<ConversionsRow[]> {
    const { sum, scale } = exactSum(engineOf(this.dataSource), 'counted.cost');
    const query = narrowed(this.dataSource.createQueryBuilder(TrackerConversion, 'counted'))
      .addSelect('counted.integrationId', 'integration')
      .addSelect('counted.event', 'event')
      .addSelect('counted.currency', 'currency')
      .addSelect('counted.reversedAt IS NOT NULL', 'taken_back')
      .addSelect('count(*)', 'rows')
      .addSelect(sum, 'amount')
      .andWhere('NOT counted.test AND counted.voidedAt IS NULL')
      // By its name in the answer: that of an expression is the same on every engine, a place in the list is not kept.
      .groupBy('grouped')
      .addGroupBy('counted.integrationId')
      .addGroupBy('counted.event')
      .addGroupBy('counted.currency')
      .addGroupBy('taken_back');
    if (scale !== null) query.addSelect(scale, 'scale').addGroupBy('scale');
    return query.getRawMany<ConversionsRow>();
  }

  private async groups(
    rows: readonly ConversionsRow[],
  ): Promise<readonly (ConversionGroup & Pick<ConversionsRow, 'grouped'>)[]> {
    const snapshots = await this.snapshots(rows);
    return rows.map((row) => {
      const { grouped, event, currency } = row;
      const isSnapshot = snapshots.get(row.integration)?.has(event) === true;
      return {
        grouped,
        event,
        currency,
        reversed: Number(row.taken_back) === 1,
        count: Number(row.rows),
        sum: isSnapshot ? null : readSum(row.amount, numberOrNull(row.scale)),
      };
    });
  }

  /** Period aggregates of a network repeat what single events say: they are counted and never added up. */
  private async snapshots(
    rows: readonly ConversionsRow[],
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const ids = [...new Set(rows.map(({ integration }) => integration))];
    if (ids.length === 0) return new Map();
    const { manager } = this.dataSource;
    const integrations = await manager.findBy(TrackerIntegration, { id: In(ids) });
    const configs = await configRows(manager, ids);
    return new Map(
      integrations.map((row) => {
        const preset = this.networks.forIntegration(row.network);
        return [row.id, compileIntegration(row, configs.get(row.id) ?? [], preset).snapshotEvents];
      }),
    );
  }

  private key({ groupBy, days }: StatsCriteria, slice: TimeRange): string {
    if (groupBy === 'event') return 'counted.event';
    if (groupBy === 'integration') return 'counted.integrationId';
    return dayNumber(
      engineOf(this.dataSource),
      'counted.receivedAt',
      days.map(({ start }) => start),
      slice,
    );
  }
}

const IN_RANGE = 'counted.tenantId = :tenantId AND counted.id >= :from AND counted.id < :to';

function rangeOf(tenantId: string, { from, to }: TimeRange): Readonly<Record<string, string>> {
  return { tenantId, from: uuidV7Floor(from), to: uuidV7Floor(to) };
}

function keyOf(key: string | number | null, { groupBy, days }: StatsCriteria): string | null {
  if (groupBy === 'day') return days[Number(key) - 1]?.name ?? null;
  return key === null ? null : String(key);
}

function numberOrNull(value: string | number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
