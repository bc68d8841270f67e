import * as fc from 'fast-check';
import { MAX_PARAMETERS, parametersOf, type Parameter } from './parameters.rule';
import { type PostbackBody } from './reading';

const PATH = '/api/postbacks/id/tracker-postback';

function parse(
  query: string,
  body: PostbackBody | null = null,
  pathEvent: string | null = null,
): { list: readonly Parameter[]; pairs: string[][]; codes: string[] } {
  const { parameters, warnings } = parametersOf({ target: `${PATH}?${query}`, pathEvent, body });
  return {
    list: parameters,
    pairs: parameters.map(({ name, value }) => [name, value]),
    codes: warnings.map(({ code }) => code),
  };
}

describe('a query', () => {
  it.each<[string, string[][]]>([
    ['', []],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=c', [['', 'c']]],
    ['=', [['', '']]],
    ['a==b', [['a', '=b']]],
    ['a=b=c', [['a', 'b=c']]],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a;b=1;c', [['a;b', '1;c']]],
    [
      'a[b]=1&c[]=2',
      [
        ['a[b]', '1'],
        ['c[]', '2'],
      ],
    ],
    ['%61%5B%5D=1', [['a[]', '1']]],
    ['tracker.event=sale', [['tracker.event', 'sale']]],
    ['a=b+c%20d%2Be', [['a', 'b c d+e']]],
    ['a+b=1', [['a b', '1']]],
    [
      'a=#frag&b=2',
      [
        ['a', '#frag'],
        ['b', '2'],
      ],
    ],
    ['a=1?b=2', [['a', '1?b=2']]],
    ['a=%00x%00', [['a', 'x']]],
    ['a%00=x', [['a', 'x']]],
    ['a=100%', [['a', '100%']]],
    ['a=%F0%9F%98%80', [['a', '\ud83d\ude00']]],
    [
      '__proto__=1&constructor=2',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
  ])('%s', (query, expected) => {
    expect(parse(query)).toMatchObject({ pairs: expected, codes: [] });
  });

  it.each([
    ['a=%C8%E2+x', ['a', '%C8%E2+x']],
    ['%C8=x%20y', ['%C8', 'x y']],
  ])('%s is not UTF-8 and stays undecoded', (query, pair) => {
    expect(parse(query)).toMatchObject({ pairs: [pair], codes: ['not_utf8'] });
  });

  it('keeps the raw value beside the decoded one', () => {
    expect(parse('a=%7Bx%7D').list).toEqual([{ name: 'a', raw: '%7Bx%7D', value: '{x}', source: 'query' }]);
  });

  it('is empty without a question mark', () => {
    expect(parametersOf({ target: PATH, pathEvent: null, body: null }).parameters).toEqual([]);
  });

  it('is read up to 2,000 parameters', () => {
    const query = Array.from({ length: 10_000 }, (_, position) => `p${position}=1`).join('&');
    const { list, codes } = parse(query);
    expect(list).toHaveLength(MAX_PARAMETERS);
    expect(codes).toEqual(['parameters_cut']);
    expect(parse(query.split('&').slice(0, MAX_PARAMETERS).join('&')).codes).toEqual([]);
  });

  it('gives back every name and value that was encoded', () => {
    const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }), (pairs) => {
        const named = pairs.map(([name, value]) => [`n${name}`, value] as const);
        const query = named.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
        fc.pre(!/%C[23]%.{2}[\w.-]*=|&amp%3B/i.test(query));
        expect(parse(query)).toMatchObject({ pairs: named, codes: [] });
      }),
    );
  });
});

