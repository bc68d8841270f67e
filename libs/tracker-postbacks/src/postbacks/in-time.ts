/** What was given up on because it took too long. */
export class LateError extends Error {
  override readonly name = 'LateError';
}

/** Waits so long for a result, and no longer; the work goes on and its result is nobody's. */
export function inTime<T>(milliseconds: number, work: Promise<T>, complaint: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new LateError(`${complaint} within ${Math.round(milliseconds)} ms.`));
    }, milliseconds);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
