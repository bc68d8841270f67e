import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { epochMilliseconds } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';
import { MAX_BASE_URL_LENGTH } from '../rules/link-template.rule';

/** A registration link: a landing URL of the network that takes our click id along. */
@Entity({ name: 'tracker_links' })
@PerEngine()
@Index('tracker_links_integration', ['integrationId', 'id'])
export class TrackerLink {
  /** UUIDv7: ordering by id is ordering by time. */
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  @Column('varchar', { name: 'name', length: 255 })
  name!: string;

  /** As given; the click-id parameter is put in when the link is shown, so that it follows the integration's. */
  @Column('varchar', { name: 'base_url', length: MAX_BASE_URL_LENGTH })
  baseUrl!: string;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'updated_at', transformer: epochMilliseconds })
  updatedAt!: Date;
}
