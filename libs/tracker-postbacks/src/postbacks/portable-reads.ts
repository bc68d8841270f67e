import { type PortableDialect } from './portable-dialect';

/** A click to look for, or an integration whose revision is asked for. */
export const WANTED = { t: 'text', c: 'text', i: 'text' } as const;
export const IDS = { id: 'text' } as const;
const NAMES = { t: 'text', c: 'text' } as const;

/** The questions of the hot path; every `?` is a parameter of {@link tuplesParameter} unless its comment says more. */
export interface PortableReads {
  /** One row per wanted click and conversion, with the revision of the integration on every row. */
  readonly load: string;
  /** Also asks for statuses, which are put in as text. */
  readonly stored: (statuses: string) => string;
  readonly parked: string;
  readonly parkedWithClick: string;
  /** After this id. */
  readonly parkedPage: (limit: number) => string;
  readonly overtakenReversals: (limit: number) => string;
  /** Rows that are due, with the time they are due by. */
  readonly dueRetries: (limit: number) => string;
  /** Of the rows `@ids` those that are due by `@due` still, locked; and their claim. */
  readonly claimRetries: readonly [string, string];
}

export function portableReads(sql: PortableDialect): PortableReads {
  const isParked = (p: string): string => `${p}.status = 'unmatched' AND ${p}.code = 'click_unknown'`;
  // Two look-ups, each by an index: an OR inside of one would read every click of the tenant.
  const hasClick = (p: string): string => {
    const named = (id: string): string =>
      `EXISTS (SELECT 1 FROM ${sql.clicks} c WHERE c.tenant_id = ${p}.tenant_id AND c.click_id = ${id})`;
    return `(${named(`${p}.click_id`)} OR ${p}.click_id LIKE '% %' AND ${named(`replace(${p}.click_id, ' ', '+')`)})`;
  };
  const due = `p.retry_at <= @due AND p.status IN ('deferred', 'unmatched')`;
  const ids = sql.rows('@ids', IDS);
  return {
    load: `
      SELECT x.i AS integrationId, g.revision AS integrationRevision, c.seq, c.tenant_id AS tenantId,
        c.click_id AS clickId, c.chat_id AS chatId, c.campaign_id AS campaignId, c.revision, c.test,
        c.erased_at AS erasedAt, v.id, v.event, v.ordinal, v.tid, v.tidless_sale AS tidlessSale,
        v.request_hash AS requestHash, v.received_at AS receivedAt, v.reversed_at AS reversedAt,
        v.reversal_hash AS reversalHash, v.voided_at AS voidedAt, v.cost, v.cost_raw AS costRaw, v.currency, v.fields,
        v.postback_id AS postbackId, v.tid_key AS tidKey, v.reversed_by AS reversedBy, v.replaced_by AS replacedBy
      FROM ${sql.rows('?', WANTED)} x
        LEFT JOIN ${sql.integrations} g ON g.id = x.i
        LEFT JOIN ${sql.clicks} c ON c.tenant_id = x.t AND c.click_id = x.c
        LEFT JOIN ${sql.conversions} v ON v.click_seq = c.seq AND v.integration_id = x.i`,
    stored: (statuses) => `
      SELECT p.id, p.tenant_id AS tenantId, p.integration_id AS integrationId, p.method, p.target,
        p.path_event AS pathEvent, p.body_type AS bodyType, p.body, p.raw_sha256 AS rawSha256, p.admission, p.address,
        p.received_at AS receivedAt, p.attempts, p.test, p.status, p.code, p.event, p.click_id AS clickId,
        p.conversion_id AS conversionId, p.cost, p.currency
      FROM ${sql.rows('?', IDS)} x ${sql.then} ${sql.postbacks} p ON p.id = x.id
      WHERE p.status IN (${statuses}) AND p.erased_at IS NULL
      ORDER BY p.id`,
    parked: `
      SELECT p.id FROM ${sql.rows('?', NAMES)} x
        ${sql.then} ${sql.postbacks} p ON p.tenant_id = x.t AND p.click_id = x.c
      WHERE ${isParked('p')} AND p.parked_until > ${sql.now}
      ORDER BY p.id`,
    parkedWithClick: `
      SELECT w.id FROM (
        SELECT DISTINCT p.tenant_id, p.click_id FROM ${sql.rows('?', IDS)} x ${sql.then} ${sql.postbacks} p ON p.id = x.id
      ) p
        ${sql.then} ${sql.postbacks} w ON w.tenant_id = p.tenant_id AND w.click_id = p.click_id
      WHERE ${isParked('w')} AND ${hasClick('p')}
      ORDER BY w.id`,
    parkedPage: (limit) => `
      SELECT p.id, ${hasClick('p')} AS ready
      FROM (
        SELECT id, tenant_id, click_id FROM ${sql.postbacks} p
        WHERE ${isParked('p')} AND p.id > ? AND p.parked_until > ${sql.now}
        ORDER BY p.id LIMIT ${limit}
      ) p
      ORDER BY p.id`,
    overtakenReversals: (limit) => `
      SELECT p.id FROM ${sql.postbacks} p
      WHERE p.status = 'unmatched' AND p.code = 'nothing_to_reverse' AND p.tid IS NOT NULL AND EXISTS (
        SELECT 1 FROM ${sql.conversions} v
        WHERE v.click_seq = p.click_seq AND v.integration_id = p.integration_id AND v.tid = p.tid
          AND v.reversed_at IS NULL AND v.voided_at IS NULL
      )
      ORDER BY p.id LIMIT ${limit}`,
    dueRetries: (limit) => `
      SELECT p.id, ${sql.now} AS due FROM ${sql.postbacks} p
      WHERE p.retry_at <= ${sql.now} AND p.status IN ('deferred', 'unmatched')
      ORDER BY p.retry_at LIMIT ${limit}`,
    claimRetries: [
      `SELECT p.id FROM ${ids} x ${sql.then} ${sql.postbacks} p ON p.id = x.id
      WHERE ${due} ORDER BY p.retry_at${sql.forUpdate}`,
      sql.update({
        rows: `${ids} x`,
        table: sql.postbacks,
        alias: 'p',
        on: 'p.id = x.id',
        set: [['retry_at', `${sql.now} + 60000`]],
        where: due,
      }),
    ],
  };
}
