import { tuples, tuplesParameter } from '../database/tuples';
import { CATCH_UP_PAGE, HandlerStore, type RegistrationRow } from './handler-store';

const REGISTRATION = { name: 'text', events: 'text', beginning: 'boolean' } as const;
const ROWS = tuples('mysql', '@handlers', { n: 'text', e: 'text', b: 'boolean' });
const IDS = { id: 'integer' } as const;

/** Handlers on MySQL and MariaDB. */
export class MysqlHandlerStore extends HandlerStore {
  override async catchUp(name: string): Promise<boolean> {
    const handlers = this.handlers();
    const events = this.events();
    const deliveries = this.deliveries();
    const answers = await this.database.atomically(
      { name, after: null, until: null, targets: null, last: null, seen: 0 },
      [
        `SELECT catch_up_from, catch_up_to, events INTO @after, @until, @targets FROM ${handlers}
       WHERE name = @name AND catch_up_to IS NOT NULL FOR UPDATE`,
        `SELECT max(seq), count(*) INTO @last, @seen FROM (
         SELECT seq FROM ${events} WHERE seq > @after AND seq <= @until ORDER BY seq LIMIT ${CATCH_UP_PAGE}
       ) p`,
        `INSERT INTO ${deliveries} (event_id, event_seq, click_seq, handler, status, due_at)
       SELECT e.id, e.seq, e.click_seq, @name, 'pending', ${this.now()} FROM ${events} e
       WHERE e.seq > @after AND e.seq <= @last AND e.erased_at IS NULL
         AND (instr(@targets, ' * ') > 0 OR instr(@targets, concat(' ', e.name, ' ')) > 0
           OR instr(@targets, concat(' ', e.name, '#', e.ordinal, ' ')) > 0)
         AND NOT EXISTS (SELECT 1 FROM ${deliveries} d WHERE d.event_id = e.id AND d.handler = @name)
       ORDER BY e.seq`,
        `UPDATE ${handlers} SET catch_up_from = CASE WHEN @seen = ${CATCH_UP_PAGE} THEN @last END,
         catch_up_to = CASE WHEN @seen = ${CATCH_UP_PAGE} THEN catch_up_to END
       WHERE name = @name AND catch_up_to IS NOT NULL`,
        `SELECT count(*) AS waiting FROM ${handlers} WHERE name = @name AND catch_up_to IS NOT NULL`,
      ],
    );
    return Number(answers.at(-1)?.[0]?.['waiting']) === 0;
  }

  protected override async renewKnown(rows: readonly RegistrationRow[]): Promise<number> {
    const known = `${ROWS} x STRAIGHT_JOIN ${this.handlers()} h ON h.name = x.n`;
    const same = 'h.events = x.e AND h.retired_at IS NULL';
    const answers = await this.database.atomically({ handlers: tuplesParameter(rows, REGISTRATION) }, [
      `UPDATE ${known} SET h.last_registered_at = ${this.now()}, h.signed_off_at = NULL WHERE ${same}`,
      `SELECT count(*) AS known FROM ${known} WHERE ${same}`,
    ]);
    return Number(answers.at(-1)?.[0]?.['known']);
  }

  /**
   * A batch with events holds the row without a name, shared, until its commit: one under way is waited for, and one that
   * follows waits and sees the new handler.
   */
  protected override async add(rows: readonly RegistrationRow[]): Promise<void> {
    const handlers = this.handlers();
    await this.database.atomically(
      { handlers: tuplesParameter(rows, REGISTRATION), known: null, last: null },
      [
        `SELECT name FROM ${handlers} WHERE name = '' FOR UPDATE`,
        `SELECT count(*) INTO @known FROM ${handlers} WHERE name <> ''`,
        `SELECT coalesce(max(seq), 0) INTO @last FROM ${this.events()}`,
        // Assigned in this order: what hangs on the retirement comes before it ends.
        `INSERT INTO ${handlers} (name, events, first_registered_at, last_registered_at, catch_up_from, catch_up_to)
       SELECT x.n, x.e, ${this.now()}, ${this.now()},
         CASE WHEN x.b = 1 OR @known = 0 THEN 0 END, CASE WHEN x.b = 1 OR @known = 0 THEN @last END
       FROM ${ROWS} x ORDER BY x.n
       ON DUPLICATE KEY UPDATE events = VALUES(events), last_registered_at = VALUES(last_registered_at),
         first_registered_at = CASE WHEN retired_at IS NULL THEN first_registered_at ELSE VALUES(first_registered_at) END,
         catch_up_from = CASE WHEN retired_at IS NULL THEN catch_up_from ELSE VALUES(catch_up_from) END,
         catch_up_to = CASE WHEN retired_at IS NULL THEN catch_up_to ELSE VALUES(catch_up_to) END,
         signed_off_at = NULL, retired_at = NULL`,
      ],
    );
  }

  protected override async end(ids: readonly string[], rest: string): Promise<void> {
    const rows = ids.map((id) => ({ id }));
    await this.database.atomically({ ids: tuplesParameter(rows, IDS), rest }, [
      `UPDATE ${tuples('mysql', '@ids', IDS)} x STRAIGHT_JOIN ${this.deliveries()} d ON d.id = x.id
       SET d.status = 'done', d.lease_token = NULL, d.lease_until = NULL, d.finished_at = ${this.now()},
         d.errors = concat(CASE WHEN coalesce(d.errors, '[]') = '[]' THEN '['
           ELSE concat(left(d.errors, char_length(d.errors) - 1), ',') END, '{"attempt":', d.attempts, @rest, ']')
       WHERE d.status = 'pending'`,
    ]);
  }
}
