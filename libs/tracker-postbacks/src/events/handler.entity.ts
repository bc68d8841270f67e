import { Column, Entity, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/column.transformers';

/** A durable handler that some process has registered; kept, so that a process without handlers gives it its work. */
@Entity({ name: 'tracker_handlers' })
export class TrackerHandler {
  @PrimaryColumn('varchar', { name: 'name', length: 200 })
  name!: string;

  /** What it listens to, between single spaces: ` sale resale#2 `, or ` * `. */
  @Column('text', { name: 'events' })
  events!: string;

  @Column('bigint', { name: 'first_registered_at', transformer: epochMilliseconds })
  firstRegisteredAt!: Date;

  @Column('bigint', { name: 'last_registered_at', transformer: epochMilliseconds })
  lastRegisteredAt!: Date;
}
