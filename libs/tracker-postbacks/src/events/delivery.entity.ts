import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { epochMilliseconds, json } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';

/** One failed attempt of a handler. */
export interface DeliveryError {
  readonly attempt: number;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly message: string;
}

/** One event for one handler, tracked on its own. */
@Entity({ name: 'tracker_deliveries' })
@PerEngine({
  tracker_deliveries_due: ['handler', 'status', 'due_at', 'id'],
  tracker_deliveries_order: ['click_seq', 'handler', 'status', 'event_seq'],
  tracker_deliveries_parked: null,
})
@Index('tracker_deliveries_event', ['eventId', 'handler'], { unique: true })
@Index('tracker_deliveries_due', ['handler', 'dueAt', 'id'], { where: "status = 'pending'" })
@Index('tracker_deliveries_order', ['clickSeq', 'handler', 'eventSeq'], { where: "status = 'pending'" })
@Index('tracker_deliveries_parked', ['handler', 'id'], { where: "status = 'parked'" })
export class TrackerDelivery {
  @PrimaryGeneratedColumn({ name: 'id', type: 'bigint' })
  id!: string;

  @Column('uuid', { name: 'event_id' })
  eventId!: string;

  @Column('bigint', { name: 'event_seq' })
  eventSeq!: string;

  @Column('bigint', { name: 'click_seq', nullable: true })
  clickSeq!: string | null;

  @Column('varchar', { name: 'handler', length: 200 })
  handler!: string;

  /** `pending` with a lease is under way. */
  @Column('varchar', { name: 'status', length: 16 })
  status!: 'pending' | 'done' | 'parked';

  /** Attempts begun. */
  @Column('integer', { name: 'attempts', default: 0 })
  attempts!: number;

  /** Times in a row that the lease of an attempt ran out: its process died, or was stopped or cut off for that long. */
  @Column('integer', { name: 'crashes', default: 0 })
  crashes!: number;

  /** Not before this time of the database's clock; one that an earlier event of its click holds back is put off. */
  @Column('bigint', { name: 'due_at', transformer: epochMilliseconds })
  dueAt!: Date;

  /** Random per claim; every later write names it, so that a worker paused past its lease writes nothing. */
  @Column('uuid', { name: 'lease_token', nullable: true })
  leaseToken!: string | null;

  @Column('bigint', { name: 'lease_until', nullable: true, transformer: epochMilliseconds })
  leaseUntil!: Date | null;

  @Column('text', { name: 'errors', nullable: true, transformer: json })
  errors!: readonly DeliveryError[] | null;

  @Column('bigint', { name: 'finished_at', nullable: true, transformer: epochMilliseconds })
  finishedAt!: Date | null;
}
