import * as fc from 'fast-check';
import { parametersOf, takeSecret } from './parameters.rule';
import { type PostbackBody } from './reading';

function take(query: string): [string, readonly string[]] {
  const { target, secrets } = takeSecret(`/p?${query}`, null);
  expect(target.startsWith('/p?')).toBe(true);
  return [target.slice(3), secrets];
}

describe('the secret in a query', () => {
  it.each([
    ['a=1&key=S&b=2', 'a=1&b=2', ['S']],
    ['key=S&b=2', 'b=2', ['S']],
    ['a=1&key=S', 'a=1', ['S']],
    ['key=S', '', ['S']],
    ['key', '', []],
    ['a=1&KEY=S&Key=T', 'a=1', ['S', 'T']],
    ['key=S&key=T&a=1&b', 'a=1&b', ['S', 'T']],
    ['&key=S&&a', '&&a', ['S']],
    ['a=1&%6bey=S', 'a=1', ['S']],
    ['a=1&%6B%65%79=a%2Bb', 'a=1', ['a+b']],
    ['a=1&k%00ey=S', 'a=1', ['S']],
    ['a=1&+key+=S', 'a=1', ['S']],
    ['a=1&%E2%84%AAey=S', 'a=1', ['S']],
    ['a=1&key=%C8', 'a=1', ['%C8']],
    ['a=1&amp;key=S&amp;b=2', 'a=1&amp;b=2', ['S']],
    ['a=1&amp;amp;key=S', 'a=1', ['S']],
    ['a=1&#x26;key=S', 'a=1', ['S']],
    ['a=1&amp%3Bkey=S', 'a=1', ['S']],
    [String.raw`a=1\&key=a\_b\&b=2`, String.raw`a=1\&b=2`, ['a_b']],
    ['clickid=1?key=S', 'clickid=1', ['S']],
    ['clickid=1?key=S&b=2', 'clickid=1&b=2', ['S']],
    ['clickid=1?x=2?%6Bey=S?y=3', 'clickid=1?x=2?y=3', ['S']],
    ['?key=S', '', ['S']],
    ['key=S\u00a4cy=usd', '\u00a4cy=usd', ['S']],
    ['a=1&key=S%C2%A4cy=usd', 'a=1%C2%A4cy=usd', ['S']],
  ])('%s → %s', (query, kept, secrets) => {
    expect(take(query)).toEqual([kept, secrets]);
  });

  it.each([
    '',
    'a=1',
    'apikey=S',
    'keys=1&key.x=2',
    'a=key',
    'a=%zz&b=%C8&c=\u00a4',
    'clickid=sub1?x=1',
    'fields.key=S',
  ])('leaves %s byte for byte', (query) => {
    expect(take(query)).toEqual([query, []]);
  });

  it('leaves a target without query alone', () => {
    expect(takeSecret('/key=S', null)).toEqual({ target: '/key=S', body: null, secrets: [] });
  });

  it('never lets our own reading see a key', () => {
    const part = fc.constantFrom(
      ...[
        'key=S',
        'KEY=S',
        '%6bey=S',
        'k\\_ey=S',
        'a=1',
        'b',
        '&',
        '&amp;',
        '&#x26;',
        '\\&',
        '?',
        '=',
        '\u00a4',
        'cy=x',
        '%C2%A4',
        '\\',
        'amp;',
        ' ',
      ],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const taken = takeSecret(`/p?${parts.join('')}`, { type: 'form', text: parts.join('') });
        const { parameters } = parametersOf({ ...taken, pathEvent: null });
        expect(parameters.map(({ name }) => name.toLowerCase())).not.toContain('key');
        expect(parameters.filter(({ value }) => /\?key=/i.test(value))).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(['?key=', '&key=', '?k', '\\&', '\u00a4a', '&amp;', '%6b'])('is taken from many %j', (part) => {
    expect(take(part.repeat(64_000 / part.length))[0]).not.toMatch(/key=[^&?]/);
  });
});

describe('the secret in a body', () => {
  it.each<[PostbackBody['type'], string, string, string[]]>([
    ['form', 'a=1&key=S&b=2', 'a=1&b=2', ['S']],
    ['form', 'a=1', 'a=1', []],
    ['json', '{"a":1,"key":"S"}', '{"a":1}', ['S']],
    ['json', '{"Key":5,"a":{"key":"inner"}}', '{"a":{"key":"inner"}}', ['5']],
    ['json', String.raw`{"\u006bey":"S","tid":1234567890123456789}`, '{"tid":"1234567890123456789"}', ['S']],
    ['json', '{"key":{"x":1}}', '{}', []],
    ['json', '{ "a" : "key" }', '{ "a" : "key" }', []],
    ['json', '{ "a" : 1 }', '{ "a" : 1 }', []],
    ['json', '["key"]', '["key"]', []],
    ['json', '{"__proto__":{"a":1},"key":"S"}', '{"__proto__":{"a":1}}', ['S']],
    ['json', '{"a":1,"key":"S', '{"a":1,"key":""', ['S']],
    ['json', '{"key": S, "a"', '{"key": "", "a"', ['S']],
  ])('%s: %s', (type, text, kept, secrets) => {
    const taken = takeSecret('/p', { type, text });
    expect(taken).toEqual({ target: '/p', body: { type, text: kept }, secrets });
  });

  it('goes with the whole body when that cannot be written again', () => {
    const text = `{"key":"S","a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    expect(takeSecret('/p', { type: 'json', text })).toEqual({
      target: '/p',
      body: { type: 'json', text: '{}' },
      secrets: ['S'],
    });
  });
});
