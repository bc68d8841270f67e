import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseTimeoutError, failureOf } from './database-error';
import { STATEMENT_MS } from './time-limit';

/** How long another connection's transaction is given before it is asked again. */
const BUSY_MS = 4;

/** Tries again while another connection is writing, for as long as a statement may take. */
export async function untilFree<T>(attempt: () => T | Promise<T>): Promise<T> {
  const end = performance.now() + STATEMENT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (failureOf(error) !== 'conflict') throw error;
      if (performance.now() > end) throw new DatabaseTimeoutError(STATEMENT_MS);
    }
    await pause(BUSY_MS);
  }
}
