import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type DataSourceOptions } from 'typeorm';
import { onMysql } from '../setup/reachable';
import { type OpenDatabase, openTrackerDatabase } from '../setup/tracker-database';

/** Hands everything on, until a text goes by: then no answer gets back, as if the client had been stopped. */
class FreezingProxy {
  private readonly sockets: Socket[] = [];
  private held: (() => void)[] = [];
  private frozen = false;

  private constructor(
    private readonly server: Server,
    private readonly freezeAt: string,
  ) {}

  static async start(target: URL, freezeAt: string): Promise<FreezingProxy> {
    const server = createServer();
    const proxy = new FreezingProxy(server, freezeAt);
    server.on('connection', (client) => {
      const upstream = connect(Number(target.port), target.hostname);
      proxy.sockets.push(client, upstream);
      client.on('data', (data) => {
        if (data.includes(proxy.freezeAt)) proxy.frozen = true;
        upstream.write(data);
      });
      upstream.on('data', (data) => {
        if (proxy.frozen) proxy.held.push(() => client.write(data));
        else client.write(data);
      });
      client.on('error', () => undefined).once('close', () => upstream.destroy());
      upstream.on('error', () => undefined).once('close', () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  urlOf(target: URL): string {
    const url = new URL(target.href);
    url.port = String((this.server.address() as AddressInfo).port);
    url.hostname = '127.0.0.1';
    return url.href;
  }

  thaw(): void {
    this.frozen = false;
    for (const hand of this.held.splice(0)) hand();
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

// On SQLite there is no way between us and the database; on PostgreSQL it is one statement.
onMysql('a process stopped after it sent its statements, on mysql', () => {
  const FREEZE = 'tracker_frozen_here';
  let proxy: FreezingProxy;
  let open: OpenDatabase;

  beforeAll(async () => {
    open = await openTrackerDatabase('mysql', (options) => options);
  });
  afterAll(() => open.close());

  it('holds no lock: others change the same rows at once', async () => {
    const target = new URL(open.database.url);
    proxy = await FreezingProxy.start(target, FREEZE);
    const { host } = open;
    const stopped = await openTrackerDatabase('mysql', (options) => {
      const own = new URL((options as { url: string }).url);
      return { ...options, url: proxy.urlOf(own) } as DataSourceOptions;
    });
    try {
      const table = `${new URL(stopped.database.url).pathname.slice(1)}.tracker_handlers`;
      await stopped.tracker.query(
        `INSERT INTO tracker_handlers (name, events, first_registered_at, last_registered_at) VALUES ('row', ' ', 0, 0)`,
        [],
      );
      let answered = false;
      const sent = stopped.tracker
        .atomically({ at: 7 }, [
          `SELECT name FROM tracker_handlers WHERE name = 'row' FOR UPDATE`,
          `UPDATE tracker_handlers SET last_registered_at = @at WHERE name = 'row'`,
          `SELECT '${FREEZE}' AS here`,
        ])
        .then((answers) => {
          answered = true;
          return answers;
        });

      // Committed, while the one who sent it has not heard anything.
      const read = async (): Promise<unknown> => {
        const rows = await host.query<{ at: unknown }[]>(
          `SELECT last_registered_at AS at FROM ${table} WHERE name = 'row' FOR UPDATE`,
        );
        return rows[0]?.at;
      };
      while (String(await read()) !== '7') expect(answered).toBe(false);
      await host.query(`SET SESSION innodb_lock_wait_timeout = 1`);
      await host.query(`UPDATE ${table} SET last_registered_at = 8 WHERE name = 'row'`);
      expect(answered).toBe(false);

      proxy.thaw();
      expect((await sent)[2]).toEqual([{ here: FREEZE }]);
    } finally {
      proxy.thaw();
      await stopped.close();
      proxy.stop();
    }
  });
});
