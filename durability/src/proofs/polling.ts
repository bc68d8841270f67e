import { setTimeout as wait } from 'node:timers/promises';

/** Asks until it is so. @throws Error naming what never came */
export async function until(what: string, isSo: () => Promise<boolean>, patienceMs = 60_000): Promise<void> {
  for (const end = performance.now() + patienceMs; performance.now() < end;) {
    if (await isSo()) return;
    await wait(50);
  }
  throw new Error(`Not within ${patienceMs / 1000} s: ${what}.`);
}
