import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds } from '../database/column.transformers';

/** How a click came to be known. */
export type ClickSource = 'issued' | 'registered' | 'resolver' | 'test';

/** The id we gave to a lead before he left for the network, and the chat it belongs to. */
@Entity({ name: 'tracker_clicks' })
@Index('tracker_clicks_click_id', ['tenantId', 'clickId'], { unique: true })
@Index('tracker_clicks_chat', ['tenantId', 'chatId'])
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

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;
}
