import { howNear, nearMissCandidates, nearMissPrefixes } from './near-miss.rule';

const KNOWN = 'AbCdEfGh1234';

describe('near misses', () => {
  test.each([
    ['abcdefgh1234', 'other_case'],
    ['ABCDEFGH1234', 'other_case'],
    ['"AbCdEfGh1234"', 'trimmed'],
    ['{AbCdEfGh1234}', 'trimmed'],
    [' AbCdEfGh1234 ', 'trimmed'],
    ['AbCdEfGh123', 'cut_off'],
    ['AbCdEf', 'cut_off'],
    ['AbCdEfGh1234_de', 'suffix'],
    ['AbCdEfGh1234-0', 'suffix'],
    ['click.AbCdEfGh1234', 'prefix'],
    ['AbCdEfGh1234', null],
    ['ZZCdEfGh1234', null],
  ] as const)('%s is %s', (came, how) => {
    expect(howNear(came, KNOWN)).toBe(how);
  });

  test.each([
    'abcdefgh1234',
    '"AbCdEfGh1234"',
    'AbCdEfGh1234_de',
    'click.AbCdEfGh1234',
    `${KNOWN}${'x'.repeat(200)}`,
  ])('the id is among those looked for when %s came', (came) => {
    expect(nearMissCandidates(came, 12)).toContain(KNOWN.toLowerCase());
  });

  test('what is looked for is bounded, and nothing is for what is too short to tell', () => {
    expect(nearMissCandidates('x'.repeat(255), 12).length).toBeLessThan(110);
    expect(nearMissCandidates('abc', 12)).toEqual([]);
    expect(nearMissCandidates('{{}}', 12)).toEqual([]);
    expect(nearMissPrefixes('abc')).toEqual([]);
  });

  test('letters beyond ASCII are looked for as every database would lower them', () => {
    expect(nearMissCandidates('ÁbCdEf', 12)).toEqual(['ábcdef', 'Ábcdef']);
    expect(nearMissPrefixes('ÁbCdEf ')).toEqual(['ábcdef', 'Ábcdef']);
    expect(nearMissPrefixes('AbCdEf')).toEqual(['abcdef']);
  });
});
