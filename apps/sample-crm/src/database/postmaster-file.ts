import { execFile } from 'node:child_process';
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a running server (or one that was killed) says of itself in its data directory. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number | undefined;
}

export function readPostmasterFile(cluster: string): PostmasterFile | undefined {
  let lines: readonly string[];
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split(/\r?\n/);
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) && port > 0 ? port : undefined };
}

export function removePostmasterFile(cluster: string): void {
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/**
 * Whether that process is the server of that data directory. After a reboot, and in containers always, the number of a
 * killed server soon belongs to somebody else, who must be left alone.
 */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  const command = await commandOf(pid);
  if (command === undefined) return false;
  if (process.platform === 'win32') return command.includes('postgres');
  return (
    command.includes('postgres') &&
    [cluster, realpathSync(cluster)].some((folder) => command.includes(folder))
  );
}

async function commandOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ') || undefined;
    }
    const run = promisify(execFile);
    const { stdout } =
      process.platform === 'win32'
        ? await run('tasklist', ['/fo', 'csv', '/nh', '/fi', `PID eq ${pid}`])
        : await run('ps', ['-o', 'command=', '-p', String(pid)]);
    return stdout;
  } catch {
    return undefined;
  }
}
