export const ADAPTERS = ['fastify', 'express'] as const;
export type AdapterName = (typeof ADAPTERS)[number];

/**
 * - `bare`: a route that answers `ok`. `naive`: see `NaiveModule`. `ours`: the library. `handled`: the library with a
 *   handler of every event.
 * - `host`: Nest, TypeORM and the event emitter without a route; `embedded`: the same with the library. Their idle
 *   memory is compared.
 */
export type AppKind = 'bare' | 'naive' | 'ours' | 'handled' | 'host' | 'peers' | 'embedded';

export interface AppOrder {
  readonly kind: AppKind;
  readonly adapter: AdapterName;
  readonly databaseUrl: string;
}

/** A server that listens. */
export interface AppAddress {
  readonly origin: string;
  /** Of the measured route. */
  readonly path: string;
}
