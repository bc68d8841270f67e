import { jsonParameter } from '../database/json-parameter';
import { CATCH_UP_PAGE, HandlerStore, type RegistrationRow } from './handler-store';

/** Short: batches wait behind a lock that is waited for. */
const LOCK_MS = 1_000;
const ROWS = `json_to_recordset($1::json) AS x(name text, events text, beginning boolean)`;

/** Handlers on PostgreSQL. */
export class PostgresHandlerStore extends HandlerStore {
  override async catchUp(name: string): Promise<boolean> {
    const [row] = await this.database.query<{ rest: boolean }>(
      `WITH h AS (
         SELECT name, events, catch_up_from, catch_up_to FROM ${this.handlers()}
         WHERE name = $1 AND catch_up_to IS NOT NULL FOR UPDATE
       ),
       page AS (
         SELECT e.* FROM h CROSS JOIN LATERAL (
           SELECT id, seq, click_seq, name, ordinal, erased_at FROM ${this.events()}
           WHERE seq > h.catch_up_from AND seq <= h.catch_up_to ORDER BY seq LIMIT ${CATCH_UP_PAGE}
         ) e
       ),
       given AS (
         INSERT INTO ${this.deliveries()} (event_id, event_seq, click_seq, handler, status, due_at)
         SELECT e.id, e.seq, e.click_seq, h.name, 'pending', ${this.now()} FROM page e JOIN h
           ON strpos(h.events, ' * ') > 0 OR strpos(h.events, ' ' || e.name || ' ') > 0
             OR strpos(h.events, ' ' || e.name || '#' || e.ordinal || ' ') > 0
         WHERE e.erased_at IS NULL ORDER BY e.seq
         ON CONFLICT DO NOTHING
       )
       UPDATE ${this.handlers()} k
       SET catch_up_from = CASE WHEN p.rest THEN p.last END, catch_up_to = CASE WHEN p.rest THEN k.catch_up_to END
       FROM (SELECT max(seq) AS last, count(*) = ${CATCH_UP_PAGE} AS rest FROM page) p
       WHERE k.name IN (SELECT name FROM h)
       RETURNING p.rest`,
      [name],
    );
    return row?.rest !== true;
  }

  protected override async renewKnown(rows: readonly RegistrationRow[]): Promise<number> {
    const known = await this.database.query(
      `UPDATE ${this.handlers()} h SET last_registered_at = ${this.now()}, signed_off_at = NULL
       FROM ${ROWS} WHERE h.name = x.name AND h.events = x.events AND h.retired_at IS NULL RETURNING 1`,
      [jsonParameter(rows)],
    );
    return known.length;
  }

  /**
   * Whoever records an event locks the table of events against this lock before it looks for handlers: a batch under way
   * is waited for, and one that follows sees the new handler. Nobody who only reads, a backup say, is in its way.
   */
  protected override async add(rows: readonly RegistrationRow[]): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
      await manager.query(`LOCK TABLE ${this.events()} IN SHARE ROW EXCLUSIVE MODE`);
      await manager.query(
        `INSERT INTO ${this.handlers()} AS h
           (name, events, first_registered_at, last_registered_at, catch_up_from, catch_up_to)
         SELECT x.name, x.events, ${this.now()}, ${this.now()},
           CASE WHEN x.beginning OR known.none THEN 0 END, CASE WHEN x.beginning OR known.none THEN known.last END
         FROM ${ROWS} CROSS JOIN (
           SELECT NOT EXISTS (SELECT 1 FROM ${this.handlers()}) AS none,
             (SELECT coalesce(max(seq), 0) FROM ${this.events()}) AS last
         ) known
         ORDER BY x.name
         ON CONFLICT (name) DO UPDATE SET events = excluded.events, last_registered_at = excluded.last_registered_at,
           first_registered_at =
             CASE WHEN h.retired_at IS NULL THEN h.first_registered_at ELSE excluded.first_registered_at END,
           catch_up_from = CASE WHEN h.retired_at IS NULL THEN h.catch_up_from ELSE excluded.catch_up_from END,
           catch_up_to = CASE WHEN h.retired_at IS NULL THEN h.catch_up_to ELSE excluded.catch_up_to END,
           signed_off_at = NULL, retired_at = NULL`,
        [jsonParameter(rows)],
      );
    });
  }

  protected override async end(ids: readonly string[], rest: string): Promise<void> {
    await this.database.query(
      `UPDATE ${this.deliveries()} d SET status = 'done', lease_token = NULL, lease_until = NULL,
         finished_at = ${this.now()}, errors = CASE WHEN coalesce(d.errors, '[]') = '[]' THEN '[' ELSE left(d.errors, -1) || ',' END
           || '{"attempt":' || d.attempts || $1::text || ']'
       WHERE d.id = ANY($2::bigint[]) AND d.status = 'pending'`,
      [rest, ids],
    );
  }
}