describe('damage of pasted URLs', () => {
  it.each<[string, string, string[][]]>([
    [
      'HTML ampersand',
      'a=1&amp;b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'twice',
      'a=1&amp;amp;b=2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'as a number',
      'a=1&#x26;b=2&#38;c=3',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    [
      'its tail encoded',
      'a=1&amp%3Bb=2&%23x26;c=3',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    [
      '&curren',
      'a=1\u00a4cy=usd',
      [
        ['a', '1'],
        ['currency', 'usd'],
      ],
    ],
    [
      '&curren encoded',
      'a=1%C2%A4cy=usd',
      [
        ['a', '1'],
        ['currency', 'usd'],
      ],
    ],
    [
      '&curren as Latin-1',
      'a=1\u00c2\u00a4cy=usd',
      [
        ['a', '1'],
        ['currency', 'usd'],
      ],
    ],
    [
      '&reg',
      'a=1\u00aeion=x',
      [
        ['a', '1'],
        ['region', 'x'],
      ],
    ],
    [
      '&reg alone',
      'a=1%C2%AE=true',
      [
        ['a', '1'],
        ['reg', 'true'],
      ],
    ],
    [
      '&para',
      'a=1\u00b6m=x',
      [
        ['a', '1'],
        ['param', 'x'],
      ],
    ],
    [
      '&times',
      'a=1%C3%97tamp=x',
      [
        ['a', '1'],
        ['timestamp', 'x'],
      ],
    ],
    [
      '&copy',
      'a=1\u00a9_id=x',
      [
        ['a', '1'],
        ['copy_id', 'x'],
      ],
    ],
    [
      '&sect',
      'a=1\u00a7ion=x',
      [
        ['a', '1'],
        ['section', 'x'],
      ],
    ],
    [
      '&not',
      'a=1\u00ace=x',
      [
        ['a', '1'],
        ['note', 'x'],
      ],
    ],
    [
      '&macr',
      'a=1\u00afo=x',
      [
        ['a', '1'],
        ['macro', 'x'],
      ],
    ],
    [
      '&deg',
      'a=1\u00b0ree=x',
      [
        ['a', '1'],
        ['degree', 'x'],
      ],
    ],
    [
      '&cent',
      'a=1\u00a2er=x',
      [
        ['a', '1'],
        ['center', 'x'],
      ],
    ],
    [
      '&pound',
      'a=1\u00a3s=x',
      [
        ['a', '1'],
        ['pounds', 'x'],
      ],
    ],
    [
      '&yen',
      'a=1\u00a5s=x',
      [
        ['a', '1'],
        ['yens', 'x'],
      ],
    ],
    [
      'Markdown',
      String.raw`click\_id=1\&tracker.event=a\_b`,
      [
        ['click_id', '1'],
        ['tracker.event', 'a_b'],
      ],
    ],
  ])('%s: %s', (_, query, expected) => {
    expect(parse(query)).toMatchObject({ pairs: expected, codes: ['url_repaired'] });
  });

  it.each<[string, string[][]]>([
    [
      'amp=1&lt;=2',
      [
        ['amp', '1'],
        ['lt;', '2'],
      ],
    ],
    [
      'price=5%C2%A3&b=1',
      [
        ['price', '5\u00a3'],
        ['b', '1'],
      ],
    ],
    [
      'note=25%C2%B0+warm&b=1',
      [
        ['note', '25\u00b0 warm'],
        ['b', '1'],
      ],
    ],
    [
      'a=%5C&b=%5C_',
      [
        ['a', '\\'],
        ['b', String.raw`\_`],
      ],
    ],
    ['a=x%26amp%3By', [['a', 'x&amp;y']]],
  ])('leaves %s alone', (query, expected) => {
    expect(parse(query)).toMatchObject({ pairs: expected, codes: [] });
  });
});

describe('a body', () => {
  it('as a form is read like a query, after it', () => {
    expect(parse('a=1', { type: 'form', text: 'b=x+y&c=\0\ud800z' }).list).toEqual([
      { name: 'a', raw: '1', value: '1', source: 'query' },
      { name: 'b', raw: 'x+y', value: 'x y', source: 'form' },
      { name: 'c', raw: '\0\ud800z', value: 'z', source: 'form' },
    ]);
  });

  it.each<[string, string[][], string[]]>([
    [
      '{"a":1,"b":true,"c":"x y","d":null,"e":12.5}',
      [
        ['a', '1'],
        ['b', 'true'],
        ['c', 'x y'],
        ['e', '12.5'],
      ],
      [],
    ],
    [
      '{"tracker":{"event":"sale"},"tracker.cost":5}',
      [
        ['tracker.event', 'sale'],
        ['tracker.cost', '5'],
      ],
      [],
    ],
    [
      '{"a":[1,{"b":2}]}',
      [
        ['a.0', '1'],
        ['a.1.b', '2'],
      ],
      [],
    ],
    ['{"a":{"b":{"c":{"d":{"e":1}}}}}', [['a.b.c.d.e', '1']], []],
    ['{"a":{"b":{"c":{"d":{"e":{"f":1}}}}},"g":2}', [['g', '2']], ['json_too_deep']],
    ['{"a":"%7Bx%7D+y"}', [['a', '%7Bx%7D+y']], []],
    [
      '{"tid":1234567890123456789,"big":1e21}',
      [
        ['tid', '1234567890123456789'],
        ['big', '1e+21'],
      ],
      [],
    ],
    [
      String.raw`{"a":"\"1234567890123456789","b":1234567890123456789.5}`,
      [
        ['a', '"1234567890123456789'],
        ['b', '1234567890123456800'],
      ],
      [],
    ],
    [String.raw`{"a\u0000b":"c\ud800d"}`, [['ab', 'cd']], []],
    [
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}',
      [
        ['__proto__.polluted', '1'],
        ['constructor.prototype.x', '1'],
      ],
      [],
    ],
    ['{}', [], []],
    [' ', [], []],
    ['', [], []],
    ['{"a":', [], ['body_unreadable']],
    ['null', [], ['body_unreadable']],
    ['"text"', [], ['body_unreadable']],
    ['['.repeat(30_000) + ']'.repeat(30_000), [], ['json_too_deep']],
  ])('as JSON: %.80s', (text, pairs, codes) => {
    expect(parse('', { type: 'json', text })).toMatchObject({ pairs, codes });
  });

  it('as JSON is read up to 2,000 parameters together with the query', () => {
    const text = JSON.stringify(Array.from({ length: 5_000 }, () => 1));
    const { list, codes } = parse('a=1', { type: 'json', text });
    expect(list).toHaveLength(MAX_PARAMETERS);
    expect(codes).toEqual(['parameters_cut']);
  });
});

describe('the path event', () => {
  it.each([
    ['sale', 'sale', []],
    ['e-mail%20confirm+x', 'e-mail confirm+x', []],
    ['%C8', '%C8', ['not_utf8']],
  ])('%s', (pathEvent, value, codes) => {
    const parsed = parse('', null, pathEvent);
    expect(parsed.list).toEqual([{ name: ':event', raw: pathEvent, value, source: 'path' }]);
    expect(parsed.codes).toEqual(codes);
  });
});
