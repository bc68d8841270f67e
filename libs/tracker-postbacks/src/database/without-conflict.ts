import { failureOf } from './database-error';

const ATTEMPTS = 10;

/** Does it again where another transaction was in its way, a deadlock for instance. It has to leave nothing behind then. */
export async function withoutConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (count === ATTEMPTS || failureOf(error) !== 'conflict') throw error;
    }
  }
}
