import { type DataSourceOptions } from 'typeorm';
import { TcpProxy } from '../edge/tcp-proxy';
import { ENGINES } from '../setup/engines';
import { type OpenDatabase, openTrackerDatabase } from '../setup/tracker-database';

const SLEEP = { postgres: 'SELECT pg_sleep(30) AS slept', mysql: 'SELECT sleep(30) AS slept' } as const;
/** Those that are still at it, which the server knows. */
const SLEEPING = {
  postgres: `SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()`,
  mysql: `SELECT id FROM information_schema.processlist WHERE info LIKE '%sleep(30)%' AND id <> connection_id()`,
} as const;
const CONNECTIONS = 6;
const TIMED_OUT = { name: 'DatabaseTimeoutError' };

describe.each(ENGINES.filter((engine) => engine !== 'sqlite'))(
  'a database that does not answer, on %s',
  (engine) => {
    let open: OpenDatabase;
    let proxy: TcpProxy;

    beforeAll(async () => {
      open = await openTrackerDatabase(engine);
    });
    afterAll(() => open.close());

    const through = async (): Promise<OpenDatabase> => {
      const target = new URL(open.database.url);
      proxy = await TcpProxy.start(target);
      return openTrackerDatabase(engine, (options) => {
        const own = new URL((options as { url: string }).url);
        return { ...options, url: proxy.urlOf(own) } as DataSourceOptions;
      });
    };

    it('is given up on, with every connection waiting, and the next statement has one that works', async () => {
      const began = performance.now();
      const waiting = Array.from({ length: CONNECTIONS }, () => open.tracker.query(SLEEP[engine], []));
      for (const result of await Promise.allSettled(waiting)) {
        expect(result).toMatchObject({ status: 'rejected', reason: TIMED_OUT });
      }
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(await open.tracker.query('SELECT 1 AS one', [])).toHaveLength(1);
      // Nor does the server go on with what nobody waits for.
      while ((await open.host.query<unknown[]>(SLEEPING[engine])).length > 0) {
        expect(performance.now() - began).toBeLessThan(10_000);
      }
    });

    it('is noticed behind connections that went silent and stay open', async () => {
      const behind = await through();
      try {
        await Promise.all(
          Array.from({ length: CONNECTIONS }, () => behind.tracker.query('SELECT 1 AS one', [])),
        );
        await behind.tracker.probe(2_000);
        proxy.silence();
        await expect(behind.tracker.query('SELECT 1 AS one', [])).rejects.toMatchObject(TIMED_OUT);
        await expect(behind.tracker.probe(300)).rejects.toThrow();

        // The old connections stay silent; a probe has one of its own, and so has everybody after reconnect().
        proxy.restoreNewOnly();
        await behind.tracker.probe(2_000);
        behind.tracker.reconnect();
        const began = performance.now();
        await Promise.all(
          Array.from({ length: CONNECTIONS }, () => behind.tracker.query('SELECT 1 AS one', [])),
        );
        expect(performance.now() - began).toBeLessThan(3_000);
      } finally {
        proxy.restore();
        await behind.close();
        await proxy.stop();
      }
    });

    it('lets a statement under way end on the connection that is left behind', async () => {
      const sleep = SLEEP[engine].replace('30', '0.3');
      const running = open.tracker.query(sleep, []);
      open.tracker.reconnect();
      expect(await open.tracker.query('SELECT 1 AS one', [])).toHaveLength(1);
      expect(await running).toHaveLength(1);
    });
  },
);
