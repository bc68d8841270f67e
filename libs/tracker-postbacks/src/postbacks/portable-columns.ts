import { type TupleColumns } from '../database/tuples';
import {
  type ConversionPatch,
  type ConversionRow,
  type EventRow,
  type PostbackRow,
} from './postback-store.types';

/** The columns of a row with their types, every one of them. */
type ColumnsOf<K extends string> = Readonly<Record<K, TupleColumns[string]>>;

type GuardColumn = 'expected' | 'lane' | 'retry_in';
type ReceivedColumn =
  | 'id'
  | 'tenant_id'
  | 'integration_id'
  | 'method'
  | 'target'
  | 'path_event'
  | 'body_type'
  | 'body'
  | 'raw_sha256'
  | 'address'
  | 'forwarded_for'
  | 'received_at'
  | 'duration_ms'
  | 'test';

/** What judging decides about a postback. */
export const JUDGED: ColumnsOf<Exclude<keyof PostbackRow, ReceivedColumn | GuardColumn>> = {
  attempts: 'integer',
  erased_at: 'integer',
  parked_until: 'integer',
  judged_at: 'integer',
  click_seq: 'integer',
  cost: 'text',
  currency: 'text',
  status: 'text',
  code: 'text',
  admission: 'text',
  event: 'text',
  reported_event: 'text',
  tid: 'text',
  click_id: 'text',
  chat_id: 'text',
  conversion_id: 'text',
  message_parameter: 'text',
  message_args: 'text',
  warnings: 'text',
};

/** Long texts last: MariaDB reads over all that stands before a value. */
export const POSTBACK: ColumnsOf<Exclude<keyof PostbackRow, GuardColumn>> = {
  test: 'boolean',
  duration_ms: 'integer',
  received_at: 'integer',
  method: 'text',
  body_type: 'text',
  address: 'text',
  ...JUDGED,
  id: 'text',
  tenant_id: 'text',
  integration_id: 'text',
  path_event: 'text',
  forwarded_for: 'text',
  raw_sha256: 'text',
  target: 'text',
  body: 'text',
};

/** What may change about a conversion. */
export const PATCHED: ColumnsOf<Exclude<keyof ConversionPatch, 'id' | 'click_seq'>> = {
  tidless_sale: 'boolean',
  reversed_at: 'integer',
  voided_at: 'integer',
  cost: 'text',
  currency: 'text',
  cost_raw: 'text',
  tid: 'text',
  reversed_by: 'text',
  replaced_by: 'text',
  tid_key: 'text',
  reversal_hash: 'text',
  fields: 'text',
};

export const CONVERSION: ColumnsOf<keyof ConversionRow> = {
  test: 'boolean',
  ordinal: 'integer',
  click_seq: 'integer',
  received_at: 'integer',
  event: 'text',
  reported_event: 'text',
  click_id: 'text',
  chat_id: 'text',
  campaign_id: 'text',
  tenant_id: 'text',
  id: 'text',
  integration_id: 'text',
  postback_id: 'text',
  ...PATCHED,
  request_hash: 'text',
  reason: 'text',
};

export const EVENT: ColumnsOf<Exclude<keyof EventRow, 'lane' | 'n'>> = {
  ordinal: 'integer',
  click_seq: 'integer',
  created_at: 'integer',
  name: 'text',
  tenant_id: 'text',
  id: 'text',
  conversion_id: 'text',
  postback_id: 'text',
  payload: 'text',
};

/** What batches often share, or have no value for at all; the columns of one group go together. */
export const OFTEN_SHARED: readonly (readonly string[])[] = [
  ['tenant_id', 'integration_id'],
  ['test', 'attempts', 'method', 'address'],
  ['status', 'code'],
  ['event', 'reported_event'],
  ['cost', 'currency'],
  ['judged_at'],
  ['warnings'],
  ['created_at'],
  ['kept'],
  ['chat', 'records'],
  ['named', 'numbered'],
  [
    ...['path_event', 'body_type', 'body', 'raw_sha256', 'forwarded_for', 'admission', 'erased_at'],
    ...['message_parameter', 'message_args', 'parked_until', 'retry_in'],
  ],
  [
    ...['campaign_id', 'reason', 'tidless_sale', 'reversed_at', 'reversed_by', 'reversal_hash'],
    ...['voided_at', 'replaced_by'],
  ],
];
