import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { TrackerConversion } from '../conversions/conversion.entity';
import { databaseNow } from '../database/database-clock';
import { jsonParameter } from '../database/json-parameter';
import { tableName } from '../database/table-name';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerHandler } from '../events/handler.entity';
import { TrackerIntegration } from '../integrations/integration.entity';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { TrackerPostback } from './postback.entity';
import {
  type BatchWrite,
  type LoadedClick,
  type StoredPostback,
  type WriteResult,
} from './postback-store.types';

const POSTBACK_COLUMNS = `id uuid, tenant_id text, integration_id uuid, status text, code text, message_args text,
  message_parameter text, warnings text, event text, reported_event text, click_id text, click_seq bigint, chat_id text,
  tid text, cost text, currency text, conversion_id uuid, method text, target text, path_event text, body_type text,
  body text, raw_sha256 text, address text, forwarded_for text, admission text, received_at bigint, judged_at bigint,
  duration_ms integer, test boolean, parked_until bigint, retry_in bigint, attempts integer, lane bigint`;
const CONVERSION_COLUMNS = `id uuid, tenant_id text, integration_id uuid, click_seq bigint, click_id text, chat_id text,
  campaign_id text, event text, reported_event text, ordinal integer, tid text, tid_key text, tidless_sale boolean,
  request_hash text, cost text, currency text, cost_raw text, fields text, received_at bigint, postback_id uuid,
  reversed_at bigint, reversed_by uuid, reversal_hash text, test boolean`;
const EVENT_COLUMNS = `n integer, id uuid, tenant_id text, name text, ordinal integer, click_seq bigint,
  conversion_id uuid, postback_id uuid, payload text, created_at bigint, lane bigint`;

const names = (columns: string): string[] =>
  columns.split(',').map((column) => column.trim().split(/\s/)[0] ?? '');
const without = (columns: string, ...left: string[]): string =>
  names(columns)
    .filter((name) => !left.includes(name))
    .join(', ');

/**
 * The SQL of the hot path: one statement reads what a batch is judged on, one writes everything that was decided.
 * A decision that changes a click's conversions is written only where the click's revision is still the one it was
 * judged on; no lock is held over a round trip.
 */
@Injectable()
export class PostbackStore {
  private statements: {
    load: string;
    write: string;
    stored: string;
    parked: string;
    parkedWithClick: string;
    claimRetries: string;
  } | null = null;

  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /**
   * Clicks by tenant and id with their conversions on the integration asked for, and the integrations' revisions, all
   * of one snapshot.
   */
  async load(
    wanted: readonly { readonly t: string; readonly c: string; readonly i: string }[],
    integrationIds: readonly string[],
  ): Promise<{ clicks: readonly LoadedClick[]; revisions: ReadonlyMap<string, number> }> {
    const rows = await this.query<{
      clicks: readonly LoadedClick[] | null;
      revisions: readonly (readonly [string, number])[] | null;
    }>(this.sql().load, [jsonParameter(wanted), jsonParameter(integrationIds)]);
    return { clicks: rows[0]?.clicks ?? [], revisions: new Map(rows[0]?.revisions ?? []) };
  }

  /** Writes a judged batch; clicks whose revision moved meanwhile are not among `won` and nothing of theirs is written. */
  async write(batch: BatchWrite): Promise<WriteResult> {
    const rows = await this.query<{
      won: readonly string[] | null;
      deliveries: number;
      reversals: readonly string[] | null;
    }>(this.sql().write, [
      jsonParameter(batch.lanes),
      jsonParameter(batch.postbacks),
      jsonParameter(batch.conversions),
      jsonParameter(batch.events),
      jsonParameter(batch.patches),
    ]);
    const { won, deliveries = 0, reversals } = rows[0] ?? {};
    return { won: new Set(won ?? []), deliveries, reversals: reversals ?? [] };
  }

  /** The rows of these ids that still wait to be judged. */
  async stored(ids: readonly string[]): Promise<readonly StoredPostback[]> {
    return this.query<StoredPostback>(this.sql().stored, [jsonParameter(ids)]);
  }

  /** Ids of parked postbacks that wait for one of these clicks. */
  async parkedFor(
    clicks: readonly { readonly tenantId: string; readonly clickId: string }[],
  ): Promise<readonly string[]> {
    const wanted = clicks.flatMap(({ tenantId: t, clickId: c }) =>
      // A click id with "+" may have arrived with a space in its place.
      c.includes('+')
        ? [
            { t, c },
            { t, c: c.replaceAll('+', ' ') },
          ]
        : [{ t, c }],
    );
    const rows = await this.query<{ id: string }>(this.sql().parked, [jsonParameter(wanted)]);
    return rows.map(({ id }) => id);
  }

