import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';

/** How a click came to be known; `erased`: never registered, only named by postbacks that were erased. */
export type ClickSource = 'issued' | 'registered' | 'resolver' | 'test' | 'erased';

/** The id we gave to a lead before he left for the network, and the chat it belongs to. */
@Entity({ name: 'tracker_clicks' })
@PerEngine()
@Index('tracker_clicks_click_id', ['tenantId', 'clickId'], { unique: true })
@Index('tracker_clicks_chat', ['tenantId', 'chatId'])
// An index on lower(click_id), which TypeORM cannot describe: for look-ups of ids that were damaged on their way.
@Index('tracker_clicks_folded', { synchronize: false })
@Index('tracker_clicks_issue_key', ['issueKey'], { unique: true })
export class TrackerClick {
  /**
   * Sequential, and first in every unique key of the conversions: recent clicks then share hot index pages, where a
   * random key would touch a cold page for each postback.
   */
  @PrimaryGeneratedColumn({ name: 'seq', type: 'bigint' })
  seq!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  /** Case-sensitive, 1–255 characters. */
  @Column('varchar', { name: 'click_id', length: 255 })
  clickId!: string;

  @Column('varchar', { name: 'chat_id', length: 255 })
  chatId!: string;

  @Column('varchar', { name: 'campaign_id', length: 255, nullable: true })
  campaignId!: string | null;

  @Column('varchar', { name: 'source', length: 16 })
  source!: ClickSource;

  /** Hex SHA-256 of tenant, chat and campaign for the one id that `issue` gives without `fresh`. */
  @Column('varchar', { name: 'issue_key', length: 64, nullable: true })
  issueKey!: string | null;

  /**
   * Goes up with every change to this click's conversions. A judged batch is stored only where the revision it was
   * judged on still holds, which makes the history of a click linear between any number of processes.
   */
  @Column('integer', { name: 'revision', default: 0 })
  revision!: number;

  @Column('boolean', { name: 'test', default: false })
  test!: boolean;

  /** Since when its data is erased: the id stays, so that a late postback is recognised and not counted. */
  @Column('bigint', { name: 'erased_at', nullable: true, transformer: epochMilliseconds })
  erasedAt!: Date | null;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;
}
