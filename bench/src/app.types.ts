export const ADAPTERS = ['fastify', 'express'] as const;
export type AdapterName = (typeof ADAPTERS)[number];

/**
 * - `bare`: a route that answers `ok`. `naive`: see `NaiveModule`. `ours`: the library. `handled`: the library with a
 *   handler of every event.
 * - `host`: Nest, TypeORM and the event emitter without a route; `embedded`: the same with the library. Their idle
 *   memory is compared.
 */
export type AppKind = 'bare' | 'naive' | 'ours' | 'handled' | 'host' | 'peers' | 'embedded';

/** Where TypeORM finds a database. */
export type DatabaseOptions =
  | { readonly type: 'postgres' | 'mysql' | 'mariadb'; readonly url: string }
  | { readonly type: 'better-sqlite3'; readonly database: string };

export interface AppOrder {
  readonly kind: AppKind;
  readonly adapter: AdapterName;
  readonly database: DatabaseOptions;
}

/** A server that listens. */
export interface AppAddress {
  readonly origin: string;
  /** Of the measured route. */
  readonly path: string;
}

/** Memory of an idle server in bytes, after full collections. */
export interface MemoryReading {
  /** Resident right after the start. */
  readonly fresh: number;
  /** Resident when the process has used V8's young generation once, as any that has served requests. */
  readonly idle: number;
  /** Of that, V8's heap in use and what hangs on it. */
  readonly live: number;
}
