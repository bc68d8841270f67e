import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { jsonParameter } from '../database/json-parameter';
import { tableName } from '../database/table-name';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type ClickSource, TrackerClick } from './click.entity';

/** A click as it is inserted; `createdAt` in milliseconds since the epoch. */
export interface NewClick {
  readonly clickId: string;
  readonly chatId: string;
  readonly campaignId: string | null;
  readonly source: ClickSource;
  readonly issueKey: string | null;
  readonly createdAt: number;
}

/** The clicks' table. What only one database engine understands stands in `insert`. */
@Injectable()
export class ClickStore {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** Inserts the clicks whose id and issue key are both new, and answers their ids. */
  async insert(tenantId: string, clicks: readonly NewClick[]): Promise<ReadonlySet<string>> {
    const table = tableName(this.dataSource, TrackerClick);
    const rows: readonly { readonly clickId: string }[] = await this.dataSource.query(
      // One order for all writers: two batches with the same ids in opposite order would wait for each other.
      `INSERT INTO ${table} (tenant_id, click_id, chat_id, campaign_id, source, issue_key, created_at, test)
       SELECT $1, x."clickId", x."chatId", x."campaignId", x.source, x."issueKey", x."createdAt", x.source = 'test'
       FROM json_to_recordset($2::json) AS x("clickId" text, "chatId" text, "campaignId" text, source text,
         "issueKey" text, "createdAt" bigint)
       ORDER BY x."clickId" COLLATE "C"
       ON CONFLICT DO NOTHING
       RETURNING click_id AS "clickId"`,
      [tenantId, jsonParameter(clicks)],
    );
    return new Set(rows.map(({ clickId }) => clickId));
  }

  /** Chat ids by click id, of the clicks that exist. */
  async chatsOf(tenantId: string, clickIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (clickIds.length === 0) return new Map();
    const clicks = await this.dataSource
      .createQueryBuilder(TrackerClick, 'click')
      .select(['click.seq', 'click.clickId', 'click.chatId'])
      .where('click.tenantId = :tenantId', { tenantId })
      .andWhere('click.clickId IN (:...clickIds)', { clickIds })
      .getMany();
    return new Map(clicks.map(({ clickId, chatId }) => [clickId, chatId]));
  }

  /** The id that the chat was given last for the campaign. */
  async newestIssued(tenantId: string, chatId: string, campaignId: string | null): Promise<string | null> {
    const query = this.dataSource
      .createQueryBuilder(TrackerClick, 'click')
      .select(['click.seq', 'click.clickId'])
      .where('click.tenantId = :tenantId', { tenantId })
      .andWhere('click.chatId = :chatId', { chatId })
      .andWhere("click.source = 'issued'")
      .orderBy('click.seq', 'DESC')
      .limit(1);
    if (campaignId === null) query.andWhere('click.campaignId IS NULL');
    else query.andWhere('click.campaignId = :campaignId', { campaignId });
    return (await query.getOne())?.clickId ?? null;
  }

  async find(tenantId: string, clickId: string): Promise<TrackerClick | null> {
    return this.dataSource
      .createQueryBuilder(TrackerClick, 'click')
      .where('click.tenantId = :tenantId', { tenantId })
      .andWhere('click.clickId = :clickId', { clickId })
      .getOne();
  }
}
