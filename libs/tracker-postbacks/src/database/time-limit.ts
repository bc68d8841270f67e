import { DatabaseTimeoutError } from './database-error';

/** Below the time a postback may wait, so that its 503 comes from here and the next batch finds a fresh connection. */
export const STATEMENT_MS = 4_000;
export const CONNECT_MS = 3_000;
export const POOL_SIZE = 6;

/** Waits so long for an answer; `giveUp` ends what does not answer, a moment after the caller was told. */
export async function within<T>(milliseconds: number, work: Promise<T>, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DatabaseTimeoutError(milliseconds));
      giveUp();
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // What is given up on fails a moment later; nobody is left to hear it.
    work.catch(() => undefined);
  }
}
