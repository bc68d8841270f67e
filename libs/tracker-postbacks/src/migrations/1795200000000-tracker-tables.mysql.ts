import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Replaced by the collation that compares byte by byte, blanks at the end included: 'AbC' is neither 'abc' nor 'AbC '. */
const EXACT = 'EXACT_COLLATION';
const OPTIONS = `ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${EXACT}`;

// There are no partial indexes: where one is more than the key it is on, the constants of its condition come first.
const TABLES: readonly string[] = [
  `CREATE TABLE tracker_integrations (
    id varchar(36) PRIMARY KEY,
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
    allowed_addresses mediumtext,
    allowed_events mediumtext,
    duplicate_window_seconds integer NOT NULL,
    reply mediumtext,
    roles mediumtext,
    event_map mediumtext,
    revision integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    deleted_at bigint
  ) ${OPTIONS}`,
  `CREATE INDEX tracker_integrations_tenant ON tracker_integrations (tenant_id, created_at)`,

  `CREATE TABLE tracker_postback_configs (
    id varchar(36) PRIMARY KEY,
    integration_id varchar(36) NOT NULL,
    name varchar(255) NOT NULL,
    event varchar(128) NOT NULL,
    cost varchar(255),
    currency varchar(255),
    tid varchar(255),
    fields mediumtext NOT NULL,
    extra mediumtext,
    position integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
  ) ${OPTIONS}`,
  `CREATE UNIQUE INDEX tracker_postback_configs_event ON tracker_postback_configs (integration_id, event)`,

  `CREATE TABLE tracker_links (
    id varchar(36) PRIMARY KEY,
    integration_id varchar(36) NOT NULL,
    tenant_id varchar(255) NOT NULL,
    name varchar(255) NOT NULL,
    base_url varchar(2000) NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
  ) ${OPTIONS}`,
  `CREATE INDEX tracker_links_integration ON tracker_links (integration_id, id)`,

  `CREATE TABLE tracker_clicks (
    seq bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    click_id varchar(255) NOT NULL,
    chat_id varchar(255) NOT NULL,
    campaign_id varchar(255),
    source varchar(16) NOT NULL,
    issue_key varchar(64),
    revision integer NOT NULL DEFAULT 0,
    test tinyint NOT NULL DEFAULT 0,
    erased_at bigint,
    created_at bigint NOT NULL
  ) ${OPTIONS}`,
  `CREATE UNIQUE INDEX tracker_clicks_click_id ON tracker_clicks (tenant_id, click_id)`,
  `CREATE INDEX tracker_clicks_chat ON tracker_clicks (tenant_id, chat_id)`,
  `CREATE UNIQUE INDEX tracker_clicks_issue_key ON tracker_clicks (issue_key)`,

  `CREATE TABLE tracker_postbacks (
    id varchar(36) PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    integration_id varchar(36) NOT NULL,
    status varchar(16) NOT NULL,
    code varchar(32) NOT NULL,
    message_args mediumtext,
    message_parameter varchar(255),
    warnings mediumtext,
    event varchar(64),
    reported_event varchar(255),
    click_id varchar(255),
    click_seq bigint,
    chat_id varchar(255),
    tid varchar(255),
    cost varchar(64),
    currency varchar(12),
    conversion_id varchar(36),
    method varchar(8) NOT NULL,
    target mediumtext NOT NULL,
    path_event varchar(255),
    body_type varchar(8),
    body mediumtext,
    raw_sha256 varchar(64),
    address varchar(64),
    forwarded_for varchar(255),
    admission varchar(24),
    received_at bigint NOT NULL,
    judged_at bigint,
    duration_ms integer,
    erased_at bigint,
    test tinyint NOT NULL DEFAULT 0,
    parked_until bigint,
    retry_at bigint,
    attempts integer NOT NULL DEFAULT 0
  ) ${OPTIONS}`,
  `CREATE INDEX tracker_postbacks_tenant ON tracker_postbacks (tenant_id, id)`,
  `CREATE INDEX tracker_postbacks_integration ON tracker_postbacks (integration_id, id)`,
  `CREATE INDEX tracker_postbacks_click ON tracker_postbacks (tenant_id, click_id, id)`,
  `CREATE INDEX tracker_postbacks_tid ON tracker_postbacks (tenant_id, tid, id)`,
  `CREATE INDEX tracker_postbacks_event ON tracker_postbacks (tenant_id, event, id)`,
  `CREATE INDEX tracker_postbacks_code ON tracker_postbacks (tenant_id, code, id)`,
  `CREATE INDEX tracker_postbacks_test ON tracker_postbacks (tenant_id, test, id)`,
  `CREATE INDEX tracker_postbacks_retry ON tracker_postbacks (retry_at)`,
  `CREATE INDEX tracker_postbacks_parked ON tracker_postbacks (code, id)`,
  `CREATE INDEX tracker_postbacks_reversals ON tracker_postbacks (click_seq)`,

  `CREATE TABLE tracker_conversions (
    id varchar(36) PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    integration_id varchar(36) NOT NULL,
    click_seq bigint NOT NULL,
    click_id varchar(255) NOT NULL,
    chat_id varchar(255) NOT NULL,
    campaign_id varchar(255),
    event varchar(64) NOT NULL,
    reported_event varchar(255) NOT NULL,
    ordinal integer NOT NULL,
    tid varchar(255),
    tid_key varchar(64),
    tidless_sale tinyint NOT NULL DEFAULT 0,
    request_hash varchar(64) NOT NULL,
    cost varchar(64),
    currency varchar(12),
    cost_raw varchar(255),
    fields mediumtext,
    received_at bigint NOT NULL,
    postback_id varchar(36) NOT NULL,
    reversed_at bigint,
    reversed_by varchar(36),
    reversal_hash varchar(64),
    voided_at bigint,
    replaced_by varchar(36),
    reason mediumtext,
    test tinyint NOT NULL DEFAULT 0
  ) ${OPTIONS}`,
  `CREATE UNIQUE INDEX tracker_conversions_ordinal ON tracker_conversions (click_seq, integration_id, event, ordinal)`,
  `CREATE UNIQUE INDEX tracker_conversions_tid ON tracker_conversions (click_seq, tid_key)`,
  `CREATE INDEX tracker_conversions_tenant ON tracker_conversions (tenant_id, id)`,
  `CREATE INDEX tracker_conversions_chat ON tracker_conversions (tenant_id, chat_id, id)`,

  `CREATE TABLE tracker_events (
    seq bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id varchar(36) NOT NULL,
    tenant_id varchar(255) NOT NULL,
    name varchar(64) NOT NULL,
    ordinal integer,
    click_seq bigint,
    conversion_id varchar(36),
    postback_id varchar(36) NOT NULL,
    payload mediumtext NOT NULL,
    erased_at bigint,
    created_at bigint NOT NULL
  ) ${OPTIONS}`,
  `CREATE UNIQUE INDEX tracker_events_id ON tracker_events (id)`,
  `CREATE INDEX tracker_events_postback ON tracker_events (postback_id)`,

  `CREATE TABLE tracker_handlers (
    name varchar(200) PRIMARY KEY,
    events mediumtext NOT NULL,
    first_registered_at bigint NOT NULL,
    last_registered_at bigint NOT NULL,
    signed_off_at bigint,
    retired_at bigint,
    catch_up_from bigint,
    catch_up_to bigint
  ) ${OPTIONS}`,
  // No handler: what batches that record events and the registration of a new one lock to wait for each other.
  `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES ('', ' ', 0, 0)`,

  `CREATE TABLE tracker_deliveries (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    event_id varchar(36) NOT NULL,
    event_seq bigint NOT NULL,
    click_seq bigint,
    handler varchar(200) NOT NULL,
    status varchar(16) NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    crashes integer NOT NULL DEFAULT 0,
    due_at bigint NOT NULL,
    lease_token varchar(36),
    lease_until bigint,
    errors mediumtext,
    finished_at bigint
  ) ${OPTIONS}`,
  `CREATE UNIQUE INDEX tracker_deliveries_event ON tracker_deliveries (event_id, handler)`,
  `CREATE INDEX tracker_deliveries_due ON tracker_deliveries (handler, status, due_at, id)`,
  `CREATE INDEX tracker_deliveries_order ON tracker_deliveries (click_seq, handler, status, event_seq)`,

  `CREATE TABLE tracker_audit (
    id varchar(36) PRIMARY KEY,
    tenant_id varchar(255) NOT NULL,
    actor varchar(255),
    action varchar(64) NOT NULL,
    subject_type varchar(32) NOT NULL,
    subject_id varchar(255) NOT NULL,
    details mediumtext,
    at bigint NOT NULL
  ) ${OPTIONS}`,
  `CREATE INDEX tracker_audit_tenant ON tracker_audit (tenant_id, id)`,
  `CREATE INDEX tracker_audit_subject ON tracker_audit (tenant_id, subject_id, id)`,

  `CREATE TABLE tracker_rejected_counts (
    integration_id varchar(36) NOT NULL,
    hour_start bigint NOT NULL,
    code varchar(32) NOT NULL,
    tenant_id varchar(255) NOT NULL,
    stored integer NOT NULL,
    counted integer NOT NULL,
    PRIMARY KEY (integration_id, hour_start, code)
  ) ${OPTIONS}`,
  `CREATE INDEX tracker_rejected_counts_tenant ON tracker_rejected_counts (tenant_id, hour_start)`,
];

/** The first tables, on MySQL 8.0.17 or MariaDB 10.6 and newer. */
export class TrackerTables1795200000000 implements MigrationInterface {
  // Bundlers rename classes; TypeORM keeps migrations by name, and wants 13 digits at its end.
  readonly name = 'TrackerTables1795200000000';

  async up(runner: QueryRunner): Promise<void> {
    const [row] = (await runner.query('SELECT version() AS version')) as readonly {
      readonly version: string;
    }[];
    const collation = row?.version.includes('MariaDB') === true ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
    for (const statement of TABLES) await runner.query(statement.replace(EXACT, collation));
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
