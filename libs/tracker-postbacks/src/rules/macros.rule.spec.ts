import * as fc from 'fast-check';
import { FIELD_MACRO_CASES, ROLE_MACRO_CASES } from './macros.cases';
import { fieldMacro, isMacroName, isOtherMacro, roleMacro } from './macros.rule';
import { formDecoded, trimmed } from './text.rule';

const NOTHING: ReadonlySet<string> = new Set();

/** A value as it stands between `=` and `&`, decoded once. */
function decoded(raw: string): string {
  return trimmed(formDecoded(raw) ?? raw);
}

function roleMacroOf(raw: string, parameter: string | null = 'clickid'): string {
  return roleMacro(raw, decoded(raw), { parameter, knownWords: NOTHING, bareWords: NOTHING });
}

describe('roleMacro', () => {
  it.each(ROLE_MACRO_CASES)('%s in %s, known %j, bare %j: %s', (raw, parameter, known, bare, expected) => {
    const place = { parameter, knownWords: new Set(known), bareWords: new Set(bare) };
    expect(roleMacro(raw, decoded(raw), place)).toBe(expected);
  });

  it.each([
    ['ClickId', 'tracker.clickid', 'word'],
    ['tracker.CLICKID', 'clickid', 'word'],
    ['ftd', null, 'none'],
    ['{ sub1 }', 'clickid', 'form'],
    ['{  sub1}', 'clickid', 'none'],
    ['{a  b}', 'clickid', 'none'],
    ['{-a}', 'clickid', 'none'],
    [`{${'a'.repeat(63)}}`, 'clickid', 'form'],
    [`{${'a'.repeat(64)}}`, 'clickid', 'none'],
    ['[sub id]', 'clickid', 'form'],
    ['[sub  id]', 'clickid', 'none'],
    ['___x___', 'clickid', 'none'],
    ['__x___', 'clickid', 'none'],
    ['%2525subid1%2525', 'clickid', 'form'],
    ['%25C8%25E2', 'clickid', 'none'],
    ['%C8%E2', 'clickid', 'none'],
    [`{a}${'x'.repeat(254)}`, 'clickid', 'none'],
    [`${'%20'.repeat(90)}{a}`, 'clickid', 'form'],
  ] as const)('%s in %s: %s', (raw, parameter, expected) => {
    expect(roleMacroOf(raw, parameter)).toBe(expected);
  });
});

describe('fieldMacro', () => {
  it.each(FIELD_MACRO_CASES)(
    '%s in fields.%s, known %j, syntax %j: %s',
    (raw, key, known, macroSyntax, expected) => {
      const place = { key, knownWords: known === null ? null : new Set(known), macroSyntax };
      expect(fieldMacro(raw, decoded(raw), place)).toBe(expected);
    },
  );

  it.each([
    ['%257Bname%257D', 'macro'],
    ['Hello %257Bname%257D', 'inside'],
    ['{3F2504E0-4F89-11D3-9A0C-0305E82C3301}', 'none'],
    [`${'x'.repeat(300)}{name}`, 'none'],
  ] as const)('%s in an unmapped field: %s', (raw, expected) => {
    expect(fieldMacro(raw, decoded(raw), { key: 'note', knownWords: null, macroSyntax: null })).toBe(
      expected,
    );
  });
});

describe('other parameters and names', () => {
  it.each([
    ['{geo}', true],
    ['%7Bgeo%7D', true],
    ['[geo]', false],
    ['a {geo}', false],
    ['plain', false],
    [`{${'g'.repeat(300)}}`, false],
  ])('value %s: %s', (value, expected) => {
    expect(isOtherMacro(value)).toBe(expected);
  });

  it.each([
    ['{status}', true],
    ['#{status}', true],
    ['{{status}}', true],
    ['{{{status}}}', true],
    ['{{status}', false],
    ['[=status=]', true],
    ['[[[status]]]', true],
    ['[afp1]', false],
    ['a{status}', false],
    ['status', false],
    ['{'.repeat(300), false],
  ])('name %s: %s', (name, expected) => {
    expect(isMacroName(name)).toBe(expected);
  });
});

describe('real values', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{8,64}$/);
  const base64url = fc.stringMatching(/^[A-Za-z0-9_-]{6,44}={0,2}$/);
  const name = fc.stringMatching(/^[A-ZА-Я][a-zа-яё'-]{1,15}( [A-ZА-Я][a-zа-яё]{1,15})?$/);
  const email = fc.emailAddress().filter((address) => !/[{}#!%]/.test(address));
  const phone = fc.stringMatching(
    /^\+?[0-9]{1,3}[ -]?(\([0-9]{3}\)|[0-9]{3})[ -]?[0-9]{3}-?[0-9]{2}-?[0-9]{2}$/,
  );
  const number = fc.oneof(fc.integer().map(String), fc.stringMatching(/^-?[0-9]{1,9}[.,][0-9]{1,8}$/));
  const sentence = fc.stringMatching(/^[A-Za-zА-Яа-я0-9,.?:;()"' -]{1,80}$/);
  const real = fc.oneof(hex, base64url, name, email, phone, number, sentence, fc.uuid());

  it('are never macros for an integration without known words', () => {
    fc.assert(
      fc.property(real, fc.boolean(), (value, encoded) => {
        const raw = encoded ? encodeURIComponent(value) : value.replaceAll('+', '%2B');
        // `__x__` is a macro by decision (rule 2), whatever it came from; so is the parameter's own name (rule 3).
        fc.pre(!/^__.*__$/.test(value) && value.toLowerCase() !== 'clickid');
        expect(roleMacroOf(raw)).toBe('none');
        expect(fieldMacro(raw, decoded(raw), { key: 'some_key', knownWords: null, macroSyntax: null })).toBe(
          'none',
        );
        expect(isOtherMacro(decoded(raw))).toBe(false);
      }),
      { numRuns: 25_000 },
    );
  });

  it.each(['{', '{a', '[a ', '##', '!!!a', '%25', '{{ ', '[%', '__'])(
    'are judged when there are many %j',
    (part) => {
      const value = part.repeat(64_000 / part.length);
      expect(() => [roleMacroOf(value), isMacroName(value)]).not.toThrow();
    },
  );
});
