import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { epochMilliseconds, json } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';
import { type AuditAction, type AuditSubject } from './audit-action';

/** One change that somebody made: who, what, to what, when. Never holds a secret. */
@Entity({ name: 'tracker_audit' })
@PerEngine()
@Index('tracker_audit_tenant', ['tenantId', 'id'])
@Index('tracker_audit_subject', ['tenantId', 'subjectId', 'id'])
export class TrackerAuditEntry {
  /** UUIDv7 of `at`: ordering by id is ordering by time. */
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  /** As the host's `actor` option named him; null where it names nobody. */
  @Column('varchar', { name: 'actor', length: 255, nullable: true })
  actor!: string | null;

  @Column('varchar', { name: 'action', length: 64 })
  action!: AuditAction;

  @Column('varchar', { name: 'subject_type', length: 32 })
  subjectType!: AuditSubject;

  @Column('varchar', { name: 'subject_id', length: 255 })
  subjectId!: string;

  /** What else is worth knowing, by action. */
  @Column('text', { name: 'details', nullable: true, transformer: json })
  details!: Readonly<Record<string, unknown>> | null;

  @Column('bigint', { name: 'at', transformer: epochMilliseconds })
  at!: Date;
}
