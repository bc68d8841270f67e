import { hashSecret, isSecretValid, makeSecret, withoutSecrets } from './secret';

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

  test.each([
    ['alone', current, '***'],
    ['in a misspelt parameter', `?a=b&%256Bey=${current}&c=d`, '?a=b&%256Bey=***&c=d'],
    ['the one before', `kee=${old}`, 'kee=***'],
    ['right after an escape', `key%3D${current}x`, 'key%3D***x'],
    ['twice in a row', `${current}${current}`, '******'],
    ['both', `${old} ${current}`, '*** ***'],
    ['a part of one', current.slice(1), current.slice(1)],
    ['something as long', 'a'.repeat(40), 'a'.repeat(40)],
    ['an id', '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34', '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34'],
  ])('is taken out of a text: %s', (_, text, expected) => {
    expect(withoutSecrets(text, valid)).toBe(expected);
  });

  test('is looked for in bounded time', () => {
    const text = 'a'.repeat(1_000_000);
    expect(withoutSecrets(text, valid)).toBe(text);
  });
});
