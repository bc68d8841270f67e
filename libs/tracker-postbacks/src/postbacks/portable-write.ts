import { type Row, type StatementInput } from '../database/database-connection';
import { sendTuples, type TupleColumns } from '../database/tuples';
import { CONVERSION, EVENT, JUDGED, OFTEN_SHARED, PATCHED, POSTBACK } from './portable-columns';
import { type PortableDialect } from './portable-dialect';
import { type BatchWrite, type PostbackRow, type WriteResult } from './postback-store.types';

/** What a row of a batch hangs on. */
interface Guard {
  /** The click that has to be won for it, and the revision it was judged on. */
  readonly lane: string | null;
  readonly revision: number | null;
  /** The click that it names and does not change: it must be as it was, neither erased nor of another chat. */
  readonly kept: string | null;
}

const LANE = { lane: 'integer', revision: 'integer' } as const;
const GUARD = { ...LANE, kept: 'integer' } as const;
const HELD = { seq: 'integer', revision: 'integer', records: 'boolean', chat: 'text' } as const;

/**
 * One judged batch as the statements of one transaction. The clicks are locked first and in ascending order; nobody
 * else changes them from there on, so that every statement can ask by itself whether a click still has the revision it
 * was judged on. Their revisions are raised last of all.
 */
export class PortableWrite {
  readonly variables: Record<string, StatementInput> = {};
  readonly statements: string[] = [];
  private readonly revisions: ReadonlyMap<string, number>;
  private readonly fresh: readonly (PostbackRow & Guard)[];
  private readonly again: readonly (PostbackRow & Guard)[];
  private held = -1;
  private reversals = -1;
  private deliveries = -1;

  constructor(
    private readonly sql: PortableDialect,
    private readonly batch: BatchWrite,
  ) {
    this.revisions = new Map(batch.lanes.map(({ seq, revision }) => [seq, revision]));
    const rows = batch.postbacks.map((row) => ({ ...row, ...this.guardOf(row) }));
    this.fresh = rows.filter(({ expected }) => expected === null);
    this.again = rows.filter(({ expected }) => expected !== null);
    if (batch.events.length > 0) this.lockHandlers();
    if (batch.lanes.length > 0 || rows.some(({ kept }) => kept !== null)) this.holdClicks();
    if (this.fresh.length > 0) this.insertPostbacks();
    if (this.again.length > 0) this.updatePostbacks();
    // Changed conversions come before new ones: one that is replaced gives its tid to its successor.
    if (batch.patches.length > 0) this.patchConversions();
    if (batch.conversions.length > 0) this.insertConversions();
    if (batch.events.length > 0) this.insertEvents();
    if (batch.lanes.length > 0) this.raiseRevisions();
  }

  /** What the statements' answers say. */
  result(answers: readonly (readonly Row[])[]): WriteResult {
    const clicks = answers[this.held] ?? [];
    const seqs = (rows: readonly Row[]): ReadonlySet<string> => new Set(rows.map(({ seq }) => String(seq)));
    const won = seqs(clicks.filter((click) => Number(click['won']) === 1));
    return {
      won,
      kept: seqs(clicks.filter(({ kept }) => Number(kept) === 1)),
      deliveries: Number(answers[this.deliveries]?.[0]?.['changes'] ?? 0),
      reversals: (answers[this.reversals] ?? [])
        .flatMap(({ id, seq }) => (won.has(String(seq)) ? [String(id)] : []))
        .sort(),
    };
  }

  /**
   * A handler that is being registered either waits for this batch or is seen by it: registering locks the same row.
   * It is the first lock, as it is there.
   */
  private lockHandlers(): void {
    if (this.sql.engine === 'sqlite') return;
    this.add(`SELECT name FROM ${this.sql.handlers} WHERE name = '' LOCK IN SHARE MODE`);
  }

  private holdClicks(): void {
    const { sql, batch } = this;
    const recording = new Set(batch.conversions.map(({ click_seq: seq }) => seq));
    const kept = new Map(
      [...this.fresh, ...this.again].flatMap((row) =>
        row.kept === null ? [] : [[row.kept, row.chat_id] as const],
      ),
    );
    const clicks = [
      ...batch.lanes.map((lane) => ({ ...lane, chat: null, records: recording.has(lane.seq) })),
      ...[...kept].map(([seq, chat]) => ({ seq, revision: null, chat, records: false })),
    ];
    // Writers that take them in one order never wait for each other in a circle.
    clicks.sort((a, b) => ascending(a.seq, b.seq));
    const x = `${this.send('clicks', clicks, HELD)} x`;
    const hold = `SELECT c.seq AS seq, c.revision = x.revision AS won,
        c.erased_at IS NULL AND c.chat_id = x.chat AS kept
      FROM ${x} ${sql.then} ${sql.clicks} c ON c.seq = x.seq${sql.forUpdate}`;
    if (this.again.length > 0 || batch.atomic === true) {
      this.add(hold);
      if (this.again.length > 0) this.giveUpTakenRows();
      if (batch.atomic === true) this.giveUpTogether(x);
    }
    this.held = this.add(hold);
    if (recording.size > 0) this.findReversals(x);
  }

