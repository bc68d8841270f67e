import * as fc from 'fast-check';
import { type PostbackBody, type Reading } from './reading';
import { read } from './reading.rule';
import { EMPTY_RECIPE, type Recipe } from './recipe';

function readQuery(query: string, recipe: Partial<Recipe> = {}, body: PostbackBody | null = null): Reading {
  return read({ target: `/p?${query}`, pathEvent: null, body }, { ...EMPTY_RECIPE, ...recipe });
}

function codesOf({ warnings }: Reading): string[] {
  return warnings.map(({ code }) => code);
}

/** What the role came to, and the warnings other than the event's. */
function role<K extends keyof Reading>(
  key: K,
  query: string,
  recipe: Partial<Recipe>,
): [Reading[K], string[]] {
  const reading = readQuery(query, recipe);
  return [reading[key], codesOf(reading)];
}

const WORDS = (clickId: string[], tid: string[] = []): Recipe['knownWords'] => ({
  ...EMPTY_RECIPE.knownWords,
  clickId: new Set(clickId),
  tid: new Set(tid),
});

describe('the seed postback', () => {
  it('is read in full', () => {
    const reading = readQuery(
      'tracker.event=sale&clickid=67wgwWkaR0&tracker.cost=12.50&tracker.currency=usd&tracker.tid=77&fields.user_id=5&country=US',
    );
    expect(reading).toEqual({
      event: { kind: 'event', name: 'sale', word: 'sale', parameter: 'tracker.event' },
      clickId: { kind: 'value', value: '67wgwWkaR0', parameter: 'clickid', bareWord: null },
      cost: '12.50',
      costRaw: '12.50',
      currency: 'USD',
      tid: '77',
      fields: { user_id: '5' },
      params: { country: 'US' },
      warnings: [],
      tooLarge: null,
      requestHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
  });

  it('may come as a form, as JSON, or as both with a query', () => {
    const inQuery = readQuery('tracker.event=sale&clickid=A&tracker.cost=5');
    const asForm = readQuery('', {}, { type: 'form', text: 'clickid=A&tracker.cost=5&tracker.event=sale' });
    const asJson = readQuery(
      'clickid=A',
      {},
      { type: 'json', text: '{"tracker":{"event":"sale","cost":5}}' },
    );
    expect(asForm).toEqual(inQuery);
    expect(asJson).toEqual(inQuery);
  });
});

describe('the click id', () => {
  const recipe: Partial<Recipe> = {
    clickId: ['sub1', 'clickid'],
    knownWords: WORDS(['sub1']),
    bareWords: { ...EMPTY_RECIPE.bareWords, clickId: new Set(['ext_id']) },
  };
  const value = (text: string, parameter: string, bareWord: string | null = null): Reading['clickId'] => ({
    kind: 'value',
    value: text,
    parameter,
    bareWord,
  });

  it.each<[string, Reading['clickId'], string[]]>([
    ['clickid=AbC', value('AbC', 'clickid'), []],
    ['clickid=+AbC%E2%80%8B', value('AbC', 'clickid'), []],
    ['tracker.clickid=A', value('A', 'tracker.clickid'), []],
    ['sub1=A', value('A', 'sub1'), []],
    ['SUB1=A', value('A', 'SUB1'), []],
    ['clickid=A&sub1=B', value('A', 'clickid'), ['role_differs']],
    ['clickid=A&sub1=A', value('A', 'clickid'), []],
    ['clickid=null&sub1=B', value('B', 'sub1'), []],
    ['clickid=N/A&tracker.clickid=None&sub1=B', value('B', 'sub1'), []],
    ['clickid=(not+set)&sub1=[object+Object]', { kind: 'missing' }, []],
    ['clickid=nil&sub1=undefined&tracker.clickid=+', { kind: 'missing' }, []],
    ['', { kind: 'missing' }, []],
    ['clickid={click_id}&clickid=REAL', value('REAL', 'clickid'), ['macro_unreplaced']],
    ['clickid={click_id}&sub1=REAL', value('REAL', 'sub1'), ['macro_unreplaced']],
    ['clickid=A&clickid=A', value('A', 'clickid'), []],
    ['clickid=A&clickid=B', { kind: 'conflict', parameter: 'clickid', values: ['A', 'B'] }, []],
    ['clickid=A&clickid=a', { kind: 'conflict', parameter: 'clickid', values: ['A', 'a'] }, []],
    ['ClickId=A&CLICKID=B', { kind: 'conflict', parameter: 'ClickId', values: ['A', 'B'] }, []],
    ['clickid=A&CLICKID=B', value('A', 'clickid'), ['role_differs']],
    ['clickid={x}&CLICKID=B', value('B', 'CLICKID'), ['macro_unreplaced']],
    ['clickid=A&sub1=B&sub1=C', value('A', 'clickid'), ['role_differs']],
    [
      'clickid={sub1}',
      { kind: 'macro', parameter: 'clickid', value: '{sub1}', bareWord: null },
      ['macro_unreplaced'],
    ],
    [
      'clickid=sub1',
      { kind: 'macro', parameter: 'clickid', value: 'sub1', bareWord: 'sub1' },
      ['macro_unreplaced'],
    ],
    [
      'clickid={x}&sub1=ext_id',
      { kind: 'macro', parameter: 'clickid', value: '{x}', bareWord: 'ext_id' },
      ['macro_unreplaced', 'macro_unreplaced'],
    ],
    ['clickid=sub1&sub1=REAL', value('REAL', 'sub1', 'sub1'), ['macro_unreplaced']],
    ['clickid=REAL&sub1=sub1', value('REAL', 'clickid'), ['macro_unreplaced']],
    ['clickid=?sub1=REAL', value('REAL', 'sub1'), ['url_repaired']],
    ['clickid=A?x=1?y=2', value('A', 'clickid'), ['url_repaired']],
    ['clickid=A?', value('A?', 'clickid'), []],
    ['clickid=A%3Fx=1', value('A?x=1', 'clickid'), []],
    ['clickid=%C8', value('%C8', 'clickid'), ['not_utf8']],
    ['click\\_id=1&amp;clickid=A', value('A', 'clickid'), ['url_repaired']],
  ])('%s', (query, expected, codes) => {
    expect(role('clickId', query, recipe)).toEqual([expected, codes]);
  });

  it('is repaired by a second question mark only where the first name allows it', () => {
    expect(readQuery('url=http://x?y=1&clickid=A?z=http://x?y=2').params).toEqual({
      url: 'http://x?y=1',
      z: 'http://x?y=2',
    });
  });

  it.each([
    [255, null],
    [256, { parameter: 'clickid' }],
  ])('of %d characters', (length, tooLarge) => {
    const reading = readQuery(`clickid=${'c'.repeat(length)}&tracker.tid=7`);
    expect(reading).toMatchObject({ tooLarge, clickId: { value: 'c'.repeat(255) }, tid: '7' });
  });
});

describe('the transaction id', () => {
  const recipe: Partial<Recipe> = { tid: ['event_id'], knownWords: WORDS([], ['event_id']) };

  it.each<[string, string | null, string[]]>([
    ['tracker.tid=77', '77', []],
    ['event_id=77', '77', []],
    ['tracker.tid=0', null, ['tid_unusable']],
    ['tracker.tid=-', null, ['tid_unusable']],
    ['clickid=A&tracker.tid=A', null, ['tid_unusable']],
    ['clickid=A&tracker.tid=a', 'a', []],
    ['tracker.tid=0&event_id=77', '77', ['tid_unusable']],
    ['tracker.tid=777_{goal}', null, ['macro_unreplaced']],
    ['tracker.tid=event_id', null, ['macro_unreplaced']],
    ['tracker.tid=TID', null, ['macro_unreplaced']],
    ['tracker.tid=null', null, []],
    ['tracker.tid=1&tracker.tid=2', '1', ['parameter_differs']],
    ['tracker.tid=1&event_id=2', '1', ['role_differs']],
    ['tracker.tid=5?click_id=x', '5', ['url_repaired']],
  ])('%s', (query, expected, codes) => {
    expect(role('tid', query, recipe)).toEqual([expected, codes]);
  });

  it('is too large above 255 characters', () => {
    expect(readQuery(`event_id=${'7'.repeat(256)}`, recipe)).toMatchObject({
      tid: null,
      tooLarge: { parameter: 'event_id' },
    });
  });
});

describe('cost and currency', () => {
  const recipe: Partial<Recipe> = { cost: ['sumdep'], currency: ['cur'], defaultCurrency: 'EUR' };

  it.each<[string, string | null, string | null, string | null, string[]]>([
    // query → cost, costRaw, currency
    ['tracker.cost=12.50', '12.50', '12.50', 'EUR', []],
    ['tracker.cost=%2412.50', '12.50', '$12.50', 'USD', []],
    ['sumdep=5&cur=rub', '5', '5', 'RUB', []],
    ['tracker.cost=5&currency=usd', '5', '5', 'USD', []],
    ['tracker.cost=5&tracker.currency=usd&currency=USD', '5', '5', 'USD', []],
    ['tracker.cost=5&tracker.currency=usd&currency=rub', '5', '5', 'USD', ['role_differs']],
    ['tracker.cost=5&currency=usd&currency=rub', '5', '5', 'USD', ['parameter_differs']],
    ['tracker.cost=5&currency={currency}', '5', '5', 'EUR', ['macro_unreplaced']],
    ['tracker.cost=5&currency=rub,usd', '5', '5', null, ['currency_unreadable']],
    ['tracker.cost=5+USD&currency=rub', '5', '5 USD', 'RUB', ['currency_differs']],
    ['tracker.cost=5&sumdep=6', '5', '5', 'EUR', ['role_differs']],
    ['tracker.cost=abc', null, 'abc', 'EUR', ['amount_unreadable']],
    ['tracker.cost=1,234', null, '1,234', 'EUR', ['amount_ambiguous']],
    [`tracker.cost=${'9'.repeat(300)}`, null, '9'.repeat(255), 'EUR', ['amount_unreadable']],
    ['tracker.cost={amount}', null, null, null, ['macro_unreplaced']],
    ['currency=usd', null, null, 'USD', []],
    ['currency=usd?x=1', null, null, 'USD', ['url_repaired']],
    ['', null, null, null, []],
  ])('%.40s', (query, cost, costRaw, currency, codes) => {
    const reading = readQuery(query, recipe);
    expect(reading).toMatchObject({ cost, costRaw, currency });
    expect(codesOf(reading)).toEqual(codes);
  });

  it('tells of a decimal mark that is not the integration\u2019s', () => {
    expect(readQuery('tracker.cost=12,50', { decimalMark: '.' }).warnings).toEqual([
      { code: 'decimal_mark_differs', parameter: 'tracker.cost', args: { value: '12,50', mark: '.' } },
    ]);
  });

  it.each([
    ['tracker.event=sale', ['amount_missing']],
    ['tracker.event=resale&tracker.cost=', ['amount_missing']],
    ['tracker.event=dep', ['amount_missing']],
    ['tracker.event=sale&tracker.cost={amount}', ['macro_unreplaced', 'amount_missing']],
    ['tracker.event=sale&tracker.cost=abc', ['amount_unreadable']],
    ['tracker.event=sale&tracker.cost=0', []],
    ['tracker.event=registration', []],
  ])('%s misses its amount: %j', (query, codes) => {
    expect(codesOf(readQuery(query, { eventMap: new Map([['dep', 'sale/resale']]) }))).toEqual(codes);
  });

  it.each<[string, string | null, string | null]>([
    ['tracker.event=withdraw&tracker.cost=5.50', '-5.50', '5.50'],
    ['tracker.event=withdraw&tracker.cost=abc', null, 'abc'],
    ['tracker.event=other&tracker.cost=5', '5', '5'],
    ['tracker.event=other&tracker.cost=5&rs=0.25', '5.25', '5'],
    ['tracker.event=other&RS=0.25', '0.25', '0.25'],
    ['tracker.event=other&tracker.cost=5&rs=x', null, '5'],
    ['tracker.event=other', null, null],
  ])('an amount rule negates and adds: %s', (query, cost, costRaw) => {
    const reading = readQuery(query, { amountRule: { negate: ['withdraw'], add: ['rs'] } });
    expect(reading).toMatchObject({ cost, costRaw, params: {} });
  });

  it.each([
    ['its own parameter', 'tracker.event=withdraw&tracker.cost=0&sumwithdraw=15', '15'],
    ['the first usable one', 'tracker.event=withdraw&tracker.cost=0&sumwithdraw={x}&wdr=7', '7'],
    ['the cost, where nothing stands there', 'tracker.event=withdraw&tracker.cost=5&sumwithdraw=', '5'],
    ['the cost, for other events', 'tracker.event=resale&tracker.cost=5&sumwithdraw=15', '5'],
    ['the cost, for an event like a prototype name', 'tracker.event=constructor&tracker.cost=5', '5'],
    ['the cost, for no event', 'tracker.cost=5&sumwithdraw=15', '5'],
  ])('an event may have an amount of its own: %s', (_, query, cost) => {
    const amountRule = { instead: { withdraw: ['sumwithdraw', 'wdr'] } };
    expect(readQuery(query, { amountRule }).cost).toBe(cost);
  });
});

describe('custom fields', () => {
  const recipe: Partial<Recipe> = {
    fields: [
      { key: 'user_id', parameter: 'uid' },
      { key: 'user_id', parameter: 'user' },
      { key: 'constructor', parameter: 'uid' },
    ],
    knownFieldWords: new Map([['user_id', new Set(['uid'])]]),
  };

  it.each<[string, Record<string, string>, string[]]>([
    ['fields.user_id=5', { user_id: '5' }, []],
    ['FIELDS.User_Id=5', { User_Id: '5' }, []],
    ['fields.a.b=1&fields.a=2', { 'a.b': '1', a: '2' }, []],
    ['fields.note=+two+words+', { note: 'two words' }, []],
    ['fields.note=&fields.b=+', {}, []],
    ['fields.a=null&fields.b=undefined&fields.c=N/A', {}, []],
    ['fields.a=Null&fields.b=n/a&fields.c=none', { a: 'Null', b: 'n/a', c: 'none' }, []],
    ['fields.a={name}&fields.a=Ann', { a: 'Ann' }, ['macro_unreplaced']],
    ['fields.a=1&fields.a=2', { a: '1' }, ['parameter_differs']],
    ['fields.a=1&fields.a=1', { a: '1' }, []],
    ['fields.a=Hello+{name}', { a: 'Hello {name}' }, ['macro_in_value']],
    ['uid=7', { user_id: '7' }, []],
    ['UID=7', { user_id: '7' }, []],
    ['fields.user_id={uid}&uid=7', { user_id: '7' }, ['macro_unreplaced']],
    ['fields.user_id=uid&uid=7', { user_id: '7' }, ['macro_unreplaced']],
    ['fields.user_id=5&uid=7', { user_id: '5' }, ['role_differs']],
    ['uid=7&user=8&user=7', { user_id: '7' }, ['role_differs']],
    ['user=8&user=9', { user_id: '8' }, ['parameter_differs']],
    [
      'fields.__proto__=1&fields.constructor=1&fields.prototype=1',
      {},
      ['field_dropped', 'field_dropped', 'field_dropped'],
    ],
    ['fields.toString=1&fields.a.__proto__=1', {}, ['field_dropped', 'field_dropped']],
    ['fields.=1&fields.a%0A=1', {}, ['field_dropped', 'field_dropped']],
    [`fields.${'k'.repeat(64)}=1`, { ['k'.repeat(64)]: '1' }, []],
    [`fields.${'k'.repeat(65)}=1`, {}, ['field_dropped']],
    [`fields.a=${'v'.repeat(4_096)}`, { a: 'v'.repeat(4_096) }, []],
    [`fields.a=${'v'.repeat(4_097)}`, { a: 'v'.repeat(4_096) }, ['field_cut']],
    ['fields[a]=1', {}, []],
  ])('%.70s', (query, fields, codes) => {
    expect(role('fields', query, recipe)).toEqual([fields, codes]);
  });

  it('are at most a hundred', () => {
    const query = Array.from({ length: 130 }, (_, position) => `fields.f${position}=1`).join('&');
    const [fields, codes] = role('fields', query, {});
    expect(Object.keys(fields)).toHaveLength(100);
    expect(codes).toEqual(Array.from({ length: 20 }, () => 'field_dropped'));
  });
});

describe('other parameters', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['a=+1+&b=%7Bx', { a: ' 1 ', b: '{x' }, []],
    ['a=1&a=2&a=1', { a: '1' }, ['parameter_differs']],
    ['geo={geo}', { geo: '{geo}' }, ['macro_unreplaced']],
    ['{geo}=1&b=2', { b: '2' }, ['macro_in_name']],
    ['[afp1]=1', { '[afp1]': '1' }, []],
    ['CLICKID=A&sumdep=5&status=x&fields.a=1&uid=7', {}, []],
    ['=c&a', { '': 'c', a: '' }, []],
    ['key=S', { key: 'S' }, []],
  ])('%s', (query, params, codes) => {
    const recipe: Partial<Recipe> = {
      event: [{ kind: 'composite', template: '{status}{goal}' }],
      cost: ['sumdep'],
      fields: [{ key: 'user_id', parameter: 'uid' }],
    };
    expect(role('params', query, recipe)).toEqual([params, codes]);
  });

  it('keep prototype names apart from every prototype', () => {
    const { params, fields } = readQuery('__proto__=1&constructor=2');
    expect(Object.getPrototypeOf(params)).toBeNull();
    expect(Object.getPrototypeOf(fields)).toBeNull();
    expect(Object.entries(params)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
  });
});

