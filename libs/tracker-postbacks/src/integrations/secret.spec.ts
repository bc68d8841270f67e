import { hashSecret, isSecretValid, makeSecret } from './secret';

describe('secret', () => {
  const [old, current] = [makeSecret(), makeSecret()];
  const valid = [
    { hash: hashSecret(current), validUntil: null },
    { hash: hashSecret(old), validUntil: 1_000 },
  ];

  test('is safe in a URL, at least 128 bits, and never the same', () => {
    expect(current).toMatch(/^[A-Za-z0-9_-]{22,}$/);
    expect(current).not.toBe(old);
  });

  test.each([
    ['the current one', [current], 5_000, true],
    ['the one before, in time', [old], 999, true],
    ['the one before, too late', [old], 1_000, false],
    ['one of several', ['wrong', current], 0, true],
    ['a wrong one', ['wrong'], 0, false],
    ['none', [], 0, false],
    ['the hash itself', [hashSecret(current)], 0, false],
  ])('%s', (_, sent, now, expected) => {
    expect(isSecretValid(sent, valid, now)).toBe(expected);
  });
});
