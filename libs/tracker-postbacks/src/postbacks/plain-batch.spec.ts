import { PLAIN_COLUMNS, PLAIN_MARKS, plainBatch } from './plain-batch';
import { type BatchWrite, type ConversionRow, type EventRow, type PostbackRow } from './postback-store.types';

const POSTBACK: PostbackRow = {
  expected: null,
  id: '01900000-0000-7000-8000-000000000001',
  tenant_id: 'default',
  integration_id: '6f1f4b4e-0000-4000-8000-000000000001',
  status: 'accepted',
  code: 'ok',
  message_args: '{"event":"sale"}',
  message_parameter: 'tracker.event',
  warnings: null,
  event: 'sale',
  reported_event: 'ftd',
  click_id: 'click "1"',
  click_seq: '7',
  chat_id: 'chat-1',
  tid: 'T\\1',
  cost: '12.50',
  currency: 'USD',
  conversion_id: '01900000-0000-7000-8000-00000000000c',
  method: 'GET',
  target: '/postbacks/x?fields.name=\u{1f600}',
  path_event: null,
  body_type: null,
  body: null,
  raw_sha256: null,
  address: '127.0.0.1',
  forwarded_for: null,
  admission: null,
  received_at: 1_800_000_000_000,
  judged_at: 1_800_000_000_005,
  duration_ms: 5,
  erased_at: null,
  test: false,
  parked_until: null,
  retry_in: null,
  attempts: 0,
  lane: '7',
};
const CONVERSION: ConversionRow = {
  id: '01900000-0000-7000-8000-00000000000c',
  click_seq: '7',
  tid: 'T\\1',
  tid_key: 'a1',
  tidless_sale: false,
  cost: '12.50',
  currency: 'USD',
  cost_raw: '$12.50',
  fields: '{"name":"\u{1f600}"}',
  reversed_at: null,
  reversed_by: null,
  reversal_hash: null,
  voided_at: null,
  replaced_by: null,
  tenant_id: 'default',
  integration_id: '6f1f4b4e-0000-4000-8000-000000000001',
  click_id: 'click "1"',
  chat_id: 'chat-1',
  campaign_id: null,
  event: 'sale',
  reported_event: 'ftd',
  ordinal: 1,
  request_hash: 'b2',
  received_at: 1_800_000_000_000,
  postback_id: '01900000-0000-7000-8000-000000000001',
  reason: null,
  test: false,
};
const EVENT: EventRow = {
  id: '01900000-0000-7000-8000-00000000000e',
  tenant_id: 'default',
  name: 'sale',
  ordinal: 1,
  click_seq: '7',
  conversion_id: '01900000-0000-7000-8000-00000000000c',
  postback_id: '01900000-0000-7000-8000-000000000001',
  payload: '{"tid":"T\\\\1","params":{"a":"\\"b\\""}}',
  created_at: 1_800_000_000_005,
  lane: '7',
  n: 0,
};
const BATCH: BatchWrite = {
  lanes: [{ seq: '7', revision: 3 }],
  postbacks: [POSTBACK],
  conversions: [CONVERSION],
  events: [EVENT],
  patches: [],
};

/** As the statement reads it: what is not null, under the name of its column. */
function rowsOf(batch: BatchWrite): Record<string, string>[] {
  const text = plainBatch(batch);
  if (text === null) throw new TypeError('It is no plain batch.');
  return text.split(PLAIN_MARKS.row).map((row) => {
    const values = row.split(PLAIN_MARKS.column);
    expect(values).toHaveLength(PLAIN_COLUMNS.length);
    return Object.fromEntries(
      PLAIN_COLUMNS.map(([name], index) => [name, values[index] ?? '']).filter(
        ([, value]) => value !== PLAIN_MARKS.nothing,
      ),
    ) as Record<string, string>;
  });
}

