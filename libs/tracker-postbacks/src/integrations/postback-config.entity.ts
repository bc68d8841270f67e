import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { epochMilliseconds, json } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';
import { type FieldMapping } from '../rules/recipe';

/** The recipe for one event's postback URL. */
@Entity({ name: 'tracker_postback_configs' })
@PerEngine()
@Index('tracker_postback_configs_event', ['integrationId', 'event'], { unique: true })
export class TrackerPostbackConfig {
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId!: string;

  @Column('varchar', { name: 'name', length: 255 })
  name!: string;

  /** What the URL says happened: an event name, or the network's own word or macro (`{status}`). */
  @Column('varchar', { name: 'event', length: 128 })
  event!: string;

  /** The text after `tracker.cost=`: a network macro or a constant. */
  @Column('varchar', { name: 'cost', length: 255, nullable: true })
  cost!: string | null;

  @Column('varchar', { name: 'currency', length: 255, nullable: true })
  currency!: string | null;

  @Column('varchar', { name: 'tid', length: 255, nullable: true })
  tid!: string | null;

  @Column('text', { name: 'fields', transformer: json })
  fields!: readonly FieldMapping[];

  /** Further parameters, put into the URL verbatim. */
  @Column('text', { name: 'extra', nullable: true, transformer: json })
  extra!: Readonly<Record<string, string>> | null;

  /** Order in lists. */
  @Column('integer', { name: 'position' })
  position!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'updated_at', transformer: epochMilliseconds })
  updatedAt!: Date;
}
