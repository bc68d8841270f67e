import { HTTP_STATUS_OF, VERDICT_CODES, VERDICT_STATUSES, WARNING_CODES } from './codes';
import { isCounted, isEventName } from './event-word.rule';
import { isFieldKey } from './fields.rule';
import { CANONICAL, ROLES } from './recipe';

it('has codes and an HTTP status for every status', () => {
  expect(Object.keys(VERDICT_CODES)).toEqual([...VERDICT_STATUSES]);
  expect(Object.keys(HTTP_STATUS_OF)).toEqual([...VERDICT_STATUSES]);
});

it('uses every code once', () => {
  const codes = [...Object.values(VERDICT_CODES).flat(), ...WARNING_CODES];
  expect(new Set(codes).size).toBe(codes.length);
});

it('has canonical parameters for every role', () => {
  expect(Object.keys(CANONICAL)).toEqual([...ROLES]);
});

it.each([
  ['sale', true],
  ['reversal', true],
  ['fields', false],
  ['Sale', false],
  ['', false],
])('%j as an event name: %s', (name, expected) => {
  expect(isEventName(name)).toBe(expected);
});

it.each([
  ['user_id', true],
  ['\u0438\u043c\u044f', true],
  ['', false],
  ['a\u0007', false],
  ['hasOwnProperty', false],
])('%j as a field key: %s', (key, expected) => {
  expect(isFieldKey(key)).toBe(expected);
});

describe('counted events', () => {
  it.each([
    ['registration', true],
    ['conf', true],
    ['sale', true],
    ['resale', true],
    ['commission', false],
    ['withdraw', false],
  ])('%s: %p', (name, expected) => {
    expect(isCounted(name)).toBe(expected);
  });
});
