import { Agent, request } from 'node:http';

export interface HttpReply {
  readonly status: number | null;
  readonly body: string;
  /** Error code of the socket, without a reply. */
  readonly error: string | null;
  readonly milliseconds: number;
}

/** Sends as a network does: keep-alive connections, one try. */
export class HttpSender {
  private readonly agent: Agent;

  constructor(connections: number) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
  }

  /** Never rejects: that there is no reply is an answer too. */
  get(origin: string, path: string, patienceMs: number): Promise<HttpReply> {
    const began = performance.now();
    const { hostname, port } = new URL(origin);
    return new Promise((resolve) => {
      const settle = (status: number | null, body: string, error: string | null): void => {
        clearTimeout(timer);
        resolve({ status, body, error, milliseconds: performance.now() - began });
      };
      const asked = request({ hostname, port, path, agent: this.agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('end', () => {
          settle(response.statusCode ?? null, Buffer.concat(chunks).toString('utf8'), null);
        });
        response.once('error', (error: NodeJS.ErrnoException) => {
          settle(null, '', error.code ?? error.message);
        });
      });
      const timer = setTimeout(() => asked.destroy(new Error('no reply in time')), patienceMs);
      asked.once('error', (error: NodeJS.ErrnoException) => {
        settle(null, '', error.code ?? error.message);
      });
      asked.end();
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