describe('a batch as plain rows', () => {
  it('holds every value of the postback, its conversion and its event, and nothing that is null', () => {
    const present = Object.entries(POSTBACK).flatMap(([name, value]) =>
      value === null ? [] : [[name, String(value)]],
    );
    expect(rowsOf(BATCH)).toEqual([
      {
        ...(Object.fromEntries(present) as object),
        ordinal: '1',
        tidless_sale: 'false',
        request_hash: 'b2',
        tid_key: 'a1',
        cost_raw: '$12.50',
        fields: '{"name":"\u{1f600}"}',
        event_id: EVENT.id,
        event_name: 'sale',
        event_ordinal: '1',
        payload: EVENT.payload,
        n: '0',
      },
    ]);
  });

  it('holds a postback that made nothing', () => {
    const refused = { ...POSTBACK, status: 'rejected', code: 'event_missing', lane: null } as const;
    const [row] = rowsOf({ ...BATCH, lanes: [], postbacks: [refused], conversions: [], events: [] });
    expect(row).toMatchObject({ status: 'rejected', code: 'event_missing' });
    for (const column of ['lane', 'ordinal', 'request_hash', 'event_id', 'payload'])
      expect(row).not.toHaveProperty(column);
    expect(plainBatch({ lanes: [], postbacks: [], conversions: [], events: [], patches: [] })).toBe('');
  });

  const TEXTS = [
    'tenant_id',
    'message_parameter',
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
    'address',
    'forwarded_for',
  ] as const satisfies readonly (keyof PostbackRow)[];
  const alone = (row: Partial<PostbackRow>): BatchWrite => ({
    lanes: [],
    postbacks: [{ ...POSTBACK, lane: null, ...row }],
    conversions: [],
    events: [],
    patches: [],
  });

  it.each(TEXTS)('is none where %s holds a mark, and no row can be taken for two', (column) => {
    expect(plainBatch(alone({ [column]: 'plain' }))).not.toBeNull();
    for (const mark of Object.values(PLAIN_MARKS))
      expect(plainBatch(alone({ [column]: `a${mark}b` }))).toBeNull();
  });

  it.each(['tenant_id', 'method', 'target'] as const)('is none where %s is missing after all', (column) => {
    expect(plainBatch(alone({ [column]: null as unknown as string }))).toBeNull();
    expect(plainBatch(alone({ [column]: undefined as unknown as string }))).toBeNull();
  });

  it('is none where a conversion or an event holds a mark', () => {
    const marked = 'a\x1fb';
    expect(plainBatch({ ...BATCH, conversions: [{ ...CONVERSION, cost_raw: marked }] })).toBeNull();
    expect(plainBatch({ ...BATCH, conversions: [{ ...CONVERSION, campaign_id: marked }] })).toBeNull();
    expect(plainBatch({ ...BATCH, events: [{ ...EVENT, name: marked }] })).toBeNull();
  });

  it.each([
    ['NUL', 'a\0b'],
    ['a lone surrogate', 'a\ud800b'],
  ])('is none where a text holds %s, which PostgreSQL refuses', (_, chat) => {
    expect(plainBatch(alone({ chat_id: chat }))).toBeNull();
    expect(plainBatch(alone({ chat_id: 'a\u{1f600}b' }))).not.toBeNull();
  });

  const other = '01900000-0000-7000-8000-0000000000ff';
  it.each<[string, Partial<BatchWrite>]>([
    ['changes conversions', { patches: [CONVERSION] }],
    ['is all or nothing', { atomic: true }],
    ['judges a stored row again', { postbacks: [{ ...POSTBACK, expected: 'unmatched' }] }],
    ['has two conversions of one postback', { conversions: [CONVERSION, { ...CONVERSION, id: other }] }],
    ['has two events of one postback', { events: [EVENT, { ...EVENT, id: other, n: 1 }] }],
    ['has a conversion of a postback outside', { conversions: [{ ...CONVERSION, postback_id: other }] }],
    ['has an event of a postback outside', { events: [{ ...EVENT, postback_id: other }] }],
    ['has a conversion that a later postback filled in', { conversions: [{ ...CONVERSION, cost: '13' }] }],
    ['has a conversion that is taken back already', { conversions: [{ ...CONVERSION, reversed_at: 1 }] }],
    ['has a conversion with a reason', { conversions: [{ ...CONVERSION, reason: 'by hand' }] }],
    ['has a conversion that its postback does not name', { conversions: [{ ...CONVERSION, id: other }] }],
    ['has an event of another conversion', { events: [{ ...EVENT, conversion_id: other }] }],
    ['has an event of another time', { events: [{ ...EVENT, created_at: 1 }] }],
    ['has an event outside its lane', { events: [{ ...EVENT, lane: null }] }],
  ])('is none where it %s', (_, change) => {
    expect(plainBatch({ ...BATCH, ...change })).toBeNull();
  });
});
