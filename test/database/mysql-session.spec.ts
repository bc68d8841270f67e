import { DataSource, type DataSourceOptions, Not } from 'typeorm';
import { TRACKER_ENTITIES, TrackerHandler, TrackerSetupError } from 'nestjs-tracker-postbacks';
import { jsonParameter } from '../../libs/tracker-postbacks/src/database/json-parameter';
import { recordset } from '../../libs/tracker-postbacks/src/database/recordset';
import { checkServer } from '../../libs/tracker-postbacks/src/database/server-check';
import { startApplication } from '../setup/application';
import { onMysql } from '../setup/reachable';
import { type OpenDatabase, openTrackerDatabase } from '../setup/tracker-database';

/** Nobody knows how a host's server is set up: our connections have to be the same on all of them. */
onMysql('a server with habits of its own, on mysql', () => {
  let open: OpenDatabase;

  beforeAll(async () => {
    open = await openTrackerDatabase('mysql');
  });
  afterAll(() => open.close());

  it.each(['NO_BACKSLASH_ESCAPES,ANSI_QUOTES', 'ANSI', 'TRADITIONAL', ''])(
    'reads the same texts in the mode %j',
    async (mode) => {
      const names = [`it's \\ "quoted" \`ticked\` \\' 😀`, 'a', 'a ', 'A', 'á'];
      const answers = await open.tracker.atomically(
        { names: jsonParameter(names.map((name) => ({ name }))) },
        [
          'SET @own = @@SESSION.sql_mode',
          `SET SESSION sql_mode = '${mode}'`,
          `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at)
         SELECT x.name, ' ', 0, 0 FROM ${recordset('mysql', '@names', { name: 'text' })} AS x`,
          `SELECT h.name FROM ${recordset('mysql', '@names', { n: 'position', name: 'text' })} AS x
         JOIN tracker_handlers h ON h.name = x.name ORDER BY x.n`,
          `DELETE FROM tracker_handlers WHERE name <> ''`,
          'SET SESSION sql_mode = @own',
        ],
      );
      expect(answers[3]).toEqual(names.map((name) => ({ name })));
    },
  );

  it('cuts nothing to length and refuses what is out of range', async () => {
    const insert = (name: string, at: string): Promise<unknown> =>
      open.tracker.query(
        `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES (?, ' ', ?, 0)`,
        [name, at],
      );
    await expect(insert('n'.repeat(201), '0')).rejects.toMatchObject({ errno: 1406 });
    await expect(insert('n', '99999999999999999999')).rejects.toMatchObject({ errno: 1264 });
  });

  it('does not keep megabytes of one call until the next on its connection', async () => {
    await open.tracker.atomically({ text: 'x'.repeat(1024 * 1024) }, ['SELECT 1 AS one']);
    const seen = await Promise.all(
      Array.from({ length: 12 }, () => open.tracker.query('SELECT @text AS text', [])),
    );
    expect(seen.flat()).toEqual(Array.from({ length: 12 }, () => ({ text: null })));
  });

  it('sees what others committed between two statements, and waits no longer for a lock than for an answer', async () => {
    const [session] = await open.tracker.query<Record<string, unknown>>(
      `SELECT @@innodb_lock_wait_timeout AS innodb, @@lock_wait_timeout AS metadata, @@sql_mode AS mode`,
      [],
    );
    expect(session).toMatchObject({
      innodb: '3',
      metadata: '3',
      mode: expect.stringContaining('STRICT_ALL_TABLES'),
    });
    const reading = open.tracker.read((source) =>
      source.transaction(async (inside) => {
        const count = (): Promise<number> => inside.countBy(TrackerHandler, { name: Not('') });
        const before = await count();
        await open.host.query(
          `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES ('other', ' ', 0, 0)`,
        );
        return [before, await count()];
      }),
    );
    expect(await reading).toEqual([0, 1]);
  });

  it('is refused at boot where mysql2 would escape in vain', async () => {
    const single = await new DataSource({
      ...open.database.options,
      poolSize: 1,
    } as DataSourceOptions).initialize();
    await expect(checkServer(single, 'tracker_clicks', 'click_id')).resolves.toBeUndefined();
    await single.query(`SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'`);
    const refused: unknown = await checkServer(single, 'tracker_clicks', 'click_id').catch(
      (error: unknown) => error,
    );
    await single.destroy();
    expect(refused).toBeInstanceOf(TrackerSetupError);
    expect(refused).toMatchObject({
      code: 'sql_mode_unsafe',
      message: expect.stringContaining('NO_BACKSLASH_ESCAPES'),
    });
  });

  it('refuses tables in which two ids may be one: TypeORM makes such when it synchronizes', async () => {
    await open.host.undoLastMigration();
    const options = { ...open.database.options, synchronize: true, entities: [...TRACKER_ENTITIES] };
    const synchronized = await new DataSource(options).initialize();
    const refused: unknown = await checkServer(synchronized, 'tracker_clicks', 'click_id').catch(
      (error: unknown) => error,
    );
    await synchronized.destroy();
    expect(refused).toBeInstanceOf(TrackerSetupError);
    expect(refused).toMatchObject({
      code: 'tables_inexact',
      message: expect.stringContaining('TRACKER_MYSQL_MIGRATIONS'),
    });
    await expect(startApplication(open.database)).rejects.toMatchObject({ code: 'tables_inexact' });
  });
});
