import { type DatabaseEngine } from '../database/engine';

/** From this time on, and before that; milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_SLICES = 1_000;

/**
 * What is read of a range, of all of its slices together. SQLite answers on the event loop, where postbacks would wait for
 * the whole of it: there it is read a day at a time. Other engines read it at once.
 */
export async function inSlices<R>(
  engine: DatabaseEngine,
  { from, to }: TimeRange,
  read: (slice: TimeRange) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  if (engine !== 'sqlite') return read({ from, to });
  const length = Math.max(DAY_MS, Math.ceil((to - from) / MAX_SLICES));
  const rows: R[] = [];
  for (let start = from; start < to; start += length) {
    rows.push(...(await read({ from: start, to: Math.min(to, start + length) })));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rows;
}
