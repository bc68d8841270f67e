import { failureOf, isDuplicateKey } from '../../libs/tracker-postbacks/src/database/database-error';
import { databaseNow } from '../../libs/tracker-postbacks/src/database/database-clock';
import { jsonParameter } from '../../libs/tracker-postbacks/src/database/json-parameter';
import { recordset } from '../../libs/tracker-postbacks/src/database/recordset';
import { uuidV7 } from '../../libs/tracker-postbacks/src/database/uuid-v7';
import { TrackerClick, TrackerHandler } from 'nestjs-tracker-postbacks';
import { ENGINES } from '../setup/engines';
import { type OpenDatabase, openTrackerDatabase } from '../setup/tracker-database';

/** Texts that a careless layer changes, refuses, or takes for SQL. */
const HOSTILE = [
  `it's "quoted" and \`ticked\``,
  `back\\slash, two \\\\, at the end \\`,
  `'; DROP TABLE tracker_clicks; --`,
  'emoji 😀 and 𝕏, combining é, فارسی',
  'tab\tline\r\nend',
  ' blanks around ',
  '@rows ? $1 :name %s _ %',
  'utf8mb4_exac',
  String.raw`\u0041 \n \0`,
];

describe.each(ENGINES)('one statement on %s', (engine) => {
  let open: OpenDatabase;
  const rows = (...values: readonly object[]): string => jsonParameter(values);
  const from = (columns: Parameters<typeof recordset>[2]): string =>
    engine === 'postgres'
      ? `json_to_recordset($1::json) AS x(${Object.entries(columns)
          .map(([name, type]) => `${name} ${type === 'integer' ? 'bigint' : type}`)
          .join(', ')})`
      : `${recordset(engine, '?', columns)} AS x`;

  beforeAll(async () => {
    open = await openTrackerDatabase(engine);
  });
  afterAll(() => open.close());

  it('reads every text out of a JSON parameter as it was', async () => {
    const answer = await open.tracker.query(`SELECT x.t FROM ${from({ t: 'text' })}`, [
      rows(...HOSTILE.map((t) => ({ t }))),
    ]);
    expect(answer.map((row) => (row as { t: string }).t)).toEqual(HOSTILE);
  });

  it('drops NUL and lone surrogates, which not every engine can hold, and nothing else', async () => {
    const sent = ['a\0b', 'a\ud800b', 'a\udfffb', '\\u0000', '\\\0', '😀\ud83d'];
    const answer = await open.tracker.query(`SELECT x.t FROM ${from({ t: 'text' })}`, [
      rows(...sent.map((t) => ({ t }))),
    ]);
    expect(answer.map((row) => (row as { t: string }).t)).toEqual(['ab', 'ab', 'ab', '\\u0000', '\\', '😀']);
  });

  it('takes four ids that look alike for four', async () => {
    const ids = ['AbC', 'abc', 'AbC ', 'ÁbC'];
    await open.tracker.query(
      `INSERT INTO tracker_clicks (tenant_id, click_id, chat_id, source, created_at)
       SELECT 'exact', x.c, x.c, 'issued', 0 FROM ${from({ c: 'text' })} ${engine === 'sqlite' ? 'WHERE true' : ''}`,
      [rows(...ids.map((c) => ({ c })))],
    );
    for (const id of ids) {
      const found = await open.tracker.query(
        `SELECT c.click_id AS id FROM ${from({ c: 'text' })} JOIN tracker_clicks c ON c.click_id = x.c`,
        [rows({ c: id })],
      );
      expect(found).toEqual([{ id }]);
      const listed = await open.reading.getRepository(TrackerClick).findBy({ tenantId: 'exact', chatId: id });
      expect(listed.map(({ clickId }) => clickId)).toEqual([id]);
    }
  });

  it('keeps 64-bit numbers to the last digit', async () => {
    const [row] = await open.tracker.query<{ n: unknown }>(
      `SELECT CAST(x.n AS ${engine === 'mysql' ? 'char(30)' : 'varchar(30)'}) AS n FROM ${from({ n: 'integer' })}`,
      [rows({ n: '9007199254740993' })],
    );
    expect(row?.n).toBe('9007199254740993');
  });

  it('sorts UUIDv7 by their time', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => uuidV7(1_795_200_000_000 + index * 977));
    await open.tracker.query(
      `INSERT INTO tracker_audit (id, tenant_id, action, subject_type, subject_id, at)
       SELECT ${engine === 'postgres' ? 'x.id::uuid' : 'x.id'}, 'sorted', 'a', 's', 's', 0
       FROM ${from({ id: 'text' })} ${engine === 'sqlite' ? 'WHERE true' : ''}`,
      [rows(...ids.toReversed().map((id) => ({ id })))],
    );
    const sorted = await open.tracker.query<{ id: string }>(
      `SELECT id FROM tracker_audit WHERE tenant_id = 'sorted' ORDER BY id`,
      [],
    );
    expect(sorted.map(({ id }) => id)).toEqual(ids);
  });

  it("knows the database's time", async () => {
    const before = Date.now();
    const [row] = await open.tracker.query<{ now: unknown }>(`SELECT ${databaseNow(engine)} AS now`, []);
    const now = Number(row?.now);
    expect(now).toBeGreaterThanOrEqual(before - 2);
    expect(now).toBeLessThanOrEqual(Date.now() + 2);
  });

  it('tells a key that is taken from a table that is missing', async () => {
    const insert = `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES ('twice', '', 0, 0)`;
    await open.tracker.query(insert, []);
    const taken: unknown = await open.tracker.query(insert, []).catch((error: unknown) => error);
    expect([failureOf(taken), isDuplicateKey(taken)]).toEqual(['data', true]);
    const missing: unknown = await open.tracker
      .query('SELECT 1 FROM nowhere', [])
      .catch((error: unknown) => error);
    expect([failureOf(missing), isDuplicateKey(missing)]).toEqual(['unavailable', false]);
  });

  it('commits a transaction through entities, or nothing of it', async () => {
    const handler = (name: string): TrackerHandler =>
      Object.assign(new TrackerHandler(), {
        name,
        events: ' * ',
        firstRegisteredAt: new Date(1),
        lastRegisteredAt: new Date(1),
      });
    await open.tracker.transaction(async (manager) => {
      await manager.save(handler('first'));
      await manager.save(handler('second'));
    });
    const failed = open.tracker.transaction(async (manager) => {
      await manager.save(handler('third'));
      await manager.save(TrackerHandler, { name: 'fourth' });
    });
    await expect(failed).rejects.toMatchObject({ name: 'QueryFailedError' });
    const names = ['first', 'second', 'third', 'fourth'];
    const found = await open.tracker.read((source) => source.getRepository(TrackerHandler).find());
    expect(
      found
        .map(({ name }) => name)
        .filter((name) => names.includes(name))
        .sort(),
    ).toEqual(['first', 'second']);
  });
});
