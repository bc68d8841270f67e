import fc from 'fast-check';
import { type LinkProblem, type LinkValues, MAX_RENDERED_LENGTH, renderedLink } from './link-rendering.rule';
import { checkedBaseUrl, linkUrl } from './link-template.rule';

const render = (template: string, values: LinkValues = {}): string | readonly LinkProblem[] => {
  const rendered = renderedLink(template, values);
  return rendered.ok ? rendered.url : rendered.problems;
};
const U = 'https://n.example/';
/** Reason and macro of each problem. */
const problemsOf = (template: string, values: LinkValues = {}): readonly string[] => {
  const rendered = render(template, values);
  return typeof rendered === 'string' ? [] : rendered.map(({ reason, macro }) => `${reason} ${macro}`);
};

/** What mustache's specification of interpolation asks for, where it applies to dotted names within a URL. */
describe('interpolation, as mustache specifies it', () => {
  it.each<[string, string, LinkValues, string]>([
    ['no interpolation', 'Hello+from+{Mustache}!', {}, 'Hello+from+{Mustache}!'],
    ['basic interpolation', 'Hello,+{{fields.subject}}!', { fields: { subject: 'world' } }, 'Hello,+world!'],
    [
      'values are not scanned again',
      '{{fields.a}}:{{fields.b}}',
      { fields: { a: '{{fields.b}}', b: 'x' } },
      '%7B%7Bfields.b%7D%7D:x',
    ],
    [
      'not HTML-escaped but percent-encoded',
      '{{fields.forbidden}}',
      { fields: { forbidden: '& " < >' } },
      '%26%20%22%20%3C%20%3E',
    ],
    ['integers', '"{{fields.mph}}+miles+an+hour!"', { fields: { mph: 85 } }, '"85+miles+an+hour!"'],
    ['decimals', '"{{fields.power}}+jiggawatts!"', { fields: { power: 1.21 } }, '"1.21+jiggawatts!"'],
    ['zero and false are values', '{{fields.a}},{{fields.b}}', { fields: { a: 0, b: false } }, '0,false'],
    ['the empty text is a value', '|{{fields.a}}|', { fields: { a: '' } }, '||'],
    [
      'dotted names of arbitrary depth',
      '{{fields.a.b.c.d.e.name}}',
      { fields: { 'a.b.c.d.e.name': 'Phil' } },
      'Phil',
    ],
    [
      'the first part chooses the group',
      '{{fields.name}}{{variables.name}}',
      { fields: { name: 'A' }, variables: { name: 'B' } },
      'AB',
    ],
    ['surrounding white space', '|+{{fields.string}}%20|', { fields: { string: '---' } }, '|+---%20|'],
    ['white space with padding', '|{{ fields.string }}|', { fields: { string: '---' } }, '|---|'],
    ['white space of a value', '|{{fields.string}}|', { fields: { string: ' a\n' } }, '|%20a%0A|'],
    ['adjacent tags', '{{fields.a}}{{fields.b}}', { fields: { a: 'x', b: 'y' } }, 'xy'],
    ['the same tag twice', '{{fields.a}}-{{fields.a}}', { fields: { a: 'x' } }, 'x-x'],
    ['braces that are never opened', 'a}}b}{{fields.a}}', { fields: { a: 'x' } }, 'a}}b}x'],
  ])('%s', (_, template, values, expected) => {
    expect(render(`${U}?q=${template}`, values)).toBe(`${U}?q=${expected}`);
  });

  it.each<[string, string, LinkValues, string]>([
    ['a context miss', '{{fields.cannot}}', {}, 'absent {{fields.cannot}}'],
    ['null', '{{fields.cannot}}', { fields: { cannot: null } }, 'absent {{fields.cannot}}'],
    ['a broken chain', '{{fields.a.b.c}}', { fields: { a: 'x' } }, 'absent {{fields.a.b.c}}'],
    [
      'a broken chain does not start anew',
      '{{fields.a.b.name}}',
      { fields: { name: 'Jim', b: 'x' } },
      'absent {{fields.a.b.name}}',
    ],
    [
      'no group takes from another',
      '{{fields.a}}',
      { tracker: { a: 'x' }, variables: { a: 'x' } },
      'absent {{fields.a}}',
    ],
    ['a name without a group', '{{name}}', { fields: { name: 'x' } }, 'unknown {{name}}'],
    ['a leading dot', '{{.name}}', { fields: { name: 'x' } }, 'unknown {{.name}}'],
    ['an implicit iterator', '{{.}}', {}, 'unknown {{.}}'],
    ['an ampersand', '{{&fields.a}}', { fields: { a: 'x' } }, 'unknown {{&fields.a}}'],
    ['a section', '{{#fields.a}}', { fields: { a: 'x' } }, 'unknown {{#fields.a}}'],
    [
      'triple braces, which would not escape',
      '{{{fields.a}}}',
      { fields: { a: 'x' } },
      'unknown {{{fields.a}}}',
    ],
    ['braces that are not balanced', '{{fields.a}', { fields: { a: 'x' } }, 'unknown {{'],
  ])('refuses %s', (_, template, values, expected) => {
    expect(problemsOf(`${U}?q=${template}`, values)).toEqual([expected]);
  });
});

