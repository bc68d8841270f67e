import { type MigrationInterface, type QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE tracker_integrations (
    id uuid PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    name varchar(255) NOT NULL,
    network varchar(64) NOT NULL,
    campaign_id varchar(255),
    click_id_parameter varchar(64) NOT NULL,
    macro_syntax varchar(32),
    default_currency varchar(12),
    decimal_mark varchar(1),
    status varchar(16) NOT NULL,
    secret_hash varchar(64),
    previous_secret_hash varchar(64),
    previous_secret_valid_until bigint,
    allowed_addresses text,
    allowed_events text,
    duplicate_window_seconds integer NOT NULL,
    reply text,
    roles text,
    event_map text,
    revision integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint
  )`,
  `CREATE INDEX tracker_integrations_tenant ON tracker_integrations (tenant_id, created_at)`,

  `CREATE TABLE tracker_postback_configs (
    id uuid PRIMARY KEY,
    integration_id uuid NOT NULL,
    name varchar(255) NOT NULL,
    event varchar(128) NOT NULL,
    cost varchar(255),
    currency varchar(255),
    tid varchar(255),
    fields text NOT NULL,
    extra text,
    position integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
  )`,
  `CREATE UNIQUE INDEX tracker_postback_configs_event ON tracker_postback_configs (integration_id, event)`,

  `CREATE TABLE tracker_links (
    id uuid PRIMARY KEY,
    integration_id uuid NOT NULL,
    tenant_id varchar(255) NOT NULL,
    name varchar(255) NOT NULL,
    base_url varchar(2000) NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
  )`,
  `CREATE INDEX tracker_links_integration ON tracker_links (integration_id, id)`,

  // Every conversion bumps its click's revision in place: room on the page keeps that a heap-only update.
  `CREATE TABLE tracker_clicks (
    seq bigserial PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    click_id varchar(255) NOT NULL,
    chat_id varchar(255) NOT NULL,
    campaign_id varchar(255),
    source varchar(16) NOT NULL,
    issue_key varchar(64),
    revision integer NOT NULL DEFAULT 0,
    test boolean NOT NULL DEFAULT false,
    erased_at bigint,
    created_at bigint NOT NULL
  ) WITH (fillfactor = 85)`,
  `CREATE UNIQUE INDEX tracker_clicks_click_id ON tracker_clicks (tenant_id, click_id)`,
  `CREATE INDEX tracker_clicks_chat ON tracker_clicks (tenant_id, chat_id)`,
  `CREATE INDEX tracker_clicks_folded ON tracker_clicks (tenant_id, lower(click_id) text_pattern_ops)`,
  `CREATE UNIQUE INDEX tracker_clicks_issue_key ON tracker_clicks (issue_key)`,

  `CREATE TABLE tracker_postbacks (
    id uuid PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    integration_id uuid NOT NULL,
    status varchar(16) NOT NULL,
    code varchar(32) NOT NULL,
    message_args text,
    message_parameter varchar(255),
    warnings text,
    event varchar(64),
    reported_event varchar(255),
    click_id varchar(255),
    click_seq bigint,
    chat_id varchar(255),
    tid varchar(255),
    cost varchar(64),
    currency varchar(12),
    conversion_id uuid,
    method varchar(8) NOT NULL,
    target text NOT NULL,
    path_event varchar(255),
    body_type varchar(8),
    body text,
    raw_sha256 varchar(64),
    address varchar(64),
    forwarded_for varchar(255),
    admission varchar(24),
    received_at bigint NOT NULL,
    judged_at bigint,
    duration_ms integer,
    erased_at bigint,
    test boolean NOT NULL DEFAULT false,
    parked_until bigint,
    retry_at bigint,
    attempts integer NOT NULL DEFAULT 0
  )`,
  `CREATE INDEX tracker_postbacks_tenant ON tracker_postbacks (tenant_id, id)`,
  `CREATE INDEX tracker_postbacks_integration ON tracker_postbacks (integration_id, id)`,
  `CREATE INDEX tracker_postbacks_click ON tracker_postbacks (tenant_id, click_id, id) WHERE click_id IS NOT NULL`,
  `CREATE INDEX tracker_postbacks_tid ON tracker_postbacks (tenant_id, tid, id) WHERE tid IS NOT NULL`,
  `CREATE INDEX tracker_postbacks_event ON tracker_postbacks (tenant_id, event, id) WHERE event IS NOT NULL`,
  `CREATE INDEX tracker_postbacks_code ON tracker_postbacks (tenant_id, code, id) WHERE code <> 'ok'`,
  `CREATE INDEX tracker_postbacks_test ON tracker_postbacks (tenant_id, id) WHERE test`,
  `CREATE INDEX tracker_postbacks_retry ON tracker_postbacks (retry_at) WHERE retry_at IS NOT NULL`,
  `CREATE INDEX tracker_postbacks_parked ON tracker_postbacks (id)
    WHERE status = 'unmatched' AND code = 'click_unknown'`,
  `CREATE INDEX tracker_postbacks_reversals ON tracker_postbacks (click_seq)
    WHERE status = 'unmatched' AND code = 'nothing_to_reverse'`,

  `CREATE TABLE tracker_conversions (
    id uuid PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    integration_id uuid NOT NULL,
    click_seq bigint NOT NULL,
    click_id varchar(255) NOT NULL,
    chat_id varchar(255) NOT NULL,
    campaign_id varchar(255),
    event varchar(64) NOT NULL,
    reported_event varchar(255) NOT NULL,
    ordinal integer NOT NULL,
    tid varchar(255),
    tid_key varchar(64),
    tidless_sale boolean NOT NULL DEFAULT false,
    request_hash varchar(64) NOT NULL,
    cost varchar(64),
    currency varchar(12),
    cost_raw varchar(255),
    fields text,
    received_at bigint NOT NULL,
    postback_id uuid NOT NULL,
    reversed_at bigint,
    reversed_by uuid,
    reversal_hash varchar(64),
    voided_at bigint,
    replaced_by uuid,
    reason text,
    test boolean NOT NULL DEFAULT false
  )`,
  `CREATE UNIQUE INDEX tracker_conversions_ordinal ON tracker_conversions (click_seq, integration_id, event, ordinal)`,
  `CREATE UNIQUE INDEX tracker_conversions_tid ON tracker_conversions (click_seq, tid_key)`,
  `CREATE INDEX tracker_conversions_tenant ON tracker_conversions (tenant_id, id)`,
  `CREATE INDEX tracker_conversions_chat ON tracker_conversions (tenant_id, chat_id, id)`,

  `CREATE TABLE tracker_events (
    seq bigserial PRIMARY KEY,
    id uuid NOT NULL,
    tenant_id varchar(255) NOT NULL,
    name varchar(64) NOT NULL,
    ordinal integer,
    click_seq bigint,
    conversion_id uuid,
    postback_id uuid NOT NULL,
    payload text NOT NULL,
    erased_at bigint,
    created_at bigint NOT NULL
  )`,
  `CREATE UNIQUE INDEX tracker_events_id ON tracker_events (id)`,
  `CREATE INDEX tracker_events_postback ON tracker_events (postback_id)`,

  `CREATE TABLE tracker_handlers (
    name varchar(200) PRIMARY KEY,
    events text NOT NULL,
    first_registered_at bigint NOT NULL,
    last_registered_at bigint NOT NULL,
    signed_off_at bigint,
    retired_at bigint,
    catch_up_from bigint,
    catch_up_to bigint
  )`,

  `CREATE TABLE tracker_deliveries (
    id bigserial PRIMARY KEY,
    event_id uuid NOT NULL,
    event_seq bigint NOT NULL,
    click_seq bigint,
    handler varchar(200) NOT NULL,
    status varchar(16) NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    crashes integer NOT NULL DEFAULT 0,
    due_at bigint NOT NULL,
    lease_token uuid,
    lease_until bigint,
    errors text,
    finished_at bigint
  )`,
  `CREATE UNIQUE INDEX tracker_deliveries_event ON tracker_deliveries (event_id, handler)`,
  `CREATE INDEX tracker_deliveries_due ON tracker_deliveries (handler, due_at, id) WHERE status = 'pending'`,
  `CREATE INDEX tracker_deliveries_order ON tracker_deliveries (click_seq, handler, event_seq) WHERE status = 'pending'`,
  `CREATE INDEX tracker_deliveries_parked ON tracker_deliveries (handler, id) WHERE status = 'parked'`,

  `CREATE TABLE tracker_audit (
    id uuid PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    actor varchar(255),
    action varchar(64) NOT NULL,
    subject_type varchar(32) NOT NULL,
    subject_id varchar(255) NOT NULL,
    details text,
    at bigint NOT NULL
  )`,
  `CREATE INDEX tracker_audit_tenant ON tracker_audit (tenant_id, id)`,
  `CREATE INDEX tracker_audit_subject ON tracker_audit (tenant_id, subject_id, id)`,

  `CREATE TABLE tracker_rejected_counts (
    integration_id uuid NOT NULL,
    hour_start bigint NOT NULL,
    code varchar(32) NOT NULL,
    tenant_id varchar(255) NOT NULL,
    stored integer NOT NULL,
    counted integer NOT NULL,
    PRIMARY KEY (integration_id, hour_start, code)
  )`,
  `CREATE INDEX tracker_rejected_counts_tenant ON tracker_rejected_counts (tenant_id, hour_start)`,
];

/** The first tables, on PostgreSQL. */
export class TrackerTables1795200000000 implements MigrationInterface {
  // Bundlers rename classes; TypeORM keeps migrations by name, and wants 13 digits at its end.
  readonly name = 'TrackerTables1795200000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of [
      'tracker_rejected_counts',
      'tracker_audit',
      'tracker_deliveries',
      'tracker_handlers',
      'tracker_events',
      'tracker_conversions',
      'tracker_postbacks',
      'tracker_clicks',
      'tracker_links',
      'tracker_postback_configs',
      'tracker_integrations',
    ]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
