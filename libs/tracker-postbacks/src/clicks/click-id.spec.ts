import { issueKeyOf, newClickId } from './click-id';

describe('newClickId', () => {
  it('gives twelve letters and digits', () => {
    for (let n = 0; n < 1000; n += 1) expect(newClickId()).toMatch(/^[A-Za-z0-9]{12}$/);
  });

  it('gives another one each time', () => {
    const ids = Array.from({ length: 10_000 }, () => newClickId());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('uses every byte value below 248 equally often and none above', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte += 1) {
      // A byte that is thrown away is followed by a zero, which is an "A".
      const id = newClickId((length) => new Uint8Array(length).map((_, index) => (index === 0 ? byte : 0)));
      const letter = byte < 248 ? id.charAt(0) : 'thrown away';
      expect(id.slice(1)).toBe('A'.repeat(11));
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.get('thrown away')).toBe(8);
    counts.delete('thrown away');
    expect(counts.size).toBe(62);
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });

  it('asks for more where too many bytes were thrown away', () => {
    let calls = 0;
    const id = newClickId((length) => new Uint8Array(length).fill(++calls < 3 ? 255 : 1));
    expect(id).toBe('B'.repeat(12));
    expect(calls).toBe(3);
  });
});

describe('issueKeyOf', () => {
  const different: readonly (readonly [string, string, string | null])[] = [
    ['t', 'chat', null],
    ['t', 'chat', '1'],
    ['t', 'chat1', null],
    ['t', 'cha', 't'],
    ['tc', 'hat', null],
    ['t', 'CHAT', null],
    ['t', 'chat ', null],
    ['t', 'chat', '4:chat'],
    ['t', 'чат', null],
  ];

  it('is another one for every other tenant, chat or campaign', () => {
    expect(new Set(different.map((tuple) => issueKeyOf(...tuple))).size).toBe(different.length);
  });

  it('is the same for the same three', () => {
    expect(issueKeyOf('t', 'chat', '1')).toBe(issueKeyOf('t', 'chat', '1'));
    expect(issueKeyOf('t', 'chat', '1')).toMatch(/^[0-9a-f]{64}$/);
  });
});
