import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { TrackerConversion } from '../conversions/conversion.entity';
import { databaseNow } from '../database/database-clock';
import { jsonParameter } from '../database/json-parameter';
import { TrackerDatabase } from '../database/tracker-database';
import { tableName } from '../database/table-name';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerHandler } from '../events/handler.entity';
import { TrackerIntegration } from '../integrations/integration.entity';
import { VERDICT_STATUSES, type VerdictStatus } from '../rules/codes';
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
    parkedPage: string;
    claimRetries: string;
  } | null = null;

  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
  ) {}

  /**
   * Clicks by tenant and id with their conversions on the integration asked for, and the integrations' revisions, all
   * of one snapshot.
   */
  async load(
    wanted: readonly { readonly t: string; readonly c: string; readonly i: string }[],
    integrationIds: readonly string[],
  ): Promise<{ clicks: readonly LoadedClick[]; revisions: ReadonlyMap<string, number> }> {
    const rows = await this.database.query<{
      clicks: readonly LoadedClick[] | null;
      revisions: readonly (readonly [string, number])[] | null;
    }>(this.sql().load, [jsonParameter(wanted), jsonParameter(integrationIds)]);
    return { clicks: rows[0]?.clicks ?? [], revisions: new Map(rows[0]?.revisions ?? []) };
  }

  /** Writes a judged batch; clicks whose revision moved meanwhile are not among `won` and nothing of theirs is written. */
  async write(batch: BatchWrite): Promise<WriteResult> {
    const rows = await this.database.query<{
      won: readonly string[] | null;
      kept: readonly string[] | null;
      deliveries: number;
      reversals: readonly string[] | null;
    }>(this.sql().write, [
      jsonParameter(batch.lanes),
      jsonParameter(batch.postbacks),
      jsonParameter(batch.conversions),
      jsonParameter(batch.events),
      jsonParameter(batch.patches),
      batch.atomic ?? false,
    ]);
    const { won, kept, deliveries = 0, reversals } = rows[0] ?? {};
    return { won: new Set(won ?? []), kept: new Set(kept ?? []), deliveries, reversals: reversals ?? [] };
  }

  /** Those of these rows that have one of the statuses, oldest first; erased ones are nobody's to judge. */
  async stored(
    ids: readonly string[],
    statuses: readonly VerdictStatus[],
  ): Promise<readonly StoredPostback[]> {
    return this.database.query<StoredPostback>(this.sql().stored, [
      jsonParameter(ids),
      jsonParameter(statuses),
    ]);
  }

  /** These rows whatever their status; erased ones are absent. */
  async storedAny(ids: readonly string[]): Promise<readonly StoredPostback[]> {
    return this.stored(ids, VERDICT_STATUSES);
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
    const rows = await this.database.query<{ id: string }>(this.sql().parked, [jsonParameter(wanted)]);
    return rows.map(({ id }) => id);
  }

  /** Every parked postback of the clicks that these parked ones wait for and that exist by now, oldest first. */
  async parkedWithClick(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(this.sql().parkedWithClick, [jsonParameter(ids)]);
    return rows.map(({ id }) => id);
  }

  /**
   * One page of everything that is parked, oldest first: those whose click exists by now, and where to go on.
   */
  async parkedPage(
    afterId: string,
    limit: number,
  ): Promise<{ readonly ready: readonly string[]; readonly lastId: string | null }> {
    const [row] = await this.database.query<{ ready: readonly string[] | null; lastId: string | null }>(
      this.sql().parkedPage,
      [afterId, limit],
    );
    return { ready: row?.ready ?? [], lastId: row?.lastId ?? null };
  }

  /** Takes rows whose judging failed and is due again, out of the way of other processes for a minute. */
  async claimRetries(limit: number): Promise<readonly string[]> {
    // TypeORM answers [rows, count] to an UPDATE.
    const [rows] = await this.database.query<readonly { id: string }[]>(this.sql().claimRetries, [limit]);
    return (rows ?? []).map(({ id }) => id);
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
          'received_at',
          'duration_ms',
          'retry_in',
          'lane',
          'test',
        ].includes(name),
    );
    // A row without a click, one that holds nothing of it, or one whose click is as it was when it was judged.
    const unlaned = (row: string): string =>
      `${row}lane IS NULL AND (${row}click_seq IS NULL OR ${row}erased_at IS NOT NULL OR ${row}click_seq IN (SELECT seq FROM kept))`;
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
            'erased', f.erased_at IS NOT NULL,
            'history', (
              SELECT json_agg(json_build_object(
                'id', v.id, 'event', v.event, 'ordinal', v.ordinal, 'tid', v.tid, 'tidlessSale', v.tidless_sale,
                'requestHash', v.request_hash, 'receivedAt', v.received_at, 'reversedAt', v.reversed_at,
                'reversalHash', v.reversal_hash,
                'voidedAt', v.voided_at, 'cost', v.cost, 'costRaw', v.cost_raw, 'currency', v.currency, 'fields', v.fields,
                'postbackId', v.postback_id, 'tidKey', v.tid_key, 'reversedBy', v.reversed_by,
                'replacedBy', v.replaced_by
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
        postbacks AS (SELECT * FROM json_to_recordset($2::json) AS x(${POSTBACK_COLUMNS}, expected text)),
        won AS (
          UPDATE ${clicks} c SET revision = c.revision + 1
          FROM lanes l
          WHERE c.seq = l.seq AND c.revision = l.revision
            AND NOT EXISTS (
              SELECT 1 FROM postbacks p JOIN ${postbacks} s ON s.id = p.id
              WHERE p.lane = c.seq AND (s.status <> p.expected OR s.erased_at IS NOT NULL)
            )
          RETURNING c.seq
        ),
        win AS (
          SELECT seq FROM won WHERE NOT $6::boolean OR (SELECT count(*) FROM won) = (SELECT count(*) FROM lanes)
        ),
        kept AS (
          -- Rows that change nothing about their click still name it: an erasure or a merge of chats that is under way
          -- is waited for, and one that was faster sends them back to be judged again.
          SELECT c.seq FROM ${clicks} c
          WHERE c.erased_at IS NULL AND (c.seq, c.chat_id) IN (
            SELECT click_seq, chat_id FROM postbacks WHERE lane IS NULL AND erased_at IS NULL
          )
          ORDER BY c.seq FOR KEY SHARE OF c
        ),
        new_postbacks AS (
          INSERT INTO ${postbacks} (${without(POSTBACK_COLUMNS, 'lane', 'retry_in')}, retry_at)
          SELECT ${without(POSTBACK_COLUMNS, 'lane', 'retry_in')}, ${now} + retry_in FROM postbacks
          WHERE expected IS NULL AND (lane IN (SELECT seq FROM win) OR ${unlaned('')})
        ),
        judged_again AS (
          UPDATE ${postbacks} s SET ${judgedColumns.map((name) => `${name} = p.${name}`).join(', ')},
            test = s.test OR p.test, retry_at = ${now} + p.retry_in
          FROM postbacks p
          WHERE s.id = p.id AND s.status = p.expected AND s.erased_at IS NULL
            AND (p.lane IN (SELECT seq FROM win) OR ${unlaned('p.')})
          RETURNING s.id
        ),
        patched AS (
          UPDATE ${conversions} v SET ${names(PATCH_COLUMNS)
            .filter((name) => name !== 'id' && name !== 'click_seq')
            .map((name) => `${name} = x.${name}`)
            .join(', ')}
          FROM json_to_recordset($5::json) AS x(${PATCH_COLUMNS})
          WHERE v.id = x.id AND x.click_seq IN (SELECT seq FROM win)
          RETURNING 1
        ),
        new_conversions AS (
          INSERT INTO ${conversions} (${without(CONVERSION_COLUMNS)})
          SELECT ${without(CONVERSION_COLUMNS)} FROM json_to_recordset($3::json) AS x(${CONVERSION_COLUMNS})
          -- After the patches: a conversion that is replaced gives its tid to its successor.
          WHERE x.click_seq IN (SELECT seq FROM win) AND (SELECT count(*) FROM patched) >= 0
          RETURNING click_seq
        ),
        new_events AS (
          INSERT INTO ${events} (${without(EVENT_COLUMNS, 'n', 'lane')})
          SELECT ${without(EVENT_COLUMNS, 'n', 'lane')}
          FROM json_to_recordset($4::json) AS x(${EVENT_COLUMNS})
          WHERE lane IS NULL OR lane IN (SELECT seq FROM win)
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
        SELECT (SELECT json_agg(seq::text) FROM win) AS won,
          (SELECT json_agg(seq::text) FROM kept) AS kept,
          (SELECT count(*)::integer FROM new_deliveries) AS deliveries,
          (SELECT json_agg(p.id ORDER BY p.id) FROM ${postbacks} p
            WHERE p.click_seq IN (SELECT click_seq FROM new_conversions) AND p.tid IS NOT NULL
              AND p.status = 'unmatched' AND p.code = 'nothing_to_reverse') AS reversals`,
      stored: `
        SELECT p.id, p.tenant_id AS "tenantId", p.integration_id AS "integrationId", p.method, p.target,
          p.path_event AS "pathEvent", p.body_type AS "bodyType", p.body, p.raw_sha256 AS "rawSha256", p.admission, p.address,
          p.received_at::text AS "receivedAt", p.attempts, p.test, p.status, p.code,
          p.event, p.click_id AS "clickId", p.conversion_id AS "conversionId", p.cost, p.currency
        FROM ${postbacks} p
        WHERE p.id IN (SELECT value::uuid FROM json_array_elements_text($1::json))
          AND p.status IN (SELECT json_array_elements_text($2::json)) AND p.erased_at IS NULL
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
      parkedPage: `
        WITH page AS (
          SELECT p.id, p.tenant_id, p.click_id FROM ${postbacks} p
          WHERE p.status = 'unmatched' AND p.code = 'click_unknown' AND p.id > $1::uuid AND p.parked_until > ${now}
          ORDER BY p.id LIMIT $2
        )
        SELECT
          (SELECT json_agg(p.id ORDER BY p.id) FROM page p WHERE EXISTS (
            SELECT 1 FROM ${clicks} c
            WHERE c.tenant_id = p.tenant_id AND c.click_id IN (p.click_id, replace(p.click_id, ' ', '+'))
          )) AS ready,
          (SELECT p.id FROM page p ORDER BY p.id DESC LIMIT 1) AS "lastId"`,
      claimRetries: `
        UPDATE ${postbacks} SET retry_at = ${now} + 60000
        WHERE id IN (
          SELECT id FROM ${postbacks} WHERE retry_at <= ${now} AND status IN ('deferred', 'unmatched')
          ORDER BY retry_at LIMIT $1 FOR UPDATE SKIP LOCKED
        )
        RETURNING id`,
    };
  }
}
