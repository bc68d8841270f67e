import { type AddressInfo, createServer, connect, type Server, type Socket } from 'node:net';

/** Stands between an application and its database: a cable that can be pulled. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private state: 'open' | 'refusing' | 'silent' = 'open';

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
    if (this.state !== 'open') return;
    const upstream = connect(Number(target.port === '' ? '5432' : target.port), target.hostname);
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
