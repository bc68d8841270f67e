import { type AddressInfo, createServer, connect, type Server, type Socket } from 'node:net';

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'mysql:': 3306,
};

/** Stands between an application and its database: a cable that can be pulled. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private readonly upstreams = new Set<Socket>();
  private state: 'open' | 'refusing' | 'silent' | 'deaf' = 'open';

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(target: URL): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (client) => {
      proxy.accept(client, target);
    });
    return proxy;
  }

  /** The target's URL through this proxy. */
  urlOf(target: URL): string {
    const through = new URL(target.href);
    through.hostname = '127.0.0.1';
    through.port = String(this.port);
    return through.href;
  }

  /** Breaks every connection and refuses new ones, as a restarting server does. */
  cut(): void {
    this.state = 'refusing';
    for (const socket of this.sockets) socket.destroy();
  }

  /** Swallows everything and answers nothing, as a lost network does. */
  silence(): void {
    this.state = 'silent';
    for (const socket of this.sockets) socket.pause();
  }

  /** What is asked arrives, and no answer ever comes back. */
  swallowReplies(): void {
    this.state = 'deaf';
    for (const upstream of this.upstreams) upstream.unpipe().resume();
  }

  /** Works again; what was swallowed stays lost, and so do its connections. */
  restore(): void {
    for (const socket of this.sockets) socket.destroy();
    this.state = 'open';
  }

  /** New connections work; the silent ones stay silent and are never closed, as behind a firewall. */
  restoreNewOnly(): void {
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
    if (this.state !== 'open' && this.state !== 'deaf') return;
    const port = target.port === '' ? DEFAULT_PORTS[target.protocol] : Number(target.port);
    const upstream = connect(port ?? 0, target.hostname);
    this.keep(upstream);
    this.upstreams.add(upstream);
    client.pipe(upstream);
    if (this.state === 'deaf') upstream.resume();
    else upstream.pipe(client);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => this.upstreams.delete(upstream));
    upstream.once('close', () => client.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
  }
}
