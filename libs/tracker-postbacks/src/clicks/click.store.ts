import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { tableName } from '../database/table-name';
import { TrackerDatabase } from '../database/tracker-database';
import { withoutConflict } from '../database/without-conflict';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type ClickName, insertClicks, type NewClick, type Send } from './click-insert';
import { TrackerClick } from './click.entity';

/** The clicks' table. */
@Injectable()
export class ClickStore {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
  ) {}

  /** Inserts the clicks whose id and issue key are both new, and answers those. */
  insert(clicks: readonly NewClick[]): Promise<readonly ClickName[]> {
    return withoutConflict(() =>
      this.insertWith(clicks, (sql, parameters) => this.database.query(sql, parameters)),
    );
  }

  /** The same within the caller's transaction. */
  insertWithin(manager: EntityManager, clicks: readonly NewClick[]): Promise<readonly ClickName[]> {
    return this.insertWith(clicks, (sql, parameters) => manager.query(sql, parameters));
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

  private insertWith(clicks: readonly NewClick[], send: Send): Promise<readonly ClickName[]> {
    return insertClicks(this.database.engine, tableName(this.dataSource, TrackerClick), clicks, send);
  }
}