  /**
   * Clicks one of whose stored rows somebody else has judged, erased or deleted meanwhile are lost. Raising the revision
   * says so to all statements that follow; whoever was judged on it as well is judged once more for nothing, and that is
   * all.
   */
  private giveUpTakenRows(): void {
    const { sql } = this;
    const rows = this.again.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const again = this.send('again', rows, { ...GUARD, expected: 'text', id: 'text' });
    if (sql.engine === 'mysql') {
      this.add(`SELECT s.id FROM ${again} p ${sql.then} ${sql.postbacks} s ON s.id = p.id${sql.forUpdate}`);
    }
    this.add(
      sql.update({
        rows: `${again} p LEFT JOIN ${sql.postbacks} s ON s.id = p.id`,
        table: sql.clicks,
        alias: 'c',
        on: 'c.seq = p.lane',
        set: [['revision', 'c.revision + 1']],
        where:
          'c.revision = p.revision AND (s.id IS NULL OR s.status <> p.expected OR s.erased_at IS NOT NULL)',
      }),
    );
  }

  /** All or nothing: where one click is lost, all are. */
  private giveUpTogether(x: string): void {
    const { sql, batch } = this;
    if (batch.lanes.length < 2) return;
    this.variables['all'] = batch.lanes.length;
    const held = `(SELECT count(*) AS n FROM ${x} ${sql.then} ${sql.clicks} c
      ON c.seq = x.seq AND c.revision = x.revision)`;
    this.add(
      sql.update({
        rows: `${held} h ${sql.then} ${x}`,
        table: sql.clicks,
        alias: 'c',
        on: 'c.seq = x.seq',
        set: [['revision', 'c.revision + 1']],
        where: 'c.revision = x.revision AND h.n < @all',
      }),
    );
  }

  /** Before anything is written: reversals of this very batch are its planner's to see. */
  private findReversals(x: string): void {
    const { sql } = this;
    this.reversals = this.add(
      `SELECT p.id, x.seq FROM ${x} ${sql.then} ${sql.postbacks} p ON p.click_seq = x.seq
      WHERE x.records = 1 AND p.status = 'unmatched' AND p.code = 'nothing_to_reverse' AND p.tid IS NOT NULL`,
    );
  }

  private insertPostbacks(): void {
    const { sql } = this;
    const source = this.send('postbacks', this.fresh, { ...GUARD, retry_in: 'integer', ...POSTBACK });
    const { joins, conditions } = this.guardsOf(this.fresh);
    this.add(
      `INSERT INTO ${sql.postbacks} (${list(POSTBACK)}, retry_at)
      SELECT ${list(POSTBACK, 'p.')}, ${sql.now} + p.retry_in FROM ${source} p ${joins}${where(conditions)}`,
    );
  }

  private updatePostbacks(): void {
    const { sql } = this;
    const source = this.send('judged', this.again, {
      ...GUARD,
      retry_in: 'integer',
      test: 'boolean',
      expected: 'text',
      id: 'text',
      ...JUDGED,
    });
    const { joins, conditions } = this.guardsOf(this.again);
    this.add(
      sql.update({
        rows: `${source} p`,
        table: sql.postbacks,
        alias: 's',
        on: 's.id = p.id',
        joins,
        set: [
          ...Object.keys(JUDGED).map((name) => [name, `p.${name}`] as const),
          ['test', 's.test OR p.test'],
          ['retry_at', `${sql.now} + p.retry_in`],
        ],
        where: ['s.status = p.expected', 's.erased_at IS NULL', ...conditions].join(' AND '),
      }),
    );
  }

  private patchConversions(): void {
    const { sql } = this;
    const patches = this.batch.patches.map((patch) => ({ ...patch, ...this.laneOf(patch.click_seq) }));
    const source = this.send('patches', patches, { ...LANE, id: 'text', ...PATCHED });
    this.add(
      sql.update({
        rows: `${source} p ${sql.then} ${sql.clicks} l ON l.seq = p.lane AND l.revision = p.revision`,
        table: sql.conversions,
        alias: 'v',
        on: 'v.id = p.id',
        set: Object.keys(PATCHED).map((name) => [name, `p.${name}`] as const),
        where: 'v.click_seq = l.seq',
      }),
    );
  }

