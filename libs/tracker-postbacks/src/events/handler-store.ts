import { type DataSource } from 'typeorm';
import { databaseNow } from '../database/database-clock';
import { tableName } from '../database/table-name';
import { type TrackerDatabase } from '../database/tracker-database';
import { TrackerDelivery } from './delivery.entity';
import { TrackerEventRow } from './event.entity';
import { TrackerHandler } from './handler.entity';

/** A handler of this process, as it is made known. */
export interface HandlerRegistration {
  readonly name: string;
  readonly targets: readonly string[];
  readonly from: 'now' | 'beginning';
}

/** A registration as the statements want it. */
export interface RegistrationRow {
  readonly name: string;
  readonly events: string;
  readonly beginning: boolean;
}

/** Events handed out in one statement to a handler that gets earlier ones too. */
export const CATCH_UP_PAGE = 1_000;

/** What a delivery says that ended because its handler was retired. */
const RETIRED = 'Its handler was retired.';

/**
 * The SQL of the handlers that are kept. There is one per engine: registering a new one has to wait for the batches under
 * way, which do not see it, and those that follow have to see it.
 */
export abstract class HandlerStore {
  constructor(
    protected readonly dataSource: DataSource,
    protected readonly database: TrackerDatabase,
  ) {}

  /**
   * Makes these handlers known. A new one gets the events from now on; with `beginning`, and when no handler was ever
   * known before, also every event still kept: what nobody could have handled yet must not count as handled.
   *
   * @returns names of those that wait for earlier events: {@link catchUp} hands them out
   * @throws an error that is a conflict when a batch or another registration is in the way for too long
   */
  async enrol(handlers: readonly HandlerRegistration[]): Promise<readonly string[]> {
    if (handlers.length === 0) return [];
    const rows = handlers.map(({ name, targets, from }) => ({
      name,
      events: ` ${targets.join(' ')} `,
      beginning: from === 'beginning',
    }));
    // As most starts find them: then nothing has to wait for anything.
    const known = await this.renewKnown(rows);
    if (known < rows.length) await this.add(rows);
    const waiting = await this.database.query<{ name: string }>(
      `SELECT name FROM ${this.handlers()} WHERE catch_up_to IS NOT NULL`,
      [],
    );
    const names = new Set(waiting.map(({ name }) => name));
    return handlers.flatMap(({ name }) => (names.has(name) ? [name] : []));
  }

  /**
   * Hands out the next of the events that were recorded before this handler was known; several processes may do so at
   * once. Until there are none left it must be given nothing: the later events of a click would come first.
   *
   * @returns whether there are none left
   */
  abstract catchUp(name: string): Promise<boolean>;

  /** Says that this process still has them, and answers which of them are not kept any more. */
  async touch(names: readonly string[]): Promise<readonly string[]> {
    for (const name of names) {
      await this.database.query(
        `UPDATE ${this.handlers()} SET last_registered_at = ${this.now()}, signed_off_at = NULL
         WHERE name = ${this.parameter(1)} AND retired_at IS NULL`,
        [name],
      );
    }
    const kept = await this.database.query<{ name: string }>(
      `SELECT name FROM ${this.handlers()} WHERE retired_at IS NULL`,
      [],
    );
    const still = new Set(kept.map(({ name }) => name));
    return names.filter((name) => !still.has(name));
  }

  /** Says that this process stops in order, so that nobody need wait to see whether it is still there. */
  async signOff(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.database.query(
        `UPDATE ${this.handlers()} SET signed_off_at = ${this.now()} WHERE name = ${this.parameter(1)}`,
        [name],
      );
    }
  }

  /** Names of retired handlers for which deliveries are still pending. */
  async retiredWithWork(): Promise<readonly string[]> {
    const rows = await this.database.query<{ name: string }>(
      `SELECT h.name FROM ${this.handlers()} h WHERE h.retired_at IS NOT NULL AND EXISTS (
         SELECT 1 FROM ${this.deliveries()} d WHERE d.handler = h.name AND d.status = 'pending'
       )`,
      [],
    );
    return rows.map(({ name }) => name);
  }

  /**
   * Ends some of the deliveries that are pending for a retired handler.
   *
   * @param at ISO 8601 UTC
   */
  async endRetired(name: string, limit: number, at: string): Promise<void> {
    const ids = await this.database.query<{ id: string | number }>(
      `SELECT d.id FROM ${this.deliveries()} d JOIN ${this.handlers()} h ON h.name = d.handler
       WHERE h.name = ${this.parameter(1)} AND h.retired_at IS NOT NULL AND d.status = 'pending' LIMIT ${limit}`,
      [name],
    );
    const rest = `,"at":${JSON.stringify(at)},"message":${JSON.stringify(RETIRED)}}`;
    if (ids.length > 0)
      await this.end(
        ids.map(({ id }) => String(id)),
        rest,
      );
  }

  /** Updates those that are kept with the same events, and answers how many these are. */
  protected abstract renewKnown(rows: readonly RegistrationRow[]): Promise<number>;

  /** Adds or changes handlers, with every batch either before it or after it. */
  protected abstract add(rows: readonly RegistrationRow[]): Promise<void>;

  /** Ends pending deliveries as done, with a last error whose JSON begins with its attempt and goes on with `rest`. */
  protected abstract end(ids: readonly string[], rest: string): Promise<void>;

  protected now(): string {
    return databaseNow(this.database.engine);
  }

  protected handlers(): string {
    return tableName(this.dataSource, TrackerHandler);
  }

  protected events(): string {
    return tableName(this.dataSource, TrackerEventRow);
  }

  protected deliveries(): string {
    return tableName(this.dataSource, TrackerDelivery);
  }

  private parameter(n: number): string {
    return this.database.engine === 'postgres' ? `$${n}` : '?';
  }
}
