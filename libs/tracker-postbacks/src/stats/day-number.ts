import { type DatabaseEngine } from '../database/engine';
import { type TimeRange } from './time-slices';

/**
 * The number of the day, from 1, that a time within the range falls on, by the beginnings of the days: the database need
 * not know the time zone, nor agree about its rules.
 *
 * @param starts milliseconds since the epoch, ascending
 */
export function dayNumber(
  engine: DatabaseEngine,
  time: string,
  starts: readonly number[],
  { from, to }: TimeRange,
): string {
  if (engine === 'postgres') return `width_bucket(${time}, CAST('{${starts.join()}}' AS bigint[]))`;
  const before = Math.max(
    0,
    starts.findLastIndex((start) => start <= from),
  );
  const until = starts.findLastIndex((start) => start < to) + 1;
  return halving(time, starts.slice(before, until), before + 1);
}

/** Nested halves: a handful of comparisons for each row, however many days there are. */
function halving(time: string, starts: readonly number[], first: number): string {
  const half = starts.length >> 1;
  const middle = starts[half];
  if (half === 0 || middle === undefined) return String(first);
  const before = halving(time, starts.slice(0, half), first);
  return `CASE WHEN ${time} < ${middle} THEN ${before} ELSE ${halving(time, starts.slice(half), first + half)} END`;
}
