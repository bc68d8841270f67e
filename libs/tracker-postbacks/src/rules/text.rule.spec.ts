import {
  cut,
  formDecoded,
  isLongerThan,
  percentDecoded,
  quotable,
  shortened,
  storable,
  trimmed,
} from './text.rule';

describe('trimmed', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['  a b  ', 'a b'],
    ['\u200b\ufeff\u00a0\u0085a\u3000\u200b', 'a'],
    ['\u200b \ufeff', ''],
    ['\u0439', '\u0439'],
  ])('%j → %j', (text, expected) => {
    expect(trimmed(text)).toBe(expected);
  });

  it('leaves long runs of spaces inside', () => {
    const inside = `a${' '.repeat(64_000)}b`;
    expect(trimmed(`${inside} `)).toBe(inside);
  });
});

describe('decoding', () => {
  it.each([
    ['plain', 'plain'],
    ['a+b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['%D0%BF%D1%80', '\u043f\u0440'],
    ['100%', '100%'],
    ['50%+off', '50% off'],
    ['%zz%41', '%zzA'],
    ['%C8%E2', null],
    ['%deposit%', null],
    ['%ED%A0%80', null],
    ['%C0%80', null],
  ])('form: %s → %j', (text, expected) => {
    expect(formDecoded(text)).toBe(expected);
  });

  it('leaves a plus in a path', () => {
    expect(percentDecoded('a+b%20c')).toBe('a+b c');
  });
});

describe('storable', () => {
  it.each([
    ['a\0b', 'ab'],
    ['a\ud800b', 'ab'],
    ['\udc00\ud83d\ude00', '\ud83d\ude00'],
    ['\ud83d\ude00', '\ud83d\ude00'],
  ])('%j → %j', (text, expected) => {
    expect(storable(text)).toBe(expected);
  });
});

describe('lengths', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['ab\ud83d\ude00', 3, 'ab'],
    ['a\ud83d\ude00b', 3, 'a\ud83d\ude00'],
  ])('%j cut to %d is %j', (text, length, expected) => {
    expect(cut(text, length)).toBe(expected);
  });

  it.each([
    ['a'.repeat(255), false],
    ['a'.repeat(256), true],
    ['\ud83d\ude00'.repeat(255), false],
    ['\ud83d\ude00'.repeat(256), true],
  ])('counts characters as databases do', (text, expected) => {
    expect(isLongerThan(text, 255)).toBe(expected);
  });

  it.each([
    ['short', 'short'],
    ['x'.repeat(65), `${'x'.repeat(64)}\u2026`],
    ['a\r\nb\u2028c', 'a  b c'],
  ])('quotes %j as %j', (text, expected) => {
    expect(quotable(text)).toBe(expected);
  });
});

describe('shortened', () => {
  it('keeps what a column of 255 characters takes, without half a character, and null', () => {
    expect(shortened('a'.repeat(255))).toBe('a'.repeat(255));
    expect(shortened(`${'a'.repeat(254)}\u{1f600}`)).toBe('a'.repeat(254));
    expect(shortened(null)).toBeNull();
  });
});
