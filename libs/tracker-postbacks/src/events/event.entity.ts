import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds, json } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';

/** An event for the host, written in the same statement as the conversion it tells of. */
@Entity({ name: 'tracker_events' })
@PerEngine()
@Index('tracker_events_id', ['id'], { unique: true })
@Index('tracker_events_postback', ['postbackId'])
export class TrackerEventRow {
  /**
   * Order of recording; within one click it is also the order of commits. The primary key, because SQLite counts up no
   * other column.
   */
  @PrimaryGeneratedColumn({ name: 'seq', type: 'bigint' })
  seq!: string;

  /** UUIDv7; the handlers' idempotency key. */
  @Column('uuid', { name: 'id' })
  id!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  /** `sale`, `reversal`, a custom name …: without the `tracker.` that it travels under. */
  @Column('varchar', { name: 'name', length: 64 })
  name!: string;

  @Column('integer', { name: 'ordinal', nullable: true })
  ordinal!: number | null;

  /** Null where no click is known (`unmatched`). */
  @Column('bigint', { name: 'click_seq', nullable: true })
  clickSeq!: string | null;

  @Column('uuid', { name: 'conversion_id', nullable: true })
  conversionId!: string | null;

  @Column('uuid', { name: 'postback_id' })
  postbackId!: string;

  @Column('text', { name: 'payload', transformer: json })
  payload!: Readonly<Record<string, unknown>>;

  /** Since when everything personal is out of the payload; no handler is given it any more. */
  @Column('bigint', { name: 'erased_at', nullable: true, transformer: epochMilliseconds })
  erasedAt!: Date | null;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;
}
