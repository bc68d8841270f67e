import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { epochMilliseconds, json } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';
import { type FlatRecord } from '../rules/reading';

/**
 * The business fact that a postback reported, counted once. Two unique keys hold that in the database: one
 * transaction id per integration, click and class, and one ordinal per integration, click and event.
 */
@Entity({ name: 'tracker_conversions' })
@PerEngine()
@Index('tracker_conversions_ordinal', ['clickSeq', 'integrationId', 'event', 'ordinal'], { unique: true })
@Index('tracker_conversions_tid', ['clickSeq', 'tidKey'], { unique: true })
@Index('tracker_conversions_tenant', ['tenantId', 'id'])
@Index('tracker_conversions_chat', ['tenantId', 'chatId', 'id'])
export class TrackerConversion {
  /** UUIDv7 of `receivedAt`. */
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId!: string;

  @Column('bigint', { name: 'click_seq' })
  clickSeq!: string;

  @Column('varchar', { name: 'click_id', length: 255 })
  clickId!: string;

  @Column('varchar', { name: 'chat_id', length: 255 })
  chatId!: string;

  @Column('varchar', { name: 'campaign_id', length: 255, nullable: true })
  campaignId!: string | null;

  @Column('varchar', { name: 'event', length: 64 })
  event!: string;

  /** The word as sent, before the event map. */
  @Column('varchar', { name: 'reported_event', length: 255 })
  reportedEvent!: string;

  /** 1 for the first of this event on this integration and click; never reused. */
  @Column('integer', { name: 'ordinal' })
  ordinal!: number;

  @Column('varchar', { name: 'tid', length: 255, nullable: true })
  tid!: string | null;

  /** Hex SHA-256 of integration, class and tid: byte-exact under every collation. Null where no tid counts. */
  @Column('varchar', { name: 'tid_key', length: 64, nullable: true })
  tidKey!: string | null;

  /** Read as `sale` without a usable tid, however it was recorded. */
  @Column('boolean', { name: 'tidless_sale', default: false })
  tidlessSale!: boolean;

  /** Equal for requests with the same parameters. */
  @Column('varchar', { name: 'request_hash', length: 64 })
  requestHash!: string;

  /** Canonical decimal. */
  @Column('varchar', { name: 'cost', length: 64, nullable: true })
  cost!: string | null;

  @Column('varchar', { name: 'currency', length: 12, nullable: true })
  currency!: string | null;

  @Column('varchar', { name: 'cost_raw', length: 255, nullable: true })
  costRaw!: string | null;

  /** The custom-field values last known for it. */
  @Column('text', { name: 'fields', nullable: true, transformer: json })
  fields!: FlatRecord | null;

  @Column('bigint', { name: 'received_at', transformer: epochMilliseconds })
  receivedAt!: Date;

  @Column('uuid', { name: 'postback_id' })
  postbackId!: string;

  @Column('bigint', { name: 'reversed_at', nullable: true, transformer: epochMilliseconds })
  reversedAt!: Date | null;

  /** The postback that took it back. */
  @Column('uuid', { name: 'reversed_by', nullable: true })
  reversedBy!: string | null;

  /** `requestHash` of that postback. */
  @Column('varchar', { name: 'reversal_hash', length: 64, nullable: true })
  reversalHash!: string | null;

  @Column('bigint', { name: 'voided_at', nullable: true, transformer: epochMilliseconds })
  voidedAt!: Date | null;

  @Column('uuid', { name: 'replaced_by', nullable: true })
  replacedBy!: string | null;

  /** Why it was counted by hand although the rules say it is known. */
  @Column('text', { name: 'reason', nullable: true })
  reason!: string | null;

  @Column('boolean', { name: 'test', default: false })
  test!: boolean;
}
