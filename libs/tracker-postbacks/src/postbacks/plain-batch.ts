import { storableJson } from '../database/json-parameter';
import { type BatchWrite, type ConversionRow, type EventRow, type PostbackRow } from './postback-store.types';

/** Columns in which nothing ever stands that JSON escapes: ids, codes, hashes, numbers and their texts. */
const BARE = [
  'integration_id',
  'status',
  'code',
  'click_seq',
  'conversion_id',
  'body_type',
  'raw_sha256',
  'admission',
  'received_at',
  'judged_at',
  'duration_ms',
  'erased_at',
  'test',
  'parked_until',
  'retry_in',
  'attempts',
  'lane',
] as const satisfies readonly (keyof PostbackRow)[];

const TEXT = [
  'tenant_id',
  'message_args',
  'message_parameter',
  'warnings',
  'event',
  'reported_event',
  'click_id',
  'chat_id',
  'tid',
  'cost',
  'currency',
  'method',
  'target',
  'path_event',
  'body',
  'address',
  'forwarded_for',
] as const satisfies readonly (keyof PostbackRow)[];

/** What a conversion has of its postback, unless another one of the batch has changed it. */
const SHARED = [
  'tenant_id',
  'integration_id',
  'click_seq',
  'click_id',
  'chat_id',
  'event',
  'reported_event',
  'tid',
  'cost',
  'currency',
  'received_at',
  'test',
] as const satisfies readonly (keyof PostbackRow & keyof ConversionRow)[];

/**
 * A batch of fresh postbacks as one JSON array, each with the one conversion and the one event that it made: what they
 * have in common is sent and parsed once, and what is null not at all. Null for a batch that is not as plain as that.
 */
export function plainBatch({ postbacks, conversions, events, patches, atomic }: BatchWrite): string | null {
  if (patches.length > 0 || atomic === true) return null;
  const conversionOf = new Map(conversions.map((row) => [row.postback_id, row]));
  const eventOf = new Map(events.map((row) => [row.postback_id, row]));
  if (conversionOf.size !== conversions.length || eventOf.size !== events.length) return null;
  let placed = 0;
  let text = '';
  for (const row of postbacks) {
    const conversion = conversionOf.get(row.id);
    const event = eventOf.get(row.id);
    if (row.expected !== null || !isOwnConversion(conversion, row) || !isOwnEvent(event, row)) return null;
    placed += (conversion === undefined ? 0 : 1) + (event === undefined ? 0 : 1);
    text += `${text === '' ? '[' : ','}{${postbackText(row)}${conversionText(conversion)}${eventText(event)}}`;
  }
  if (placed !== conversions.length + events.length) return null;
  return text === '' ? '[]' : storableJson(`${text}]`);
}

function isOwnConversion(conversion: ConversionRow | undefined, row: PostbackRow): boolean {
  if (conversion === undefined) return true;
  return (
    conversion.id === row.conversion_id &&
    conversion.click_seq === row.lane &&
    conversion.reason === null &&
    conversion.reversed_at === null &&
    conversion.voided_at === null &&
    SHARED.every((column) => conversion[column] === row[column])
  );
}

function isOwnEvent(event: EventRow | undefined, row: PostbackRow): boolean {
  if (event === undefined) return true;
  return (
    event.tenant_id === row.tenant_id &&
    event.conversion_id === row.conversion_id &&
    event.click_seq === row.lane &&
    event.lane === row.lane &&
    event.created_at === row.judged_at
  );
}

function postbackText(row: PostbackRow): string {
  let text = `"id":"${row.id}"`;
  for (const column of BARE) {
    const value = row[column];
    if (value !== null) text += `,"${column}":${typeof value === 'string' ? `"${value}"` : String(value)}`;
  }
  for (const column of TEXT) {
    const value = row[column];
    if (value !== null) text += `,"${column}":${JSON.stringify(value)}`;
  }
  return text;
}

function conversionText(row: ConversionRow | undefined): string {
  if (row === undefined) return '';
  return (
    `,"ordinal":${row.ordinal},"tidless_sale":${row.tidless_sale},"request_hash":"${row.request_hash}"` +
    (row.tid_key === null ? '' : `,"tid_key":"${row.tid_key}"`) +
    (row.cost_raw === null ? '' : `,"cost_raw":${JSON.stringify(row.cost_raw)}`) +
    (row.fields === null ? '' : `,"fields":${JSON.stringify(row.fields)}`) +
    (row.campaign_id === null ? '' : `,"campaign_id":${JSON.stringify(row.campaign_id)}`)
  );
}

function eventText(row: EventRow | undefined): string {
  if (row === undefined) return '';
  return (
    `,"event_id":"${row.id}","event_name":${JSON.stringify(row.name)},"payload":${row.payload},"n":${row.n}` +
    (row.ordinal === null ? '' : `,"event_ordinal":${row.ordinal}`)
  );
}
