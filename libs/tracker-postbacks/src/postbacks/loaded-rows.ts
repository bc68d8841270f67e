import { type TextRow } from '../database/database-connection';
import { byArrival } from './portable-rows';
import { type LoadedBatch, type LoadedClick, type LoadedConversion } from './postback-store.types';

/** Of a conversion `v`, in the order in which {@link loadedBatch} reads them. */
const CONVERSION = [
  'id',
  'event',
  'ordinal',
  'tid',
  'tidless_sale',
  'request_hash',
  'received_at',
  'reversed_at',
  'reversal_hash',
  'voided_at',
  'cost',
  'cost_raw',
  'currency',
  'fields',
  'postback_id',
  'tid_key',
  'reversed_by',
  'replaced_by',
] as const;
/** Of a click `c`, the integration it is asked for with before it. */
const CLICK = [
  'seq',
  'tenant_id',
  'click_id',
  'chat_id',
  'campaign_id',
  'revision',
  'test',
  'erased_at',
] as const;
const CLICK_AT = 1;
const REVISION_AT = CLICK_AT + CLICK.indexOf('revision');
const CONVERSION_AT = CLICK_AT + CLICK.length;

/**
 * $1 the clicks wanted, $2 integrations. Answers a row for each conversion of a click, one for a click without any, and one
 * without a click for each integration, with its revision. As columns: to build JSON of a conversion takes PostgreSQL as
 * long as to find it.
 */
export function loadSql(clicks: string, conversions: string, integrations: string): string {
  // As texts already: node-postgres' native client, and a host's own parsers of types, make numbers and truths of the rest.
  const columns = [...CLICK.map((name) => `c.${name}::text`), ...CONVERSION.map((name) => `v.${name}::text`)];
  const without = [...CLICK, ...CONVERSION].map((name) =>
    name === 'revision' ? 'g.revision::text' : 'NULL',
  );
  // OFFSET 0 keeps each of them one index look-up, whatever the planner believes of a table it never analysed.
  return `
        SELECT w.i::text, ${columns.join(', ')}
        FROM json_to_recordset($1::json) AS w(t text, c text, i uuid)
        CROSS JOIN LATERAL (
          SELECT * FROM ${clicks} k WHERE k.tenant_id = w.t AND k.click_id = w.c OFFSET 0
        ) c
        LEFT JOIN LATERAL (
          SELECT * FROM ${conversions} h WHERE h.click_seq = c.seq AND h.integration_id = w.i OFFSET 0
        ) v ON true
        UNION ALL
        SELECT g.id::text, ${without.join(', ')} FROM ${integrations} g WHERE g.id = ANY($2::uuid[])`;
}

/** What the rows of that statement say; the conversions of a click in the order they came. */
export function loadedBatch(rows: readonly TextRow[]): LoadedBatch {
  const clicks = new Map<string, LoadedClick & { readonly history: LoadedConversion[] }>();
  const revisions = new Map<string, number>();
  for (const row of rows) {
    const integrationId = textOf(row, 0);
    const seq = row[CLICK_AT] ?? null;
    if (seq === null) {
      revisions.set(integrationId, Number(textOf(row, REVISION_AT)));
      continue;
    }
    const key = `${integrationId}/${seq}`;
    let click = clicks.get(key);
    if (click === undefined) clicks.set(key, (click = clickOf(row, integrationId, seq)));
    if (row[CONVERSION_AT] !== null) click.history.push(conversionOf(row));
  }
  for (const { history } of clicks.values()) if (history.length > 1) history.sort(byArrival);
  return { clicks: [...clicks.values()], revisions };
}

function clickOf(
  row: TextRow,
  integrationId: string,
  seq: string,
): LoadedClick & { readonly history: LoadedConversion[] } {
  return {
    integrationId,
    seq,
    tenantId: textOf(row, CLICK_AT + 1),
    clickId: textOf(row, CLICK_AT + 2),
    chatId: textOf(row, CLICK_AT + 3),
    campaignId: row[CLICK_AT + 4] ?? null,
    revision: Number(textOf(row, CLICK_AT + 5)),
    test: row[CLICK_AT + 6] === 'true',
    erased: row[CLICK_AT + 7] !== null,
    history: [],
  };
}

function conversionOf(row: TextRow): LoadedConversion {
  return {
    id: textOf(row, CONVERSION_AT),
    event: textOf(row, CONVERSION_AT + 1),
    ordinal: Number(textOf(row, CONVERSION_AT + 2)),
    tid: row[CONVERSION_AT + 3] ?? null,
    tidlessSale: row[CONVERSION_AT + 4] === 'true',
    requestHash: textOf(row, CONVERSION_AT + 5),
    receivedAt: Number(textOf(row, CONVERSION_AT + 6)),
    reversedAt: numberOf(row, CONVERSION_AT + 7),
    reversalHash: row[CONVERSION_AT + 8] ?? null,
    voidedAt: numberOf(row, CONVERSION_AT + 9),
    cost: row[CONVERSION_AT + 10] ?? null,
    costRaw: row[CONVERSION_AT + 11] ?? null,
    currency: row[CONVERSION_AT + 12] ?? null,
    fields: row[CONVERSION_AT + 13] ?? null,
    postbackId: textOf(row, CONVERSION_AT + 14),
    tidKey: row[CONVERSION_AT + 15] ?? null,
    reversedBy: row[CONVERSION_AT + 16] ?? null,
    replacedBy: row[CONVERSION_AT + 17] ?? null,
  };
}

function numberOf(row: TextRow, column: number): number | null {
  const text = row[column] ?? null;
  return text === null ? null : Number(text);
}

/** Of a column that is never null. */
function textOf(row: TextRow, column: number): string {
  const text = row[column] ?? null;
  if (text === null) throw new TypeError(`Column ${column} of a loaded row is null.`);
  return text;
}
