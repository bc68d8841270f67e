import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';

/** A durable handler that some process has registered; kept, so that a process without handlers gives it its work. */
@Entity({ name: 'tracker_handlers' })
@PerEngine()
export class TrackerHandler {
  @PrimaryColumn('varchar', { name: 'name', length: 200 })
  name!: string;

  /** What it listens to, between single spaces: ` sale resale#2 `, or ` * `. */
  @Column('text', { name: 'events' })
  events!: string;

  @Column('bigint', { name: 'first_registered_at', transformer: epochMilliseconds })
  firstRegisteredAt!: Date;

  /** When a process last said that it has this handler: at its start, and every minute while it lives. */
  @Column('bigint', { name: 'last_registered_at', transformer: epochMilliseconds })
  lastRegisteredAt!: Date;

  /** When a process with this handler last stopped in order, if none has said since that it still has it. */
  @Column('bigint', { name: 'signed_off_at', nullable: true, transformer: epochMilliseconds })
  signedOffAt!: Date | null;

  /** It gets nothing any more, and is gone once what was pending for it has been ended. */
  @Column('bigint', { name: 'retired_at', nullable: true, transformer: epochMilliseconds })
  retiredAt!: Date | null;

  /** Events of a `seq` above this, up to `catchUpTo`, are still to be handed to a handler that gets earlier ones too. */
  @Column('bigint', { name: 'catch_up_from', nullable: true })
  catchUpFrom!: string | null;

  @Column('bigint', { name: 'catch_up_to', nullable: true })
  catchUpTo!: string | null;
}
