import { tuples, tuplesParameter } from '../database/tuples';
import { CATCH_UP_PAGE, HandlerStore, type RegistrationRow } from './handler-store';

const REGISTRATION = { name: 'text', events: 'text', beginning: 'boolean' } as const;
const ROWS = tuples('sqlite', '@handlers', REGISTRATION);
const IDS = { id: 'integer' } as const;

/** Handlers on SQLite, where a transaction that writes is alone: it is the lock that batches wait for. */
export class SqliteHandlerStore extends HandlerStore {
  override async catchUp(name: string): Promise<boolean> {
    const handlers = this.handlers();
    const deliveries = this.deliveries();
    const page = `SELECT e.* FROM ${handlers} h JOIN ${this.events()} e
      ON e.seq > h.catch_up_from AND e.seq <= h.catch_up_to
      WHERE h.name = @name ORDER BY e.seq LIMIT ${CATCH_UP_PAGE}`;
    const answers = await this.database.atomically({ name }, [
      `INSERT INTO ${deliveries} (event_id, event_seq, click_seq, handler, status, due_at)
       SELECT e.id, e.seq, e.click_seq, h.name, 'pending', ${this.now()}
       FROM (${page}) e JOIN ${handlers} h ON h.name = @name
       WHERE e.erased_at IS NULL AND (instr(h.events, ' * ') > 0 OR instr(h.events, ' ' || e.name || ' ') > 0
           OR instr(h.events, ' ' || e.name || '#' || e.ordinal || ' ') > 0)
         AND NOT EXISTS (SELECT 1 FROM ${deliveries} d WHERE d.event_id = e.id AND d.handler = h.name)
       ORDER BY e.seq`,
      `UPDATE ${handlers} AS k
       SET catch_up_from = CASE WHEN p.rest THEN p.last END, catch_up_to = CASE WHEN p.rest THEN k.catch_up_to END
       FROM (SELECT max(seq) AS last, count(*) = ${CATCH_UP_PAGE} AS rest FROM (${page})) p
       WHERE k.name = @name AND k.catch_up_to IS NOT NULL`,
      `SELECT count(*) AS waiting FROM ${handlers} WHERE name = @name AND catch_up_to IS NOT NULL`,
    ]);
    return Number(answers.at(-1)?.[0]?.['waiting']) === 0;
  }

  protected override async renewKnown(rows: readonly RegistrationRow[]): Promise<number> {
    const [known = []] = await this.database.atomically({ handlers: tuplesParameter(rows, REGISTRATION) }, [
      `UPDATE ${this.handlers()} AS h SET last_registered_at = ${this.now()}, signed_off_at = NULL FROM ${ROWS} x
       WHERE h.name = x.name AND h.events = x.events AND h.retired_at IS NULL RETURNING name`,
    ]);
    return known.length;
  }

  protected override async add(rows: readonly RegistrationRow[]): Promise<void> {
    const handlers = this.handlers();
    await this.database.atomically({ handlers: tuplesParameter(rows, REGISTRATION) }, [
      `INSERT INTO ${handlers} AS h (name, events, first_registered_at, last_registered_at, catch_up_from, catch_up_to)
       SELECT x.name, x.events, ${this.now()}, ${this.now()},
         CASE WHEN x.beginning OR known.none THEN 0 END, CASE WHEN x.beginning OR known.none THEN known.last END
       FROM ${ROWS} x CROSS JOIN (
         SELECT NOT EXISTS (SELECT 1 FROM ${handlers}) AS none,
           (SELECT coalesce(max(seq), 0) FROM ${this.events()}) AS last
       ) known
       WHERE true
       ON CONFLICT (name) DO UPDATE SET events = excluded.events, last_registered_at = excluded.last_registered_at,
         first_registered_at =
           CASE WHEN h.retired_at IS NULL THEN h.first_registered_at ELSE excluded.first_registered_at END,
         catch_up_from = CASE WHEN h.retired_at IS NULL THEN h.catch_up_from ELSE excluded.catch_up_from END,
         catch_up_to = CASE WHEN h.retired_at IS NULL THEN h.catch_up_to ELSE excluded.catch_up_to END,
         signed_off_at = NULL, retired_at = NULL`,
    ]);
  }

  protected override async end(ids: readonly string[], rest: string): Promise<void> {
    const rows = ids.map((id) => ({ id }));
    await this.database.atomically({ ids: tuplesParameter(rows, IDS), rest }, [
      `UPDATE ${this.deliveries()} AS d SET status = 'done', lease_token = NULL, lease_until = NULL,
         finished_at = ${this.now()}, errors = CASE WHEN coalesce(d.errors, '[]') = '[]' THEN '['
           ELSE substr(d.errors, 1, length(d.errors) - 1) || ',' END || '{"attempt":' || d.attempts || @rest || ']'
       FROM ${tuples('sqlite', '@ids', IDS)} x WHERE d.id = x.id AND d.status = 'pending'`,
    ]);
  }
}
