import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type DatabaseAddress } from '../engines/proof.database';

const PORTS: Readonly<Record<string, number>> = { 'postgres:': 5432, 'postgresql:': 5432, 'mysql:': 3306 };

/** A cable between an application and its database that can be pulled, or go dead without anybody noticing. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private state: 'open' | 'refusing' | 'silent' = 'open';

  private constructor(
    private readonly server: Server,
    readonly address: DatabaseAddress,
  ) {}

  static async start({ engine, url }: DatabaseAddress): Promise<TcpProxy> {
    const target = new URL(url);
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String((server.address() as AddressInfo).port);
    const proxy = new TcpProxy(server, { engine, url: through.href });
    server.on('connection', (client) => {
      proxy.accept(client, target);
    });
    return proxy;
  }

  /** Breaks every connection and refuses new ones, as a stopped server does. */
  cut(): void {
    this.state = 'refusing';
    for (const socket of this.sockets) socket.destroy();
  }

  /** A black hole: connections stay open, new ones are taken, and nothing comes through any more. */
  silence(): void {
    this.state = 'silent';
    for (const socket of this.sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** New connections work; those that went silent stay so and are never closed, as behind a firewall. */
  restore(): void {
    this.state = 'open';
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }

  private accept(client: Socket, target: URL): void {
    this.keep(client);
    if (this.state === 'refusing') client.destroy();
    if (this.state !== 'open') return;
    const port = target.port === '' ? (PORTS[target.protocol] ?? 0) : Number(target.port);
    const upstream = connect(port, target.hostname);
    this.keep(upstream);
    client.pipe(upstream).pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}
