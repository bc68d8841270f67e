import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { epochMilliseconds, json } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';
import { type MessageArguments, type VerdictCode, type VerdictStatus, type Warning } from '../rules/codes';

/** One HTTP request that a network sent, and what was decided about it. */
@Entity({ name: 'tracker_postbacks' })
@PerEngine({
  tracker_postbacks_test: ['tenant_id', 'test', 'id'],
  tracker_postbacks_parked: ['code', 'id'],
})
@Index('tracker_postbacks_tenant', ['tenantId', 'id'])
@Index('tracker_postbacks_integration', ['integrationId', 'id'])
@Index('tracker_postbacks_click', ['tenantId', 'clickId', 'id'], { where: 'click_id is not null' })
@Index('tracker_postbacks_tid', ['tenantId', 'tid', 'id'], { where: 'tid is not null' })
@Index('tracker_postbacks_event', ['tenantId', 'event', 'id'], { where: 'event is not null' })
// A code implies its status. Accepted ones are most of every log, and found by walking it.
@Index('tracker_postbacks_code', ['tenantId', 'code', 'id'], { where: "code <> 'ok'" })
@Index('tracker_postbacks_test', ['tenantId', 'id'], { where: 'test' })
@Index('tracker_postbacks_retry', ['retryAt'], { where: 'retry_at is not null' })
@Index('tracker_postbacks_parked', ['id'], { where: "status = 'unmatched' AND code = 'click_unknown'" })
@Index('tracker_postbacks_reversals', ['clickSeq'], {
  where: "status = 'unmatched' AND code = 'nothing_to_reverse'",
})
export class TrackerPostback {
  /** UUIDv7 of `receivedAt`, so that ordering by id is ordering by time of arrival. */
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId!: string;

  @Column('varchar', { name: 'status', length: 16 })
  status!: VerdictStatus;

  @Column('varchar', { name: 'code', length: 32 })
  code!: VerdictCode;

  /** What the verdict's message is filled with. */
  @Column('text', { name: 'message_args', nullable: true, transformer: json })
  messageArgs!: MessageArguments | null;

  /** Which parameter the verdict is about. */
  @Column('varchar', { name: 'message_parameter', length: 255, nullable: true })
  messageParameter!: string | null;

  @Column('text', { name: 'warnings', nullable: true, transformer: json })
  warnings!: readonly Warning[] | null;

  @Column('varchar', { name: 'event', length: 64, nullable: true })
  event!: string | null;

  @Column('varchar', { name: 'reported_event', length: 255, nullable: true })
  reportedEvent!: string | null;

  @Column('varchar', { name: 'click_id', length: 255, nullable: true })
  clickId!: string | null;

  @Column('bigint', { name: 'click_seq', nullable: true })
  clickSeq!: string | null;

  @Column('varchar', { name: 'chat_id', length: 255, nullable: true })
  chatId!: string | null;

  @Column('varchar', { name: 'tid', length: 255, nullable: true })
  tid!: string | null;

  @Column('varchar', { name: 'cost', length: 64, nullable: true })
  cost!: string | null;

  @Column('varchar', { name: 'currency', length: 12, nullable: true })
  currency!: string | null;

  @Column('uuid', { name: 'conversion_id', nullable: true })
  conversionId!: string | null;

  @Column('varchar', { name: 'method', length: 8 })
  method!: string;

  /** The raw request target without the secret, cut at 64 KB. */
  @Column('text', { name: 'target' })
  target!: string;

  @Column('varchar', { name: 'path_event', length: 255, nullable: true })
  pathEvent!: string | null;

  @Column('varchar', { name: 'body_type', length: 8, nullable: true })
  bodyType!: 'form' | 'json' | null;

  /** The body as a JSON string: a text column cannot hold NUL, its escape can. */
  @Column('text', { name: 'body', nullable: true, transformer: json })
  body!: string | null;

  /** Hex SHA-256 of the whole raw request where it was cut. */
  @Column('varchar', { name: 'raw_sha256', length: 64, nullable: true })
  rawSha256!: string | null;

  /** The sender as the host's adapter knows it. */
  @Column('varchar', { name: 'address', length: 64, nullable: true })
  address!: string | null;

  /** `X-Forwarded-For` as it was sent: a claim, not a fact. */
  @Column('varchar', { name: 'forwarded_for', length: 255, nullable: true })
  forwardedFor!: string | null;

  /** How secret and address were judged on arrival; replay goes by this. */
  @Column('varchar', { name: 'admission', length: 24, nullable: true })
  admission!: 'secret_wrong' | 'address_not_allowed' | null;

  @Column('bigint', { name: 'received_at', transformer: epochMilliseconds })
  receivedAt!: Date;

  @Column('bigint', { name: 'judged_at', nullable: true, transformer: epochMilliseconds })
  judgedAt!: Date | null;

  /** Milliseconds from arrival to the commit's start. */
  @Column('integer', { name: 'duration_ms', nullable: true })
  durationMs!: number | null;

  /** Since when everything personal is out of it; it cannot be judged again. */
  @Column('bigint', { name: 'erased_at', nullable: true, transformer: epochMilliseconds })
  erasedAt!: Date | null;

  @Column('boolean', { name: 'test', default: false })
  test!: boolean;

  /** Unmatched: until when its click is waited for. */
  @Column('bigint', { name: 'parked_until', nullable: true, transformer: epochMilliseconds })
  parkedUntil!: Date | null;

  /** When it is judged again, by the database's clock: deferred ones, and unmatched ones while a resolver is asked. */
  @Column('bigint', { name: 'retry_at', nullable: true, transformer: epochMilliseconds })
  retryAt!: Date | null;

  /** How often judging it has failed, or how often a resolver was asked for its click in vain. */
  @Column('integer', { name: 'attempts', default: 0 })
  attempts!: number;
}
