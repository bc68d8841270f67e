import { encodeCursor } from '../admin/page';
import { uuidV7Floor } from '../database/uuid-v7';
import { TrackerError } from '../tracker-postbacks.errors';
import { FilterReader } from '../admin/filter-reader';
import { type ListCriteria, listCriteria } from './list-criteria';
import { LIST_FILTERS } from './list-filters';

const UUID = '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34';
const NOON = Date.UTC(2026, 10, 21, 12);

const read = (filters: object): ListCriteria => listCriteria(new FilterReader(filters, LIST_FILTERS));

const refusal = (filters: object): TrackerError => {
  try {
    read(filters);
  } catch (error) {
    if (error instanceof TrackerError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('the filters of a list', () => {
  it('are all absent by default, without what test postbacks made, fifty rows', () => {
    expect(read({})).toEqual({
      integrationId: null,
      networks: null,
      events: null,
      clickId: null,
      tid: null,
      chatId: null,
      fromId: null,
      toId: null,
      test: false,
      beforeId: null,
      limit: 50,
    });
  });

  it.each<[string, object, Partial<ListCriteria>]>([
    ['a UUID in any case', { integrationId: UUID.toUpperCase() }, { integrationId: UUID }],
    ['one value', { event: 'sale' }, { events: ['sale'] }],
    ['several values', { event: ['sale', 'Resale'] }, { events: ['sale', 'resale'] }],
    ['repeated values once', { event: ['sale', 'sale'] }, { events: ['sale'] }],
    ['events without case', { event: 'SALE' }, { events: ['sale'] }],
    ['networks without case', { network: ['1Win', 'binomo'] }, { networks: ['1win', 'binomo'] }],
    ['a click id exactly', { clickId: ' AbC ' }, { clickId: ' AbC ' }],
    ['a tid exactly', { tid: 'T-1' }, { tid: 'T-1' }],
    ['a chat exactly', { chatId: 'Чат' }, { chatId: 'Чат' }],
    ['a time as the ids it begins with', { from: '2026-11-21T12:00:00Z' }, { fromId: uuidV7Floor(NOON) }],
    ['a Date of a caller in code', { to: new Date(NOON) }, { toId: uuidV7Floor(NOON) }],
    ['a time before the epoch', { from: '1969-01-01' }, { fromId: uuidV7Floor(0) }],
    ['test=true', { test: 'true' }, { test: true }],
    ['test=false', { test: 'false' }, { test: false }],
    ['a boolean of a caller in code', { test: true }, { test: true }],
    ['a limit', { limit: '200' }, { limit: 200 }],
    ['a number of a caller in code', { limit: 1 }, { limit: 1 }],
    ['a cursor', { cursor: encodeCursor(UUID) }, { beforeId: UUID }],
    ['undefined and null as absent', { event: undefined, tid: null }, { events: null, tid: null }],
    ['no values as absent', { event: [] }, { events: null }],
  ])('take %s', (_, filters, expected) => {
    expect(read(filters)).toMatchObject(expected);
  });

  it.each<[string, object, string, string]>([
    ['no UUID', { integrationId: '7' }, 'integrationId', 'integrationId must be a UUID'],
    ['an empty value', { clickId: '' }, 'clickId', 'clickId must not be empty: leave it out instead'],
    ['NUL', { tid: 'a\0' }, 'tid', 'tid must not hold NUL or half of a surrogate pair'],
    [
      'half a surrogate pair',
      { event: ['sale', '\ud83d'] },
      'event',
      'event must not hold NUL or half of a surrogate pair',
    ],
    [
      'a repeated filter that holds one value',
      { clickId: ['a', 'b'] },
      'clickId',
      'clickId was sent more than once and can hold one value only',
    ],
    [
      'a nested list',
      { event: [['sale']] },
      'event',
      'event was sent more than once and can hold one value only',
    ],
    ['an object', { chatId: {} }, 'chatId', 'chatId must be text'],
    [
      'no time',
      { from: 'yesterday' },
      'from',
      'from must be an ISO 8601 time such as 2026-11-21T09:30:00Z, or a date such as 2026-11-21',
    ],
    [
      'an invalid Date',
      { to: new Date(Number.NaN) },
      'to',
      'to must be an ISO 8601 time such as 2026-11-21T09:30:00Z, or a date such as 2026-11-21',
    ],
    [
      'a time that no id can hold',
      { to: new Date(8.64e15) },
      'to',
      'to must be an ISO 8601 time such as 2026-11-21T09:30:00Z, or a date such as 2026-11-21',
    ],
    ['a test that is no boolean', { test: '1' }, 'test', 'test must be true or false'],
    ['a limit of nothing', { limit: '0' }, 'limit', 'limit must be a whole number from 1 to 200'],
    ['a limit over 200', { limit: 201 }, 'limit', 'limit must be a whole number from 1 to 200'],
    ['a limit in another notation', { limit: '1e2' }, 'limit', 'limit must be a whole number from 1 to 200'],
    ['a broken limit', { limit: 1.5 }, 'limit', 'limit must be a whole number from 1 to 200'],
    ['a repeated limit', { limit: ['1', '2'] }, 'limit', 'limit must be a whole number from 1 to 200'],
    [
      'a cursor that is none',
      { cursor: 'next' },
      'cursor',
      'Use nextCursor of the page before, or leave it out for the first page.',
    ],
    [
      'a cursor sent twice',
      { cursor: ['a', 'b'] },
      'cursor',
      'cursor was sent more than once and can hold one value only',
    ],
  ])('refuse %s and name the filter', (_, filters, field, message) => {
    const error = refusal(filters);
    expect(error).toMatchObject({ code: 'validation_failed', statusCode: 400 });
    expect(error.details).toEqual([expect.objectContaining({ field, message })]);
  });

  it.each(['events', 'constructor', '__proto__', 'toString', 'Event', ''])(
    'refuse the name %j and say which exist',
    (name) => {
      const error = refusal(Object.fromEntries([[name, 'x']]));
      expect(error.details).toEqual([
        { field: name, message: `${name} is not a filter of this list`, allowed: LIST_FILTERS },
      ]);
    },
  );

  it('name everything that is wrong at once, within reason', () => {
    expect(refusal({ limit: 'x', test: 'x', integrationId: 'x' }).details).toHaveLength(3);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`unknown${n}`, 'x']));
    expect(refusal(many).details).toHaveLength(20);
  });
});

describe('words', () => {
  const words = (value: unknown): readonly string[] | null => {
    const reader = new FilterReader({ status: value }, ['status']);
    const read = reader.words('status', ['accepted', 'ignored']);
    reader.done();
    return read;
  };

  it('are those of the list, in any case', () => {
    expect(words('Accepted')).toEqual(['accepted']);
    expect(words(['ignored', 'accepted'])).toEqual(['ignored', 'accepted']);
    expect(words(undefined)).toBeNull();
  });

  it('are refused with the list otherwise', () => {
    expect(() => words('ok')).toThrow(
      expect.objectContaining({
        details: [{ field: 'status', message: 'status has no value "ok"', allowed: ['accepted', 'ignored'] }],
      }),
    );
  });
});
