import fc from 'fast-check';
import { framed, scanFrames } from './journal-frame';

const text = (payloads: readonly Buffer[]): string[] => payloads.map((payload) => payload.toString('utf8'));
const fileOf = (...records: readonly string[]): Buffer =>
  Buffer.concat(records.map((record) => framed(Buffer.from(record))));

describe('the frames of a journal file', () => {
  const RECORDS = ['{"first":1}', '{"second":"ü\\u0000"}', '{"third":[]}'];

  it('are read as they were written, the empty ones too', () => {
    const { payloads, damages } = scanFrames(fileOf('a', '', 'c'.repeat(100_000)));
    expect(text(payloads)).toEqual(['a', '', 'c'.repeat(100_000)]);
    expect(damages).toEqual([]);
    expect(scanFrames(Buffer.alloc(0))).toEqual({ payloads: [], damages: [] });
  });

  it('torn at any byte keep every record before the tear and lose nothing else', () => {
    const whole = fileOf(...RECORDS);
    const ends = RECORDS.map((_, index) => fileOf(...RECORDS.slice(0, index + 1)).length);
    for (let length = 0; length <= whole.length; length++) {
      const { payloads, damages } = scanFrames(whole.subarray(0, length));
      const complete = ends.filter((end) => end <= length);
      expect(text(payloads)).toEqual(RECORDS.slice(0, complete.length));
      const rest = length - (complete.at(-1) ?? 0);
      expect(damages).toEqual(rest === 0 ? [] : [{ kind: 'torn', offset: length - rest, length: rest }]);
    }
  });

  it('that end in zeros, as after a power cut, are torn', () => {
    const whole = fileOf('a');
    const { payloads, damages } = scanFrames(Buffer.concat([whole, Buffer.alloc(4096)]));
    expect(text(payloads)).toEqual(['a']);
    expect(damages).toEqual([{ kind: 'torn', offset: whole.length, length: 4096 }]);
  });

  it('with one flipped bit anywhere lose the record it is in and none of the others', () => {
    const whole = fileOf(...RECORDS);
    const starts = RECORDS.map((_, index) => fileOf(...RECORDS.slice(0, index)).length);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole);
      const at = bit >> 3;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      const hit = starts.findLastIndex((start) => start <= at);
      const { payloads, damages } = scanFrames(bytes);
      expect(text(payloads)).toEqual(RECORDS.filter((_, index) => index !== hit));
      expect(damages).toHaveLength(1);
      expect(damages[0]).toMatchObject({ offset: starts[hit] });
      // Only at the end a length that grew looks like a write that was cut off.
      if (hit < RECORDS.length - 1) expect(damages[0]).toMatchObject({ kind: 'corrupt' });
    }
  });

  it('go on behind bytes that were overwritten', () => {
    const whole = fileOf('a', 'b'.repeat(50), 'c', 'd');
    whole.fill(0x20, fileOf('a').length + 3, fileOf('a', 'b'.repeat(50)).length + 2);
    const { payloads, damages } = scanFrames(whole);
    expect(text(payloads)).toEqual(['a', 'd']);
    expect(damages).toEqual([
      { kind: 'corrupt', offset: fileOf('a').length, length: fileOf('b'.repeat(50), 'c').length },
    ]);
  });

  it('hold any bytes, frames included', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (records) => {
        const inner = records.map((record) => framed(record));
        const { payloads, damages } = scanFrames(Buffer.concat(inner.map((frame) => framed(frame))));
        expect(payloads.map((payload) => payload.toString('hex'))).toEqual(
          inner.map((frame) => frame.toString('hex')),
        );
        expect(damages).toEqual([]);
      }),
    );
  });

  it('never make a record of random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
        const { payloads, damages } = scanFrames(Buffer.from(bytes));
        expect(payloads).toEqual([]);
        expect(damages.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
      }),
    );
  });
});
