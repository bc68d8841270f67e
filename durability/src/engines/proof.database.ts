export const ENGINES = ['postgres', 'mysql', 'sqlite'] as const;
export type Engine = (typeof ENGINES)[number];

/** How a child application reaches the database. */
export interface DatabaseAddress {
  readonly engine: Engine;
  /** A URL, or the path of the SQLite file. */
  readonly url: string;
}

/** A database of one proof's own, and what the oracle reads from it, past the library. */
export interface ProofDatabase {
  readonly engine: Engine;
  readonly address: DatabaseAddress;
  /** The rows as the driver has them, `?` or `$1` for parameters as the engine has it. */
  rows(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /**
   * Holds every write of events inside its transaction, rows written and not committed, until it is let go: by a trigger
   * of the proof's own. SQLite has none that waits: there the child dies inside its driver instead.
   */
  holdCommits(): Promise<HeldCommits>;
  drop(): Promise<void>;
}

export interface HeldCommits {
  /** How many statements are held now. */
  waiting(): Promise<number>;
  /** Ends the sessions that are held: what they wrote is never committed. */
  cut(): Promise<void>;
  release(): Promise<void>;
}
