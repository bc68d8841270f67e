import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { TrackerConversion } from '../conversions/conversion.entity';
import { tableName } from '../database/table-name';
import { uuidV7Floor } from '../database/uuid-v7';
import { compileIntegration } from '../integrations/integration-recipe';
import { configRows } from '../integrations/integration-rows';
import { TrackerIntegration } from '../integrations/integration.entity';
import { NetworkRegistry } from '../networks/network-registry';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type VerdictStatus } from '../rules/codes';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type StatsCriteria } from './stats-filters';
import { type ConversionGroup } from './sums.rule';

/** Conversions of one row of the statistics. */
export interface KeyedConversions extends ConversionGroup {
  readonly key: string | null;
}

interface ConversionsRow {
  readonly key: string | number | null;
  readonly integrationId: string;
  readonly event: string;
  readonly currency: string | null;
  readonly reversed: boolean;
  readonly count: number;
  readonly sum: string | null;
}

/**
 * What is counted and added up in the database. Ranges are ranges of ids, which begin with the time of arrival; `numeric`
 * adds exactly and keeps the largest scale. Tests and what was replaced are left out.
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
    const rows: readonly { key: string | number | null; status: VerdictStatus; count: number }[] =
      await this.dataSource.query(
        `SELECT ${keySql(criteria)} AS key, status, count(*)::integer AS count
         FROM ${tableName(this.dataSource, TrackerPostback)}
         WHERE tenant_id = $1 AND id >= $2 AND id < $3 AND NOT test
           AND $4::bigint[] IS NOT NULL
         GROUP BY 1, 2`,
        rangeOf(tenantId, criteria),
      );
    return rows.map((row) => ({ ...row, key: keyOf(row.key, criteria) }));
  }

  async conversions(tenantId: string, criteria: StatsCriteria): Promise<readonly KeyedConversions[]> {
    const rows: readonly ConversionsRow[] = await this.dataSource.query(
      `SELECT ${keySql(criteria)} AS key, ${GROUP}
       FROM ${tableName(this.dataSource, TrackerConversion)}
       WHERE tenant_id = $1 AND id >= $2 AND id < $3 AND NOT test AND voided_at IS NULL
         AND $4::bigint[] IS NOT NULL
       GROUP BY 1, 2, 3, 4, 5`,
      rangeOf(tenantId, criteria),
    );
    const groups = await this.withoutSnapshots(rows);
    return groups.map((row) => ({ ...row, key: keyOf(row.key, criteria) }));
  }

  async ofChat(tenantId: string, chatId: string): Promise<readonly ConversionGroup[]> {
    const rows: readonly ConversionsRow[] = await this.dataSource.query(
      `SELECT NULL AS key, ${GROUP}
       FROM ${tableName(this.dataSource, TrackerConversion)}
       WHERE tenant_id = $1 AND chat_id = $2 AND NOT test AND voided_at IS NULL
       GROUP BY 1, 2, 3, 4, 5`,
      [tenantId, chatId],
    );
    return this.withoutSnapshots(rows);
  }

  /** When each integration's newest postback came; milliseconds since the epoch, by id. */
  async lastPostbacks(integrationIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows: readonly { id: string; at: string }[] = await this.dataSource.query(
      `SELECT wanted.id, newest.received_at::text AS at
       FROM unnest($1::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
         SELECT received_at FROM ${tableName(this.dataSource, TrackerPostback)} p
         WHERE p.integration_id = wanted.id AND NOT p.test ORDER BY p.id DESC LIMIT 1
       ) newest`,
      [integrationIds],
    );
    return new Map(rows.map(({ id, at }) => [id, Number(at)]));
  }

  /** The tenant's integrations, archived ones included. */
  integrations(tenantId: string): Promise<readonly TrackerIntegration[]> {
    return this.dataSource.getRepository(TrackerIntegration).findBy({ tenantId });
  }

  /** Period aggregates of a network repeat what single events say: they are counted and never added up. */
  private async withoutSnapshots(rows: readonly ConversionsRow[]): Promise<readonly ConversionsRow[]> {
    const ids = [...new Set(rows.map(({ integrationId }) => integrationId))];
    if (ids.length === 0) return rows;
    const { manager } = this.dataSource;
    const integrations = await manager.findBy(TrackerIntegration, { id: In(ids) });
    const configs = await configRows(manager, ids);
    const snapshots = new Map(
      integrations.map((row) => {
        const preset = this.networks.forIntegration(row.network);
        return [row.id, compileIntegration(row, configs.get(row.id) ?? [], preset).snapshotEvents] as const;
      }),
    );
    return rows.map((row) =>
      snapshots.get(row.integrationId)?.has(row.event) === true ? { ...row, sum: null } : row,
    );
  }
}

const GROUP = `integration_id AS "integrationId", event, currency, reversed_at IS NOT NULL AS reversed,
  count(*)::integer AS count, sum(cost::numeric)::text AS sum`;

/** Days are numbered by their beginnings: the database need not know the zone, nor agree about its rules. */
function keySql({ groupBy }: StatsCriteria): string {
  if (groupBy === 'day') return 'width_bucket(received_at, $4::bigint[])';
  return groupBy === 'event' ? 'event' : 'integration_id';
}

function rangeOf(tenantId: string, { from, to, days }: StatsCriteria): readonly unknown[] {
  return [tenantId, uuidV7Floor(from), uuidV7Floor(to), days.map(({ start }) => start)];
}

function keyOf(key: string | number | null, { days }: StatsCriteria): string | null {
  return typeof key === 'number' ? (days[key - 1]?.name ?? null) : key;
}