describe('warnings', () => {
  it('name the parameter and the value', () => {
    expect(readQuery('clickid={sub1}').warnings).toEqual([
      { code: 'macro_unreplaced', parameter: 'clickid', args: { value: '{sub1}' } },
    ]);
  });

  it('are at most twenty of a code', () => {
    const query = Array.from({ length: 50 }, (_, position) => `p${position}={m}&q${position}=%C8`).join('&');
    const codes = codesOf(readQuery(query));
    expect(codes.filter((code) => code === 'macro_unreplaced')).toHaveLength(20);
    expect(codes.filter((code) => code === 'not_utf8')).toHaveLength(20);
  });
});

describe('the request hash', () => {
  const hash = (query: string, body: PostbackBody | null = null): string =>
    readQuery(query, {}, body).requestHash;

  it('is the same for the same parameters in any order, encoding and place', () => {
    expect(hash('b=2&a=%31')).toBe(hash('a=1&b=2'));
    expect(hash('a=1', { type: 'form', text: 'b=2' })).toBe(hash('a=1&b=2'));
  });

  it.each([
    ['a=1&b=2', 'a=1&b=3'],
    ['a=1', 'a=1&a=1'],
    ['a=1&b=2', 'a=1%26b%3D2'],
    ['a=1%0A1:b=1:2', 'a=1&b=2'],
    ['a=A', 'a=a'],
  ])('differs between %s and %s', (one, other) => {
    expect(hash(one)).not.toBe(hash(other));
  });

  it('counts the path event', () => {
    const path = (pathEvent: string): string =>
      read({ target: '/p', pathEvent, body: null }, EMPTY_RECIPE).requestHash;
    expect(path('sale')).not.toBe(path('conf'));
  });
});

