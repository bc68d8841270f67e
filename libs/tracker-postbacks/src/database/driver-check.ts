import { createRequire } from 'node:module';
import { type DataSource } from 'typeorm';
import { engineOf } from './engine';

/** better-sqlite3 uses Node-API from here on. */
const SAFE_MAJOR = 13;

/**
 * Whether this build of better-sqlite3 may end the process while garbage is collected: compiled against the headers of
 * Node 24.19 and newer, it asks for an environment that is not there then (https://github.com/nodejs/node/issues/65446).
 */
export function mayAbort(driver: string, node: string): boolean {
  return node.startsWith('24.') && Number.parseInt(driver, 10) < SAFE_MAJOR;
}

/** What to say at boot about the database's driver; null when there is nothing to say, or its version is not known. */
export function driverWarning(host: DataSource, node: string = process.versions.node): string | null {
  if (engineOf(host) !== 'sqlite') return null;
  const version = versionOf('better-sqlite3');
  if (version === null || !mayAbort(version, node)) return null;
  return (
    `better-sqlite3 ${version} can end the process on Node ${node} whenever garbage is collected, and what is under way ` +
    'is lost then (nodejs/node#65446). Use Node 22, or better-sqlite3 13.'
  );
}

/** Of a package as TypeORM finds it. */
function versionOf(name: string): string | null {
  try {
    const typeorm = createRequire(createRequire(__filename).resolve('typeorm'));
    const { version } = typeorm(`${name}/package.json`) as { readonly version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch {
    return null;
  }
}
