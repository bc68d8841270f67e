import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** How to reach the running sample; written for `npm run demo`, readable by its owner alone. */
export interface RunningSample {
  readonly baseUrl: string;
  readonly adminToken: string;
  readonly pid: number;
}

const fileIn = (folder: string): string => join(folder, 'running.json');

export function announce(folder: string, sample: RunningSample): void {
  mkdirSync(folder, { recursive: true });
  const partial = `${fileIn(folder)}.${sample.pid}`;
  writeFileSync(partial, JSON.stringify(sample), { mode: 0o600 });
  renameSync(partial, fileIn(folder));
}

export async function withdraw(folder: string, pid: number): Promise<void> {
  if (readRunning(folder)?.pid === pid) await rm(fileIn(folder), { force: true });
}

export function readRunning(folder: string): RunningSample | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(folder), 'utf8')) as RunningSample;
  } catch {
    return undefined;
  }
}
