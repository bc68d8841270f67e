import { failureOf, isDuplicateKey } from '../../libs/tracker-postbacks/src/database/database-error';
import { jsonParameter } from '../../libs/tracker-postbacks/src/database/json-parameter';
import { recordset } from '../../libs/tracker-postbacks/src/database/recordset';
import { ENGINES } from '../setup/engines';
import { type OpenDatabase, openTrackerDatabase } from '../setup/tracker-database';

const HANDLER = { name: 'text', at: 'integer' } as const;

describe.each(ENGINES.filter((engine) => engine !== 'postgres'))(
  'several statements at once on %s',
  (engine) => {
    let open: OpenDatabase;
    const insert =
      'INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) ' +
      `SELECT x.name, ' * ', x.at, @now FROM ${recordset(engine, '@handlers', HANDLER)} AS x WHERE true`;
    const handlers = (...names: readonly string[]): string =>
      jsonParameter(names.map((name, at) => ({ name, at })));
    const names = async (): Promise<readonly string[]> =>
      (
        await open.tracker.query<{ name: string }>(
          `SELECT name FROM tracker_handlers WHERE name <> '' ORDER BY name`,
          [],
        )
      ).map(({ name }) => name);

    beforeAll(async () => {
      open = await openTrackerDatabase(engine);
    });
    afterAll(() => open.close());
    beforeEach(() => open.tracker.query(`DELETE FROM tracker_handlers WHERE name <> ''`, []));

    it('see what the ones before have written, and answer the rows of each, or how many it changed', async () => {
      const answers = await open.tracker.atomically(
        { handlers: handlers('a', 'b'), now: 1_795_200_000_001 },
        [
          insert,
          `SELECT name, last_registered_at AS at FROM tracker_handlers WHERE last_registered_at = @now ORDER BY name`,
          `DELETE FROM tracker_handlers WHERE name = 'a'`,
          `SELECT count(*) AS left_over FROM tracker_handlers WHERE last_registered_at = @now`,
        ],
      );
      const at = engine === 'mysql' ? '1795200000001' : 1_795_200_000_001;
      expect(answers.map((rows) => rows.map((row) => ({ ...row })))).toEqual([
        [{ changes: 2 }],
        [
          { name: 'a', at },
          { name: 'b', at },
        ],
        [{ changes: 1 }],
        [{ left_over: engine === 'mysql' ? '1' : 1 }],
      ]);
    });

    it('take null, numbers and texts as what they are', async () => {
      const [rows] = await open.tracker.atomically({ none: null, number: 7, text: "7'" }, [
        `SELECT @none IS NULL AS none, @number + 1 AS number, @text AS text`,
      ]);
      expect(rows).toMatchObject([{ none: 1, text: "7'" }]);
      expect(Number(rows?.[0]?.['number'])).toBe(8);
    });

    it('are carried out altogether or not at all', async () => {
      const failing: unknown = await open.tracker
        .atomically({ handlers: handlers('a', 'b', 'a'), now: 1 }, [
          `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES ('before', ' ', 0, 0)`,
          insert,
        ])
        .catch((error: unknown) => error);
      expect([failureOf(failing), isDuplicateKey(failing)]).toEqual(['data', true]);
      expect(await names()).toEqual([]);
      // The connection that failed is as good as any: all of them are asked.
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          open.tracker.atomically({ handlers: handlers(`n${index}`), now: 1 }, [insert]),
        ),
      );
      expect(await names()).toHaveLength(12);
    });

    it('carry megabytes', async () => {
      const long = 'ж😀\\"'.repeat(200_000);
      const [rows] = await open.tracker.atomically({ rows: jsonParameter([{ t: long }]) }, [
        `SELECT x.t FROM ${recordset(engine, '@rows', { t: 'text' })} AS x`,
      ]);
      expect(rows?.[0]?.['t'] === long).toBe(true);
    });
  },
);
