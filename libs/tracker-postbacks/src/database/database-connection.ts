import { type DataSource, type EntityManager } from 'typeorm';

/** What a statement is given. */
export type StatementInput = string | number | null;

/** A row as the driver answers it. */
export type Row = Readonly<Record<string, unknown>>;

/** A row as the database sends it: the texts of its columns, in their order. */
export type TextRow = readonly (string | null)[];

/** Our own way to one engine's database. */
export interface DatabaseConnection {
  /** @see TrackerDatabase.query */
  query<R>(sql: string, parameters: readonly unknown[], name?: string): Promise<readonly R[]>;
  /** @see TrackerDatabase.texts */
  texts(sql: string, parameters: readonly unknown[], name: string): Promise<readonly TextRow[]>;
  /** @see TrackerDatabase.read */
  read<T>(work: (source: DataSource) => Promise<T>): Promise<T>;
  /** @see TrackerDatabase.atomically */
  atomically(
    variables: Readonly<Record<string, StatementInput>>,
    statements: readonly string[],
  ): Promise<readonly (readonly Row[])[]>;
  /** @see TrackerDatabase.transaction */
  transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T>;
  /** @see TrackerDatabase.probe */
  probe(milliseconds: number): Promise<void>;
  /** @see TrackerDatabase.reconnect */
  reconnect(): void;
  close(): Promise<void>;
}
