import { DataSource, type QueryRunner } from 'typeorm';
import { TrackerHandler, TrackerSetupError } from 'nestjs-tracker-postbacks';
import { readingDataSource } from '../../libs/tracker-postbacks/src/database/data-source.factory';
import { createTestDatabase } from '../setup/database';
import { type OpenDatabase, openTrackerDatabase } from '../setup/tracker-database';

const INSERT = `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES (?, ' ', 0, 0)`;
/** Turns of the event loop that something is watched for; what should not happen would happen in the first. */
const TURNS = 50;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function settled(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  const mark = (): void => {
    done = true;
  };
  work.then(mark, mark);
  for (let turns = 0; turns < TURNS; turns++) await turn();
  return done;
}

/** The host's own transactions run on the one connection that its DataSource has. */
describe('SQLite, whose file the host writes to as well', () => {
  let open: OpenDatabase;
  let runner: QueryRunner;

  const handler = (name: string): TrackerHandler =>
    Object.assign(new TrackerHandler(), {
      name,
      events: ' ',
      firstRegisteredAt: new Date(0),
      lastRegisteredAt: new Date(0),
    });
  /** As somebody sees it who has nothing to do with any of the connections. */
  const stored = async (): Promise<readonly string[]> => {
    const witness = await new DataSource(open.database.options).initialize();
    try {
      const rows = await witness.query<{ name: string }[]>('SELECT name FROM tracker_handlers ORDER BY name');
      return rows.map(({ name }) => name);
    } finally {
      await witness.destroy();
    }
  };

  beforeEach(async () => {
    open = await openTrackerDatabase('sqlite');
    await open.host.query('CREATE TABLE leads (id integer PRIMARY KEY, name varchar)');
    runner = open.host.createQueryRunner();
  });
  afterEach(() => open.close());

  const writes: readonly [string, (name: string) => Promise<unknown>][] = [
    ['one statement', (name) => open.tracker.query(INSERT, [name])],
    ['several statements', (name) => open.tracker.atomically({ name }, [INSERT.replace('?', '@name')])],
    ['a transaction', (name) => open.tracker.transaction((manager) => manager.save(handler(name)))],
  ];

  it.each(writes)(
    "keeps %s that waits for the host's transaction, whichever way that ends",
    async (_, write) => {
      for (const end of ['commitTransaction', 'rollbackTransaction'] as const) {
        await runner.startTransaction();
        await runner.query(`INSERT INTO leads (name) VALUES ('${end}')`);
        const writing = write(end);
        // The event loop goes round, which is what the host needs to come to its end.
        expect(await settled(writing)).toBe(false);
        await runner[end]();
        await writing;
        expect(await stored()).toContain(end);
      }
      expect(await open.host.query('SELECT name FROM leads')).toEqual([{ name: 'commitTransaction' }]);
    },
  );

  it('reads what is committed and nothing of a transaction under way', async () => {
    const seen = async (): Promise<number> => open.reading.getRepository(TrackerHandler).count();
    await runner.startTransaction();
    await runner.manager.save(handler('undecided'));
    expect(await seen()).toBe(0);
    expect(await open.tracker.read((source) => source.getRepository(TrackerHandler).count())).toBe(0);
    await runner.commitTransaction();
    expect(await seen()).toBe(1);
  });

  it('refuses to write through the connection that reads', async () => {
    await expect(open.reading.getRepository(TrackerHandler).insert(handler('mistake'))).rejects.toMatchObject(
      {
        driverError: { code: 'SQLITE_READONLY' },
      },
    );
  });

  it('begins and ends a transaction within one turn of the event loop', async () => {
    let turns = 0;
    let began = 0;
    const count = (): void => {
      turns++;
      if (turns < 1000) setImmediate(count);
    };
    count();
    await open.tracker.transaction(async (manager) => {
      began = turns;
      for (let n = 0; n < 20; n++) await manager.save(handler(`h${n}`));
      await manager.update(TrackerHandler, { name: 'h1' }, { events: ' sale ' });
      await manager.transaction((nested) => nested.delete(TrackerHandler, { name: 'h2' }));
      expect(await manager.count(TrackerHandler)).toBe(19);
      expect(turns).toBe(began);
    });
    expect(began).toBeGreaterThan(0);
    expect(await stored()).toHaveLength(19);
  });

  it("lets the host's writes of the same moment through, which would stop the event loop to wait", async () => {
    // The writer's connection is there, so that nothing below waits for anything but promises.
    await open.tracker.transaction((manager) => manager.save(handler('first')));
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const own = [
          open.tracker.transaction((manager) => manager.save(handler(`t${n}`))),
          open.tracker.query(INSERT, [`q${n}`]),
          open.tracker.atomically({ name: `a${n}` }, [INSERT.replace('?', '@name')]),
        ];
        // The host is a step further each time: somewhere it meets the middle of one of ours.
        for (let step = 0; step < 5 * n; step++) await Promise.resolve();
        await open.host.query(`INSERT INTO leads (name) VALUES ('lead ${n}')`);
        await Promise.all(own);
      }),
    );
    // SQLite would have waited for five seconds in one piece, and then failed.
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(await stored()).toHaveLength(91);
  });

  it('runs transactions one after the other', async () => {
    const order: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        open.tracker.transaction(async (manager) => {
          order.push(`${name} begins`);
          await manager.save(handler(name));
          if (name === 'b') await manager.query('SELECT 1 FROM nowhere').catch(() => undefined);
          order.push(`${name} ends`);
        }),
      ),
    );
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it("gives up on another's transaction after the time of a statement, and works after it", async () => {
    await runner.startTransaction();
    await runner.query(`INSERT INTO leads (name) VALUES ('slow')`);
    await expect(open.tracker.query(INSERT, ['late'])).rejects.toMatchObject({
      name: 'DatabaseTimeoutError',
    });
    await runner.commitTransaction();
    expect(await stored()).toEqual([]);
    await open.tracker.query(INSERT, ['next']);
    expect(await stored()).toEqual(['next']);
  });
});

describe('SQLite, opened while somebody else writes to a file that is not in WAL mode yet', () => {
  it('waits for its turn to change that', async () => {
    const database = await createTestDatabase('sqlite');
    const host = await new DataSource(database.options).initialize();
    const runner = host.createQueryRunner();
    expect(await host.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'delete' }]);
    await host.query('CREATE TABLE leads (id integer PRIMARY KEY)');
    await runner.startTransaction();
    await runner.query('INSERT INTO leads DEFAULT VALUES');
    const opening = readingDataSource(host);
    expect(await settled(opening)).toBe(false);
    await runner.commitTransaction();
    const reading = await opening;
    expect(await reading.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(await reading.query('SELECT id FROM leads')).toEqual([{ id: 1 }]);
    await reading.destroy();
    await host.destroy();
    await database.drop();
  });
});

describe('SQLite in memory', () => {
  it.each([':memory:', '', 'file::memory:?cache=shared'])('is refused at boot: %j', async (name) => {
    const database = await createTestDatabase('sqlite');
    // Not opened: what is refused is what the options say.
    const host = new DataSource({ ...database.options, database: name } as typeof database.options);
    const refused: unknown = await readingDataSource(host).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TrackerSetupError);
    expect(refused).toMatchObject({
      code: 'sqlite_in_memory',
      message: expect.stringContaining('Set database to a path'),
    });
    await database.drop();
  });
});
