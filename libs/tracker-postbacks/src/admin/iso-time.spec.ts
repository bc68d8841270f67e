import { isoMilliseconds } from './iso-time';

describe('isoMilliseconds', () => {
  it.each([
    ['a date alone is midnight UTC', '2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['UTC', '2026-11-21T09:30:15.250Z', '2026-11-21T09:30:15.250Z'],
    ['no seconds', '2026-11-21T09:30Z', '2026-11-21T09:30:00.000Z'],
    ['no offset is UTC', '2026-11-21T09:30:15', '2026-11-21T09:30:15.000Z'],
    ['an offset east', '2026-11-21T02:30:00+03:00', '2026-11-20T23:30:00.000Z'],
    ['an offset west', '2026-11-21T20:30:00-05:30', '2026-11-22T02:00:00.000Z'],
    ['an offset without colon', '2026-11-21T02:30:00+0300', '2026-11-20T23:30:00.000Z'],
    ['an offset whose + became a space', '2026-11-21T02:30:00 03:00', '2026-11-20T23:30:00.000Z'],
    ['one digit of a fraction', '2026-11-21T09:30:15.2Z', '2026-11-21T09:30:15.200Z'],
    ['a decimal comma', '2026-11-21T09:30:15,25Z', '2026-11-21T09:30:15.250Z'],
    ['digits below the millisecond are cut off', '2026-11-21T09:30:15.999999Z', '2026-11-21T09:30:15.999Z'],
    ['lower case', '2026-11-21t09:30:15z', '2026-11-21T09:30:15.000Z'],
    ['a leap day', '2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['the first century', '0026-01-01', '0026-01-01T00:00:00.000Z'],
  ])('reads %s: %s', (_, text, expected) => {
    const milliseconds = isoMilliseconds(text);
    expect(milliseconds === null ? null : new Date(milliseconds).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026',
    '2026-11',
    '21.11.2026',
    '1763717400000',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-11-00',
    '2027-02-29',
    '2026-11-21T24:00Z',
    '2026-11-21T09:60Z',
    '2026-11-21T09:30:60Z',
    '2026-11-21T09:30+24:00',
    '2026-11-21T09:30+03:60',
    '2026-11-21T09Z',
    '2026-11-21 09:30',
    '+012026-11-21',
    ' 2026-11-21',
    '2026-11-21Z',
    '٢٠٢٦-11-21',
  ])('does not guess %j', (text) => {
    expect(isoMilliseconds(text)).toBeNull();
  });
});
