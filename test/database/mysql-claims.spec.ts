import { type StatementInput } from '../../libs/tracker-postbacks/src/database/database-connection';
import { deliveryStore } from '../../libs/tracker-postbacks/src/events/delivery-store.factory';
import { onMysql } from '../setup/reachable';
import { type OpenDatabase, openTrackerDatabase } from '../setup/tracker-database';

const DELIVERIES = 3_000;
const CLICKS = 200;

/** One row of MySQL's and MariaDB's EXPLAIN. */
interface Step {
  readonly table: string;
  readonly type: string;
  readonly key: string | null;
}

onMysql('a claim on a table that has grown faster than its statistics, on mysql', () => {
  let open: OpenDatabase;

  beforeAll(async () => {
    open = await openTrackerDatabase('mysql');
    await open.host.query('ALTER TABLE tracker_deliveries STATS_AUTO_RECALC = 0');
    await open.host.query('ANALYZE TABLE tracker_deliveries');
    const rows = Array.from(
      { length: DELIVERIES },
      (_, n) => `('${String(n).padStart(36, '0')}', ${n}, ${n % CLICKS}, 'counted', 'pending', ${n}, 0, 0)`,
    );
    await open.host.query(
      `INSERT INTO tracker_deliveries
         (event_id, event_seq, click_seq, handler, status, due_at, attempts, crashes) VALUES ${rows.join()}`,
    );
  });
  afterAll(() => open.close());

  it('finds what is due and what is earlier by the indexes made for that, and reads no table', async () => {
    const sent: { variables: Readonly<Record<string, StatementInput>>; statements: readonly string[] }[] = [];
    const atomically = open.tracker.atomically.bind(open.tracker);
    open.tracker.atomically = (variables, statements) => {
      sent.push({ variables, statements });
      return atomically(variables, statements);
    };
    await deliveryStore(open.reading, open.tracker).claim([{ handler: 'counted', places: 16, since: 0 }], {
      token: 'claim',
      leaseMs: 10_000,
      look: 16,
      alone: false,
      recheckMs: 1_000,
    });
    const [{ variables, statements } = { variables: {}, statements: [] }] = sent;

    const runner = open.host.createQueryRunner();
    for (const [name, value] of Object.entries(variables)) await runner.query(`SET @${name} = ?`, [value]);
    const [see = ''] = statements;
    const steps: Step[] = await runner.query(`EXPLAIN ${see}`);
    await runner.release();

    const used = new Map(
      steps.map(({ table, key, type }) => [table, { key, reads: /^(ALL|index)$/.test(type) }]),
    );
    expect(used.get('d')).toEqual({ key: 'tracker_deliveries_due', reads: false });
    expect(used.get('p')).toEqual({ key: 'tracker_deliveries_order', reads: false });
    expect(used.get('l')).toEqual({ key: 'tracker_deliveries_order', reads: false });
  });
});