  /** Every parked postback of the clicks that these parked ones wait for and that exist by now, oldest first. */
  async parkedWithClick(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await this.query<{ id: string }>(this.sql().parkedWithClick, [jsonParameter(ids)]);
    return rows.map(({ id }) => id);
  }

  /** Takes rows whose judging failed and is due again, out of the way of other processes for a minute. */
  async claimRetries(limit: number): Promise<readonly string[]> {
    // TypeORM answers [rows, count] to an UPDATE.
    const [rows] = await this.query<readonly { id: string }[]>(this.sql().claimRetries, [limit]);
    return (rows ?? []).map(({ id }) => id);
  }

  private async query<R>(sql: string, parameters: readonly unknown[]): Promise<readonly R[]> {
    return this.dataSource.query(sql, [...parameters]);
  }

  /** Made at first use: table names are known once the host's DataSource has read its entities. */
  private sql(): NonNullable<PostbackStore['statements']> {
    return (this.statements ??= this.statementsFor());
  }

  private statementsFor(): NonNullable<PostbackStore['statements']> {
    const table = (entity: new () => object): string => tableName(this.dataSource, entity);
    const clicks = table(TrackerClick);
    const postbacks = table(TrackerPostback);
    const conversions = table(TrackerConversion);
    const events = table(TrackerEventRow);
    const deliveries = table(TrackerDelivery);
    const handlers = table(TrackerHandler);
    const integrations = table(TrackerIntegration);
    const now = databaseNow;
    const judgedColumns = names(POSTBACK_COLUMNS).filter(
      (name) =>
        ![
          'id',
          'tenant_id',
          'integration_id',
          'method',
          'target',
          'path_event',
          'body_type',
          'body',
        ].includes(name) &&
        ![
          'raw_sha256',
          'address',
          'forwarded_for',
          'admission',
          'received_at',
          'duration_ms',
          'retry_in',
          'lane',
          'test',
        ].includes(name),
    );
    return {
      load: `
        WITH wanted AS (SELECT * FROM json_to_recordset($1::json) AS x(t text, c text, i uuid)),
        found AS (
          SELECT w.i, k.* FROM wanted w JOIN ${clicks} k ON k.tenant_id = w.t AND k.click_id = w.c
        )
        SELECT
          (SELECT json_agg(json_build_object(
            'integrationId', f.i, 'seq', f.seq::text, 'tenantId', f.tenant_id, 'clickId', f.click_id,
            'chatId', f.chat_id, 'campaignId', f.campaign_id, 'revision', f.revision, 'test', f.test,
            'history', (
              SELECT json_agg(json_build_object(
                'id', v.id, 'event', v.event, 'ordinal', v.ordinal, 'tid', v.tid, 'tidlessSale', v.tidless_sale,
                'requestHash', v.request_hash, 'receivedAt', v.received_at, 'reversedAt', v.reversed_at,
                'reversalHash', v.reversal_hash,
                'voidedAt', v.voided_at, 'cost', v.cost, 'currency', v.currency, 'fields', v.fields
              ) ORDER BY v.received_at, v.id)
              FROM ${conversions} v WHERE v.click_seq = f.seq AND v.integration_id = f.i
            )
          )) FROM found f) AS clicks,
          (SELECT json_agg(json_build_array(g.id, g.revision)) FROM ${integrations} g
            WHERE g.id IN (SELECT value::uuid FROM json_array_elements_text($2::json))) AS revisions`,
      write: `
        WITH lanes AS (
          SELECT * FROM json_to_recordset($1::json) AS x(seq bigint, revision integer) ORDER BY seq
        ),
        postbacks AS (SELECT * FROM json_to_recordset($2::json) AS x(${POSTBACK_COLUMNS}, stored boolean)),
        won AS (
          UPDATE ${clicks} c SET revision = c.revision + 1
          FROM lanes l
          WHERE c.seq = l.seq AND c.revision = l.revision
            AND NOT EXISTS (
              SELECT 1 FROM postbacks p JOIN ${postbacks} s ON s.id = p.id
              WHERE p.stored AND p.lane = c.seq AND s.status NOT IN ('unmatched', 'deferred')
            )
          RETURNING c.seq
        ),
        new_postbacks AS (
          INSERT INTO ${postbacks} (${without(POSTBACK_COLUMNS, 'lane', 'retry_in')}, retry_at)
          SELECT ${without(POSTBACK_COLUMNS, 'lane', 'retry_in')}, ${now} + retry_in FROM postbacks
          WHERE NOT stored AND (lane IS NULL OR lane IN (SELECT seq FROM won))
        ),
        judged_again AS (
          UPDATE ${postbacks} s SET ${judgedColumns.map((name) => `${name} = p.${name}`).join(', ')},
            test = s.test OR p.test, retry_at = ${now} + p.retry_in
          FROM postbacks p
          WHERE p.stored AND s.id = p.id AND s.status IN ('unmatched', 'deferred')
            AND (p.lane IS NULL OR p.lane IN (SELECT seq FROM won))
          RETURNING s.id
        ),
        new_conversions AS (
          INSERT INTO ${conversions} (${without(CONVERSION_COLUMNS)})
          SELECT ${without(CONVERSION_COLUMNS)} FROM json_to_recordset($3::json) AS x(${CONVERSION_COLUMNS})
          WHERE x.click_seq IN (SELECT seq FROM won)
          RETURNING click_seq
        ),
        patched AS (
          UPDATE ${conversions} v SET cost = x.cost, currency = x.currency, fields = x.fields,
            cost_raw = coalesce(x.cost_raw, v.cost_raw), reversed_at = x.reversed_at, reversal_hash = x.reversal_hash,
            reversed_by = CASE WHEN x.keeps_reversed_by THEN v.reversed_by ELSE x.reversed_by END
          FROM json_to_recordset($5::json)
            AS x(id uuid, click_seq bigint, cost text, currency text, cost_raw text, fields text, reversed_at bigint,
              reversal_hash text, reversed_by uuid, keeps_reversed_by boolean)
          WHERE v.id = x.id AND x.click_seq IN (SELECT seq FROM won)
        ),
        new_events AS (
          INSERT INTO ${events} (${without(EVENT_COLUMNS, 'n', 'lane')})
          SELECT ${without(EVENT_COLUMNS, 'n', 'lane')}
          FROM json_to_recordset($4::json) AS x(${EVENT_COLUMNS})
          WHERE lane IS NULL OR lane IN (SELECT seq FROM won)
          ORDER BY n
          RETURNING id, seq, click_seq, name, ordinal
        ),
        new_deliveries AS (
          INSERT INTO ${deliveries} (event_id, event_seq, click_seq, handler, status, due_at)
          SELECT e.id, e.seq, e.click_seq, h.name, 'pending', ${now}
          FROM new_events e JOIN ${handlers} h ON strpos(h.events, ' * ') > 0
            OR strpos(h.events, ' ' || e.name || ' ') > 0
            OR strpos(h.events, ' ' || e.name || '#' || e.ordinal || ' ') > 0
          ORDER BY e.seq
          RETURNING id
        )
        SELECT (SELECT json_agg(seq::text) FROM won) AS won,
          (SELECT count(*)::integer FROM new_deliveries) AS deliveries,
          (SELECT json_agg(p.id ORDER BY p.id) FROM ${postbacks} p
            WHERE p.click_seq IN (SELECT click_seq FROM new_conversions) AND p.tid IS NOT NULL
              AND p.status = 'unmatched' AND p.code = 'nothing_to_reverse') AS reversals`,
      stored: `
        SELECT p.id, p.tenant_id AS "tenantId", p.integration_id AS "integrationId", p.method, p.target,
          p.path_event AS "pathEvent", p.body_type AS "bodyType", p.body, p.raw_sha256 AS "rawSha256", p.admission, p.address,
          p.received_at::text AS "receivedAt", p.attempts, p.test, p.status
        FROM ${postbacks} p
        WHERE p.id IN (SELECT value::uuid FROM json_array_elements_text($1::json))
          AND p.status IN ('unmatched', 'deferred')
        ORDER BY p.id`,
      parked: `
        SELECT p.id FROM ${postbacks} p
        JOIN json_to_recordset($1::json) AS x(t text, c text) ON p.tenant_id = x.t AND p.click_id = x.c
        WHERE p.status = 'unmatched' AND p.code = 'click_unknown' AND p.parked_until > ${now}
        ORDER BY p.id`,
      parkedWithClick: `
        SELECT DISTINCT waiting.id FROM ${postbacks} p
        JOIN ${clicks} c ON c.tenant_id = p.tenant_id AND c.click_id IN (p.click_id, replace(p.click_id, ' ', '+'))
        JOIN ${postbacks} waiting ON waiting.tenant_id = p.tenant_id AND waiting.click_id = p.click_id
        WHERE p.id IN (SELECT value::uuid FROM json_array_elements_text($1::json))
          AND waiting.status = 'unmatched' AND waiting.code = 'click_unknown'
        ORDER BY waiting.id`,
      claimRetries: `
        UPDATE ${postbacks} SET retry_at = ${now} + 60000
        WHERE id IN (
          SELECT id FROM ${postbacks} WHERE retry_at <= ${now} AND status = 'deferred'
          ORDER BY retry_at LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        RETURNING id`,
    };
  }
}
