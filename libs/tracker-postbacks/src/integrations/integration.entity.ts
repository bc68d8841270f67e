import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { epochMilliseconds, json } from '../database/column.transformers';
import { PerEngine } from '../database/per-engine.decorator';
import { type DecimalMark, type Role } from '../rules/recipe';

/** How postbacks of one integration are answered. */
export interface IntegrationReply {
  /** @default 'json' */
  readonly format: 'json' | 'text' | 'empty' | 'gif';
  /** The body of a `text` reply. @default 'OK' */
  readonly text?: string;
  /** Answer 200 where the verdict says 400 or 403. @default false */
  readonly always200?: boolean;
}

/** Parameter names that a custom integration reads per role, after the canonical ones. */
export type IntegrationRoles = Partial<Record<Role, readonly string[]>>;

/** One configured connection of a tenant to a network; its id stands in the postback URL. */
@Entity({ name: 'tracker_integrations' })
@PerEngine()
@Index('tracker_integrations_tenant', ['tenantId', 'createdAt'])
export class TrackerIntegration {
  /** UUIDv4: it stands in a public URL and must not be guessable. */
  @PrimaryColumn('uuid', { name: 'id' })
  id!: string;

  @Column('varchar', { name: 'tenant_id', length: 255 })
  tenantId!: string;

  @Column('varchar', { name: 'name', length: 255 })
  name!: string;

  /** Key of the network preset. */
  @Column('varchar', { name: 'network', length: 64 })
  network!: string;

  @Column('varchar', { name: 'campaign_id', length: 255, nullable: true })
  campaignId!: string | null;

  @Column('varchar', { name: 'click_id_parameter', length: 64 })
  clickIdParameter!: string;

  @Column('varchar', { name: 'macro_syntax', length: 32, nullable: true })
  macroSyntax!: string | null;

  @Column('varchar', { name: 'default_currency', length: 12, nullable: true })
  defaultCurrency!: string | null;

  @Column('varchar', { name: 'decimal_mark', length: 1, nullable: true })
  decimalMark!: DecimalMark | null;

  @Column('varchar', { name: 'status', length: 16 })
  status!: 'active' | 'paused';

  /** Hex SHA-256 of the secret; null when the integration has none. */
  @Column('varchar', { name: 'secret_hash', length: 64, nullable: true })
  secretHash!: string | null;

  @Column('varchar', { name: 'previous_secret_hash', length: 64, nullable: true })
  previousSecretHash!: string | null;

  @Column('bigint', { name: 'previous_secret_valid_until', nullable: true, transformer: epochMilliseconds })
  previousSecretValidUntil!: Date | null;

  /** CIDR blocks; null allows every address. */
  @Column('text', { name: 'allowed_addresses', nullable: true, transformer: json })
  allowedAddresses!: readonly string[] | null;

  /** Event names that may be recorded; null allows every one. */
  @Column('text', { name: 'allowed_events', nullable: true, transformer: json })
  allowedEvents!: readonly string[] | null;

  @Column('integer', { name: 'duplicate_window_seconds' })
  duplicateWindowSeconds!: number;

  @Column('text', { name: 'reply', nullable: true, transformer: json })
  reply!: IntegrationReply | null;

  @Column('text', { name: 'roles', nullable: true, transformer: json })
  roles!: IntegrationRoles | null;

  @Column('text', {
    name: 'event_map',
    nullable: true,
    transformer: json,
  })
  eventMap!: Readonly<Record<string, string>> | null;

  /** Goes up with every change to the integration or its configs, so that other processes notice. */
  @Column('integer', { name: 'revision' })
  revision!: number;

  @Column('bigint', { name: 'created_at', transformer: epochMilliseconds })
  createdAt!: Date;

  @Column('bigint', { name: 'updated_at', transformer: epochMilliseconds })
  updatedAt!: Date;

  /** Archived since: the URL keeps storing for 30 days and the integration can be restored. */
  @Column('bigint', { name: 'deleted_at', nullable: true, transformer: epochMilliseconds })
  deletedAt!: Date | null;
}
