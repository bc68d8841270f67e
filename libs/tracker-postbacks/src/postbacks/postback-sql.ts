import { type DataSource } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { TrackerConversion } from '../conversions/conversion.entity';
import { databaseNow } from '../database/database-clock';
import { tableName } from '../database/table-name';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerHandler } from '../events/handler.entity';
import { TrackerIntegration } from '../integrations/integration.entity';
import { loadSql } from './loaded-rows';
import { PLAIN_COLUMNS, PLAIN_MARKS } from './plain-batch';
import { TrackerPostback } from './postback.entity';

const now = databaseNow('postgres');
const POSTBACK_COLUMNS = `id uuid, tenant_id text, integration_id uuid, status text, code text, message_args text,
  message_parameter text, warnings text, event text, reported_event text, click_id text, click_seq bigint, chat_id text,
  tid text, cost text, currency text, conversion_id uuid, method text, target text, path_event text, body_type text,
  body text, raw_sha256 text, address text, forwarded_for text, admission text, received_at bigint, judged_at bigint,
  duration_ms integer, erased_at bigint, test boolean, parked_until bigint, retry_in bigint, attempts integer, lane bigint`;
const PATCH_COLUMNS = `id uuid, click_seq bigint, tid text, tid_key text, tidless_sale boolean, cost text,
  currency text, cost_raw text, fields text, reversed_at bigint, reversed_by uuid, reversal_hash text, voided_at bigint,
  replaced_by uuid`;
const CONVERSION_COLUMNS = `${PATCH_COLUMNS}, tenant_id text, integration_id uuid, click_id text, chat_id text,
  campaign_id text, event text, reported_event text, ordinal integer, request_hash text, received_at bigint,
  postback_id uuid, reason text, test boolean`;
const EVENT_COLUMNS = `n integer, id uuid, tenant_id text, name text, ordinal integer, click_seq bigint,
  conversion_id uuid, postback_id uuid, payload text, created_at bigint, lane bigint`;

const names = (columns: string): string[] =>
  columns.split(',').map((column) => column.trim().split(/\s/)[0] ?? '');
const without = (columns: string, ...left: string[]): string =>
  names(columns)
    .filter((name) => !left.includes(name))
    .join(', ');

const OF_CONVERSION = `tenant_id, integration_id, click_seq, click_id, chat_id, event, reported_event, tid, cost, currency,
  received_at, test, ordinal, tidless_sale, request_hash, tid_key, cost_raw, fields, campaign_id`;
/** What `plainBatch` wrote. OFFSET 0 has a row cut up once, and not for each of its columns. */
const PLAIN_ROWS = `
          SELECT ${PLAIN_COLUMNS.map(([name, type], index) => `a[${index + 1}]::${type} AS ${name}`).join(', ')} FROM (
            SELECT string_to_array(r, ${literal(PLAIN_MARKS.column)}, ${literal(PLAIN_MARKS.nothing)}) AS a
            FROM unnest(string_to_array($4, ${literal(PLAIN_MARKS.row)})) AS r OFFSET 0
          ) AS cut`;
const INSERTED = without(POSTBACK_COLUMNS, 'lane', 'retry_in');

function literal(mark: string): string {
  return `chr(${mark.charCodeAt(0)})`;
}

const isParked = (row: string): string => `${row}.status = 'unmatched' AND ${row}.code = 'click_unknown'`;

/** What judging a stored row again leaves as it is. */
const KEPT_COLUMNS = [
  'id',
  'tenant_id',
  'integration_id',
  'method',
  'target',
  'path_event',
  'body_type',
  'body',
  'raw_sha256',
  'address',
  'forwarded_for',
  'received_at',
  'duration_ms',
  'retry_in',
  'lane',
  'test',
];
const JUDGED = names(POSTBACK_COLUMNS)
  .filter((name) => !KEPT_COLUMNS.includes(name))
  .map((name) => `${name} = p.${name}`)
  .join(', ');
const PATCHED = names(PATCH_COLUMNS)
  .filter((name) => name !== 'id' && name !== 'click_seq')
  .map((name) => `${name} = x.${name}`)
  .join(', ');

