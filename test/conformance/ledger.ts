import { DataSource } from 'typeorm';
import { type TestApplication } from '../setup/application';
import { sqlOn } from '../setup/sql';
import { type Untyped } from './wire';

/** One event as it was recorded for handlers. */
export interface RecordedEvent {
  readonly name: string;
  readonly payload: Untyped;
}

/** What the application's database says. */
export interface Ledger {
  /** The row of a postback. */
  postback(id: string): Promise<Untyped>;
  postbackCount(integrationId: string): Promise<number>;
  conversion(id: string): Promise<Untyped>;
  /** `sale#1`, in the order they were received. */
  conversionsOf(clickId: string): Promise<string[]>;
  /** In the order they were recorded. */
  eventsOf(clickId: string): Promise<RecordedEvent[]>;
  query<R = Untyped>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
}

export function ledgerOf({ app }: Pick<TestApplication, 'app'>): Ledger {
  const query = <R>(sql: string, parameters: readonly unknown[] = []): Promise<R[]> =>
    sqlOn<R>(app.get(DataSource), sql, ...parameters);
  const only = async (sql: string, id: string): Promise<Untyped> => {
    const [row] = await query<Untyped>(sql, [id]);
    if (row === undefined) throw new Error(`Nothing is stored under ${id}.`);
    return row;
  };
  return {
    query,
    postback: (id) => only('SELECT * FROM tracker_postbacks WHERE id = $1', id),
    postbackCount: async (integrationId) => {
      const [row] = await query<{ count: unknown }>(
        'SELECT count(*) AS count FROM tracker_postbacks WHERE integration_id = $1',
        [integrationId],
      );
      return Number(row?.count ?? 0);
    },
    conversion: (id) => only('SELECT * FROM tracker_conversions WHERE id = $1', id),
    conversionsOf: async (clickId) => {
      const rows = await query<{ event: string; ordinal: number }>(
        'SELECT event, ordinal FROM tracker_conversions WHERE click_id = $1 ORDER BY received_at, id',
        [clickId],
      );
      return rows.map(({ event, ordinal }) => `${event}#${ordinal}`);
    },
    eventsOf: async (clickId) => {
      const rows = await query<{ name: string; payload: string }>(
        'SELECT name, payload FROM tracker_events WHERE payload LIKE $1 ORDER BY seq',
        [`%${clickId}%`],
      );
      return rows
        .map(({ name, payload }) => ({ name, payload: JSON.parse(payload) as Untyped }))
        .filter(({ payload }) => payload['clickId'] === clickId);
    },
  };
}
