import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { PerEngine } from '../database/per-engine.decorator';

/** How many postbacks an integration rejected with a code in one hour: so that a flood is counted and not stored. */
@Entity({ name: 'tracker_rejected_counts' })
@PerEngine()
@Index('tracker_rejected_counts_tenant', ['tenantId', 'hour'])
export class TrackerRejectedCount {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId!: string;

  /** When it began; milliseconds since the epoch. */
  @PrimaryColumn('bigint', { name: 'hour_start' })
  hour!: string;

  @PrimaryColumn('varchar', { name: 'code', length: 32 })
  code!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  /** Rows of the log. */
  @Column('integer', { name: 'stored' })
  stored!: number;

  /** Beyond the hour's limit: answered alike, and only counted here. */
  @Column('integer', { name: 'counted' })
  counted!: number;
}