describe('any text at all', () => {
  const recipe: Recipe = {
    ...EMPTY_RECIPE,
    event: [
      { kind: 'composite', template: '{goal}_{status}' },
      { kind: 'parameter', name: 'status' },
      { kind: 'flag', name: 'ftd' },
    ],
    clickId: ['sub1'],
    tid: ['event_id'],
    fields: [{ key: '__proto__', parameter: 'uid' }],
    eventMap: new Map([['rejected', 'reversal']]),
  };
  const hostile = fc.constantFrom(
    ...[
      'tracker.event',
      'clickid',
      'tracker.tid',
      'fields.',
      '__proto__',
      'constructor',
      '=',
      '&',
      '?',
      '%',
      '%C8',
      '{',
      '}',
      '\0',
      '\ud800',
      '&amp;',
      '\\',
      '\u00a4',
      '{"',
      '":',
      '[',
      'sale',
      '1',
      '\u200b',
      '#',
      '+',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(hostile, { maxLength: 30 }).map((parts) => parts.join('')),
  );
  const body = fc.option(
    fc.record({ type: fc.constantFrom('form' as const, 'json' as const), text: fc.oneof(text, fc.json()) }),
  );

  it('has a reading, without NUL or lone surrogates, and touches no prototype', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(text, fc.option(text), body, (target, pathEvent, sent) => {
        const reading = read({ target: `/p?${target}`, pathEvent, body: sent }, recipe);
        expect(JSON.stringify(reading)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        expect(read({ target, pathEvent, body: sent }, recipe).requestHash).toHaveLength(64);
      }),
      { numRuns: 5_000 },
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    'clickid=?',
    '?clickid=',
    'tracker.event=a?',
    '&a=',
    'fields.a=',
    '{a}',
    '%7B',
    '\u00a4a',
    ' ',
    'a=%C8&',
    // How reading grows with its input is a figure of `npm run bench -- rules`.
  ])('is read, 64 KB of %j', (part) => {
    const long = part.repeat(64_000 / part.length);
    const everywhere = read(
      { target: `/p?${long}`, pathEvent: long, body: { type: 'form', text: long } },
      recipe,
    );
    const asValues = read(
      { target: `/p?clickid=${long}&fields.a=${long}&tracker.cost=${long}`, pathEvent: null, body: null },
      recipe,
    );
    expect([everywhere.requestHash, asValues.requestHash]).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });
});

describe('a composite transaction id', () => {
  const tid = ['payment', '{order}_{part}'];

  it.each([
    ['both parts', 'order=A&part=2', 'A_2', []],
    ['the parts in another case', 'ORDER=A&Part=2', 'A_2', []],
    ['a part missing', 'order=A', null, []],
    ['a part that is nothing', 'order=A&part=null', null, []],
    ['a part that is a macro', 'order=A&part={part}', null, ['macro_unreplaced']],
    ['a name before it', 'order=A&part=2&payment=P', 'P', ['role_differs']],
    ['the canonical name before it', 'order=A&part=2&tracker.tid=T', 'T', ['role_differs']],
  ])('%s', (_, query, expected, codes) => {
    const reading = readQuery(`tracker.event=conf&clickid=K&${query}`, { tid });
    expect([reading.tid, codesOf(reading)]).toEqual([expected, codes]);
    expect(reading.params).toEqual({});
  });
});

describe('a suffix that the network glues to the click id', () => {
  it.each([
    ['the id without it, the whole to be looked up first', 'abc_12', 'abc', 'abc_12'],
    ['the last one only', 'a_b_12', 'a_b', 'a_b_12'],
    ['the earlier of two kinds', 'abc~1_2', 'abc', 'abc~1_2'],
    ['none', 'abc', 'abc', null],
    ['nothing before it', '_12', '_12', null],
  ])('%s', (_, sent, value, bareWord) => {
    const reading = readQuery(`tracker.event=conf&clickid=${sent}`, { clickIdSuffixes: ['_', '~'] });
    expect(reading.clickId).toEqual({ kind: 'value', value, parameter: 'clickid', bareWord });
  });
});