/** Every statement of the {@link PostbackStore}, with the tables of the host's DataSource. */
export interface PostbackSql {
  readonly load: string;
  /** For a {@link plainBatch}, as nearly all are: planned, sent and run in a fraction of the other. */
  readonly writePlain: string;
  readonly write: string;
  readonly stored: string;
  readonly parked: string;
  readonly parkedWithClick: string;
  readonly parkedPage: string;
  readonly overtakenReversals: string;
  readonly claimRetries: string;
}

/** Made at first use: table names are known once the host's DataSource has read its entities. */
export function postbackSql(dataSource: DataSource): PostbackSql {
  const table = (entity: new () => object): string => tableName(dataSource, entity);
  const clicks = table(TrackerClick);
  const postbacks = table(TrackerPostback);
  const conversions = table(TrackerConversion);
  const events = table(TrackerEventRow);
  const deliveries = table(TrackerDelivery);
  const handlers = table(TrackerHandler);
  const integrations = table(TrackerIntegration);
  /** Of a row `p`; the click may also be the one whose `+` arrived as a space. */
  const hasClick = `(EXISTS (
          SELECT 1 FROM ${clicks} c WHERE c.tenant_id = p.tenant_id AND c.click_id = p.click_id OFFSET 0
        ) OR strpos(p.click_id, ' ') > 0 AND EXISTS (
          SELECT 1 FROM ${clicks} c WHERE c.tenant_id = p.tenant_id AND c.click_id = replace(p.click_id, ' ', '+') OFFSET 0
        ))`;
  const answer = `new_deliveries AS (
          INSERT INTO ${deliveries} (event_id, event_seq, click_seq, handler, status, due_at)
          SELECT e.id, e.seq, e.click_seq, h.name, 'pending', ${now}
          FROM new_events e JOIN ${handlers} h ON strpos(h.events, ' * ') > 0
            OR strpos(h.events, ' ' || e.name || ' ') > 0
            OR strpos(h.events, ' ' || e.name || '#' || e.ordinal || ' ') > 0
          ORDER BY e.seq
          RETURNING id
        )
        SELECT (SELECT json_agg(seq::text) FROM win) AS won,
          (SELECT json_agg(seq::text) FROM kept) AS kept,
          (SELECT count(*)::integer FROM new_deliveries) AS deliveries,
          (SELECT json_agg(p.id ORDER BY p.id) FROM ${postbacks} p
            WHERE p.click_seq = ANY($2::bigint[]) AND p.click_seq IN (SELECT click_seq FROM new_conversions) AND p.tid IS NOT NULL
              AND p.status = 'unmatched' AND p.code = 'nothing_to_reverse') AS reversals`;
  return {
    load: loadSql(clicks, conversions, integrations),
    writePlain: writePlainSql(),
    write: writeSql(),
    stored: `
        SELECT p.id, p.tenant_id AS "tenantId", p.integration_id AS "integrationId", p.method, p.target,
          p.path_event AS "pathEvent", p.body_type AS "bodyType", p.body, p.raw_sha256 AS "rawSha256", p.admission, p.address,
          p.received_at::text AS "receivedAt", p.attempts, p.test, p.status, p.code,
          p.event, p.click_id AS "clickId", p.conversion_id AS "conversionId", p.cost, p.currency
        FROM ${postbacks} p
        WHERE p.id = ANY($1::uuid[])
          AND p.status = ANY($2::text[]) AND p.erased_at IS NULL
        ORDER BY p.id`,
    // Here too OFFSET 0 keeps every step one index look-up: on tables that were never analysed joins became products.
    parked: `
        SELECT w.id FROM json_to_recordset($1::json) AS x(t text, c text) CROSS JOIN LATERAL (
          SELECT p.id FROM ${postbacks} p
          WHERE p.tenant_id = x.t AND p.click_id = x.c AND ${isParked('p')} AND p.parked_until > ${now} OFFSET 0
        ) w
        ORDER BY w.id`,
    parkedWithClick: `
        WITH named AS MATERIALIZED (
          SELECT DISTINCT p.tenant_id, p.click_id FROM ${postbacks} p WHERE p.id = ANY($1::uuid[])
        )
        SELECT w.id FROM named p CROSS JOIN LATERAL (
          SELECT w.id FROM ${postbacks} w
          WHERE w.tenant_id = p.tenant_id AND w.click_id = p.click_id AND ${isParked('w')} OFFSET 0
        ) w
        WHERE ${hasClick}
        ORDER BY w.id`,
    parkedPage: `
        WITH page AS MATERIALIZED (
          SELECT p.id, p.tenant_id, p.click_id FROM ${postbacks} p
          WHERE ${isParked('p')} AND p.id > $1::uuid AND p.parked_until > ${now}
          ORDER BY p.id LIMIT $2
        )
        SELECT
          (SELECT json_agg(p.id ORDER BY p.id) FROM page p WHERE ${hasClick}) AS ready,
          (SELECT p.id FROM page p ORDER BY p.id DESC LIMIT 1) AS "lastId"`,
    overtakenReversals: `
        SELECT p.id FROM ${postbacks} p
        WHERE p.status = 'unmatched' AND p.code = 'nothing_to_reverse' AND p.tid IS NOT NULL AND EXISTS (
          SELECT 1 FROM ${conversions} v
          WHERE v.click_seq = p.click_seq AND v.integration_id = p.integration_id AND v.tid = p.tid
            AND v.reversed_at IS NULL AND v.voided_at IS NULL OFFSET 0
        )
        ORDER BY p.id LIMIT $1`,
    claimRetries: `
        UPDATE ${postbacks} SET retry_at = ${now} + 60000
        WHERE id IN (
          SELECT id FROM ${postbacks} WHERE retry_at <= ${now} AND status IN ('deferred', 'unmatched')
          ORDER BY retry_at LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        RETURNING id`,
  };

  /**
   * $1 clicks that change, $2 every click named, $3 the revisions of $1, $4 what `plainBatch` makes of the rest: one row for a
   * postback with its conversion and its event.
   */
  function writePlainSql(): string {
    return `
        WITH lanes AS (SELECT * FROM unnest($1::bigint[], $3::integer[]) AS x(seq, revision) ORDER BY seq),
        rows AS (${PLAIN_ROWS}),
        win AS (
          UPDATE ${clicks} c SET revision = c.revision + 1
          FROM lanes l
          WHERE c.seq = ANY($2::bigint[]) AND c.seq = l.seq AND c.revision = l.revision
          RETURNING c.seq
        ),
        kept AS (${keptOf('rows')}),
        new_postbacks AS (
          INSERT INTO ${postbacks} (${INSERTED}, retry_at)
          SELECT ${INSERTED}, ${now} + retry_in FROM rows
          WHERE lane IN (SELECT seq FROM win) OR ${unlaned('')}
        ),
        new_conversions AS (
          INSERT INTO ${conversions} (id, postback_id, ${OF_CONVERSION})
          SELECT conversion_id, id, ${OF_CONVERSION} FROM rows
          WHERE ordinal IS NOT NULL AND lane IN (SELECT seq FROM win)
          RETURNING click_seq
        ),
        new_events AS (
          INSERT INTO ${events} (id, postback_id, tenant_id, name, ordinal, click_seq, conversion_id, payload, created_at)
          SELECT event_id, id, tenant_id, event_name, event_ordinal, lane, conversion_id, payload, judged_at FROM rows
          WHERE event_id IS NOT NULL AND (lane IS NULL OR lane IN (SELECT seq FROM win))
          ORDER BY n
          RETURNING id, seq, click_seq, name, ordinal
        ),
        ${answer}`;
  }

  /**
   * $1 clicks that change, $2 every click named, $3 postbacks, $4 conversions, $5 events, $6 changed conversions,
   * $7 all or nothing, $8 rows that are judged again.
   */
  function writeSql(): string {
    // Changed conversions come before new ones: one that is replaced gives its tid to its successor.
    return `
        WITH lanes AS (SELECT * FROM json_to_recordset($1::json) AS x(seq bigint, revision integer) ORDER BY seq),
        rows AS (SELECT * FROM json_to_recordset($3::json) AS x(${POSTBACK_COLUMNS}, expected text)),
        -- Two processes may have found different clicks for one stored row: it is locked, and looked at, before either
        -- click is won. Clicks before rows and both in ascending order, as everybody takes them.
        clicks_held AS (
          SELECT c.seq FROM ${clicks} c WHERE c.seq = ANY($2::bigint[]) ORDER BY c.seq FOR UPDATE
        ),
        rows_held AS (
          SELECT s.id, s.status, s.erased_at FROM ${postbacks} s
          WHERE s.id = ANY($8::uuid[]) AND (SELECT count(*) FROM clicks_held) >= 0
          ORDER BY s.id FOR UPDATE
        ),
        taken AS (
          SELECT p.lane FROM rows p LEFT JOIN rows_held s ON s.id = p.id
          WHERE p.expected IS NOT NULL AND (s.id IS NULL OR s.status <> p.expected OR s.erased_at IS NOT NULL)
        ),
        won AS (
          UPDATE ${clicks} c SET revision = c.revision + 1
          FROM lanes l
          WHERE c.seq = ANY($2::bigint[]) AND c.seq = l.seq AND c.revision = l.revision
            AND c.seq NOT IN (SELECT lane FROM taken WHERE lane IS NOT NULL)
          RETURNING c.seq
        ),
        together AS (
          SELECT NOT $7::boolean OR (
            (SELECT count(*) FROM won) = (SELECT count(*) FROM lanes) AND NOT EXISTS (SELECT 1 FROM taken)
          ) AS ok
        ),
        win AS (SELECT seq FROM won WHERE (SELECT ok FROM together)),
        kept AS (${keptOf('rows')}),
        new_postbacks AS (
          INSERT INTO ${postbacks} (${INSERTED}, retry_at)
          SELECT ${INSERTED}, ${now} + retry_in FROM rows
          WHERE expected IS NULL AND (SELECT ok FROM together) AND (lane IN (SELECT seq FROM win) OR ${unlaned('')})
        ),
        judged_again AS (
          UPDATE ${postbacks} s SET ${JUDGED},
            test = s.test OR p.test, retry_at = ${now} + p.retry_in
          FROM rows p
          WHERE s.id = ANY($8::uuid[]) AND s.id = p.id AND s.status = p.expected AND s.erased_at IS NULL
            AND (SELECT ok FROM together) AND (p.lane IN (SELECT seq FROM win) OR ${unlaned('p.')})
          RETURNING s.id
        ),
        patched AS (
          UPDATE ${conversions} v SET ${PATCHED}
          FROM json_to_recordset($6::json) AS x(${PATCH_COLUMNS})
          WHERE v.id = x.id AND x.click_seq IN (SELECT seq FROM win)
          RETURNING 1
        ),
        new_conversions AS (
          INSERT INTO ${conversions} (${without(CONVERSION_COLUMNS)})
          SELECT ${without(CONVERSION_COLUMNS)} FROM json_to_recordset($4::json) AS x(${CONVERSION_COLUMNS})
          WHERE x.click_seq IN (SELECT seq FROM win) AND (SELECT count(*) FROM patched) >= 0
          RETURNING click_seq
        ),
        new_events AS (
          INSERT INTO ${events} (${without(EVENT_COLUMNS, 'n', 'lane')})
          SELECT ${without(EVENT_COLUMNS, 'n', 'lane')}
          FROM json_to_recordset($5::json) AS x(${EVENT_COLUMNS})
          WHERE (SELECT ok FROM together) AND (lane IS NULL OR lane IN (SELECT seq FROM win))
          ORDER BY n
          RETURNING id, seq, click_seq, name, ordinal
        ),
        ${answer}`;
  }

  /** A row without a click, one that holds nothing of it, or one whose click is as it was when it was judged. */
  function unlaned(row: string): string {
    return `${row}lane IS NULL AND (${row}click_seq IS NULL OR ${row}erased_at IS NOT NULL OR ${row}click_seq IN (SELECT seq FROM kept))`;
  }

  /**
   * Rows that change nothing about their click still name it: an erasure or a merge of chats that is under way is waited
   * for, and one that was faster sends them back to be judged again.
   */
  function keptOf(rows: string): string {
    return `
          SELECT c.seq FROM ${clicks} c
          WHERE c.seq = ANY($2::bigint[]) AND c.erased_at IS NULL AND (c.seq, c.chat_id) IN (
            SELECT click_seq, chat_id FROM ${rows} WHERE lane IS NULL AND erased_at IS NULL
          )
          ORDER BY c.seq FOR KEY SHARE OF c
        `;
  }
}
