import { inSlices, type TimeRange } from './time-slices';

const DAY = 24 * 60 * 60 * 1000;

const slicesOf = async (engine: 'mysql' | 'sqlite', range: TimeRange): Promise<readonly TimeRange[]> =>
  inSlices(engine, range, (slice) => Promise.resolve([slice]));

describe('slices of a range', () => {
  it('are the range itself where the database answers elsewhere', async () => {
    const range = { from: 5, to: 5 + 90 * DAY };
    expect(await slicesOf('mysql', range)).toEqual([range]);
  });

  it.each([
    ['less than a day', 5, 6, 1],
    ['a day', 0, DAY, 1],
    ['a day and a millisecond', 0, DAY + 1, 2],
    ['thirty days', 7, 7 + 30 * DAY, 30],
    ['half a century', 0, 50 * 365 * DAY, 1_000],
  ])('adjoin each other and cover %s', async (_, from, to, count) => {
    const slices = await slicesOf('sqlite', { from, to });
    expect(slices).toHaveLength(count);
    expect(slices[0]?.from).toBe(from);
    expect(slices.at(-1)?.to).toBe(to);
    for (const [n, slice] of slices.entries()) {
      expect(slice.from).toBeLessThan(slice.to);
      if (n > 0) expect(slice.from).toBe(slices[n - 1]?.to);
    }
  });

  it('leave the event loop to others in between', async () => {
    const steps: string[] = [];
    await inSlices('sqlite', { from: 0, to: 2 * DAY }, () => {
      steps.push('slice');
      setImmediate(() => steps.push('postback'));
      return Promise.resolve([]);
    });
    expect(steps).toEqual(['slice', 'postback', 'slice', 'postback']);
  });
});