describe('values', () => {
  it.each<[string, string, string]>([
    ['separators', 'a&b=c#d?e/f', 'a%26b%3Dc%23d%3Fe%2Ff'],
    ['a plus', '+7 900', '%2B7%20900'],
    ['percent signs', '100%', '100%25'],
    ['other scripts', 'Привет 😀', '%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82%20%F0%9F%98%80'],
    ['macros of the network', '{sub1}', '%7Bsub1%7D'],
    ['what no database and no URL can hold', 'a\u0000b\ud800c', 'abc'],
    ['a scheme', 'javascript:alert(1)', 'javascript%3Aalert(1)'],
  ])('%s', (_, value, encoded) => {
    expect(render(`${U}{{fields.a}}?q={{fields.a}}#{{fields.a}}`, { fields: { a: value } })).toBe(
      `${U}${encoded}?q=${encoded}#${encoded}`,
    );
  });

  it('fills braces that a browser has encoded, and leaves foreign ones', () => {
    const template = `${U}?a=%7B%7Bfields.a%7D%7D&b=%7B%7Bname%7D%7D&c={sub1}`;
    expect(render(template, { fields: { a: 'x' } })).toBe(`${U}?a=x&b=%7B%7Bname%7D%7D&c={sub1}`);
  });

  it('takes chat.tracker for tracker', () => {
    expect(render(`${U}?a={{chat.tracker.a}}&b={{tracker.a}}`, { tracker: { a: 'x' } })).toBe(`${U}?a=x&b=x`);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'never are what objects bring: %s',
    (key) => {
      expect(problemsOf(`${U}?a={{fields.${key}}}`, { fields: {} })).toEqual([`absent {{fields.${key}}}`]);
      const fields = JSON.parse(`{"${key}":"x"}`) as Record<string, string>;
      expect(render(`${U}?a={{fields.${key}}}`, { fields })).toBe(`${U}?a=x`);
    },
  );

  it.each(['.', '..'])('may not make a folder of a path segment: %j', (value) => {
    expect(problemsOf(`${U}a/{{fields.a}}/b`, { fields: { a: value } })).toEqual(['folder ']);
    expect(problemsOf(`${U}a/{{fields.a}}`, { fields: { a: value } })).toEqual(['folder ']);
    expect(render(`${U}../{{fields.a}}x?q={{fields.a}}`, { fields: { a: value } })).toBe(
      `${U}../${value}x?q=${value}`,
    );
  });

  it('names every macro that is left, each once', () => {
    expect(render(`${U}{{fields.a}}?a={{fields.a}}&b={{tracker.b}}&c={{d}}`)).toEqual([
      { reason: 'absent', macro: '{{fields.a}}', field: 'values.fields.a' },
      { reason: 'absent', macro: '{{tracker.b}}', field: 'values.tracker.b' },
      { reason: 'unknown', macro: '{{d}}', field: 'baseUrl' },
    ]);
  });
});

describe('variables', () => {
  const five = { a: '1{{variables.b}}', b: '2{{variables.c}}', c: '3{{variables.d}}', d: '4{{variables.e}}' };

  it('may hold macros, and are encoded once', () => {
    const values = { fields: { name: 'A&B' }, variables: { promo: 'for {{ fields.name }}/{sub1}', n: 7 } };
    expect(render(`${U}?p={{variables.promo}}{{variables.n}}`, values)).toBe(
      `${U}?p=for%20A%26B%2F%7Bsub1%7D7`,
    );
  });

  it('may hold each other five levels deep', () => {
    const template = `${U}?p={{variables.a}}`;
    expect(render(template, { fields: { x: '!' }, variables: { ...five, e: '5{{fields.x}}' } })).toBe(
      `${U}?p=12345!`,
    );
    expect(problemsOf(template, { variables: { ...five, e: '5{{variables.f}}', f: '6' } })).toEqual([
      'too_deep {{variables.a}} → {{variables.b}} → {{variables.c}} → {{variables.d}} → {{variables.e}} → {{variables.f}}',
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['itself', { a: '{{variables.a}}' }, '{{variables.a}} → {{variables.a}}'],
    [
      'each other',
      { a: '{{variables.b}}', b: '{{ variables.a }}' },
      '{{variables.a}} → {{variables.b}} → {{variables.a}}',
    ],
  ])('may not hold %s', (_, variables, chain) => {
    expect(problemsOf(`${U}?p={{variables.a}}`, { variables })).toEqual([`circular ${chain}`]);
  });

  it('may use another variable twice', () => {
    const variables = { a: '{{variables.b}}{{variables.b}}', b: 'x' };
    expect(render(`${U}?p={{variables.a}}{{variables.b}}`, { variables })).toBe(`${U}?p=xxx`);
  });

  it('may leave nothing in braces', () => {
    expect(
      render(`${U}?p={{variables.a}}`, { variables: { a: '{{x}} {{fields.b}} {{{fields.c}}}' } }),
    ).toEqual([
      { reason: 'unknown', macro: '{{x}}', field: 'values.variables.a' },
      { reason: 'absent', macro: '{{fields.b}}', field: 'values.fields.b' },
      { reason: 'unknown', macro: '{{{fields.c}}}', field: 'values.variables.a' },
    ]);
  });
});

describe('length', () => {
  it('is bounded', () => {
    const room = MAX_RENDERED_LENGTH - `${U}?p=`.length;
    expect(render(`${U}?p={{fields.a}}`, { fields: { a: 'x'.repeat(room) } })).toHaveLength(
      MAX_RENDERED_LENGTH,
    );
    expect(problemsOf(`${U}?p={{fields.a}}`, { fields: { a: 'x'.repeat(room + 1) } })).toEqual(['too_long ']);
    expect(problemsOf(`${U}?p={{fields.a}}`, { fields: { a: 'x'.repeat(100_000) } })).toEqual([
      'too_long {{fields.a}}',
    ]);
  });

  it('however variables multiply', () => {
    const twice = (name: string): string => `{{variables.${name}}}`.repeat(1500);
    const variables = { a: twice('b'), b: twice('c'), c: twice('d'), d: twice('e'), e: '' };
    expect(problemsOf(`${U}?p={{variables.a}}`, { variables })[0]).toMatch(/^too_long/);
  });
});

it('never changes scheme or host, leaves no macro and always parses', () => {
  const value = fc.string({ unit: 'binary', maxLength: 8 });
  const parts = fc.array(
    fc.constantFrom(
      '{{fields.a}}',
      '{{variables.v}}',
      '{{ tracker.t }}',
      '{n}',
      '/',
      '?',
      '&',
      '=',
      '#',
      '//',
      '@',
      ':',
      'x',
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(parts, value, value, value, (tail, a, v, t) => {
      const checked = checkedBaseUrl(`https://n.example:8443${tail.join('')}`);
      const link = checked.ok ? linkUrl(checked.baseUrl, 'sub1') : null;
      if (link?.ok !== true) return;
      const rendered = renderedLink(link.url, {
        fields: { a },
        variables: { v },
        tracker: { t, clickid: 'k3JdQ9xT0aZb' },
      });
      if (!rendered.ok) {
        // The only refusals left are a variable that holds braces by chance, and a path that would change.
        expect(rendered.problems.every(({ reason }) => reason === 'unknown' || reason === 'folder')).toBe(
          true,
        );
        return;
      }
      const { origin, searchParams } = new URL(rendered.url);
      expect(origin).toBe('https://n.example:8443');
      expect(searchParams.getAll('sub1')).toEqual(['k3JdQ9xT0aZb']);
      expect(rendered.url).not.toContain('{{');
    }),
    { numRuns: 3000 },
  );
});