  private insertConversions(): void {
    const { sql } = this;
    const rows = this.batch.conversions.map((row) => ({ ...row, ...this.laneOf(row.click_seq) }));
    const source = this.send('conversions', rows, { ...LANE, ...CONVERSION });
    this.add(
      `INSERT INTO ${sql.conversions} (${list(CONVERSION)}) SELECT ${list(CONVERSION, 'p.')}
      FROM ${source} p ${sql.then} ${sql.clicks} l ON l.seq = p.lane AND l.revision = p.revision`,
    );
  }

  private insertEvents(): void {
    const { sql } = this;
    const rows = this.batch.events
      .toSorted((a, b) => a.n - b.n)
      .map((row) => ({ ...row, ...this.laneOf(row.lane) }));
    const source = this.send('events', rows, { n: 'integer', ...LANE, ...EVENT });
    const { joins, conditions } = this.guardsOf(rows);
    // MySQL counts up itself, and takes the rows in the order of the array: see the session of its connections.
    const [seq, next] =
      sql.engine === 'mysql'
        ? ['', '']
        : [', seq', `, (SELECT coalesce(max(seq), 0) FROM ${sql.events}) + 1 + p.n`];
    this.add(
      `INSERT INTO ${sql.events} (${list(EVENT)}${seq}) SELECT ${list(EVENT, 'p.')}${next}
      FROM ${source} p ${joins}${where(conditions)}`,
    );
    // What a handler may listen to of an event, as its row has it.
    const told = this.send(
      'told',
      rows.map(({ id, name, ordinal }) => ({ id, named: ` ${name} `, numbered: ` ${name}#${ordinal} ` })),
      { id: 'text', named: 'text', numbered: 'text' },
    );
    this.deliveries = this.add(
      `INSERT INTO ${sql.deliveries} (event_id, event_seq, click_seq, handler, status, due_at)
      SELECT e.id, e.seq, e.click_seq, h.name, 'pending', ${sql.now}
      FROM ${told} x ${sql.then} ${sql.events} e ON e.id = x.id
        ${sql.then} ${sql.handlers} h ON instr(h.events, ' * ') > 0
          OR instr(h.events, x.named) > 0 OR instr(h.events, x.numbered) > 0`,
    );
  }

  private raiseRevisions(): void {
    const { sql } = this;
    const lanes = this.batch.lanes.toSorted((a, b) => ascending(a.seq, b.seq));
    this.add(
      sql.update({
        rows: `${this.send('lanes', lanes, { seq: 'integer', revision: 'integer' })} x`,
        table: sql.clicks,
        alias: 'c',
        on: 'c.seq = x.seq',
        set: [['revision', 'c.revision + 1']],
        where: 'c.revision = x.revision',
      }),
    );
  }

  private guardOf({ lane, click_seq: seq, erased_at: erasedAt }: PostbackRow): Guard {
    return { ...this.laneOf(lane), kept: lane === null && erasedAt === null ? seq : null };
  }

  /** All or nothing: then what hangs on no click of its own hangs on the others' as well. */
  private laneOf(lane: string | null): Pick<Guard, 'lane' | 'revision'> {
    const guarding = lane ?? (this.batch.atomic === true ? (this.batch.lanes[0]?.seq ?? null) : null);
    return { lane: guarding, revision: guarding === null ? null : (this.revisions.get(guarding) ?? null) };
  }

  /** What has to be looked at for these rows, if any hangs on anything. */
  private guardsOf(rows: readonly Partial<Guard>[]): {
    readonly joins: string;
    readonly conditions: readonly string[];
  } {
    const { clicks } = this.sql;
    const guards = [
      {
        isNeeded: rows.some(({ lane }) => lane != null),
        join: `LEFT JOIN ${clicks} l ON l.seq = p.lane`,
        condition: '(p.lane IS NULL OR l.revision = p.revision)',
      },
      {
        isNeeded: rows.some(({ kept }) => kept != null),
        join: `LEFT JOIN ${clicks} k ON k.seq = p.kept`,
        condition: '(p.kept IS NULL OR (k.erased_at IS NULL AND k.chat_id = p.chat_id))',
      },
    ].filter(({ isNeeded }) => isNeeded);
    return {
      joins: guards.map(({ join }) => join).join(' '),
      conditions: guards.map(({ condition }) => condition),
    };
  }

  /** Gives the statements rows under a name of their own; answers what stands for them. */
  private send(name: string, rows: readonly object[], columns: TupleColumns): string {
    const together = OFTEN_SHARED.map((group) => group.filter((column) => column in columns));
    const { source, parameter } = sendTuples(this.sql.engine, `@${name}`, rows, columns, together);
    this.variables[name] = parameter;
    return source;
  }

  /** Answers the statement's place among the answers. */
  private add(statement: string): number {
    return this.statements.push(statement) - 1;
  }
}

function list(columns: TupleColumns, prefix = ''): string {
  return Object.keys(columns)
    .map((name) => `${prefix}${name}`)
    .join(', ');
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

/** Whole numbers as text, which may be larger than a number is exact. */
function ascending(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
