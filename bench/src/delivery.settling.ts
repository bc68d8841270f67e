import { setTimeout as wait } from 'node:timers/promises';
import { type BenchDatabase, numberOf } from './bench.server';

const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 100;

/** Waits until every event has reached its handler; what takes longer is set aside, so that the bench goes on. */
export async function settleDeliveries(database: BenchDatabase): Promise<{ readonly left: number }> {
  const pending = (): Promise<number> =>
    numberOf(database, `SELECT count(*) FROM tracker_deliveries WHERE status = 'pending'`);
  const begin = performance.now();
  let left = await pending();
  while (left > 0 && performance.now() - begin < PATIENCE_MS) {
    await wait(LOOK_EVERY_MS);
    left = await pending();
  }
  if (left > 0) {
    await database.rows(`UPDATE tracker_deliveries SET status = 'parked' WHERE status = 'pending'`);
  }
  return { left };
}
