import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http';

/** Replies and rows are asserted on, not typed. */
export type Untyped = Record<string, any>;

export interface WireRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** One answer as it came over the wire. */
export interface WireReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The JSON body, `{}` where there is none. */
  readonly body: Untyped;
}

/** Sends the request target byte for byte, which `fetch` would normalise. */
export function wire(
  origin: string,
  target: string,
  { method = 'GET', headers = {}, body }: WireRequest = {},
): Promise<WireReply> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path: target, method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: parsed(text),
        });
      });
    });
    request.once('error', reject);
    request.end(body);
  });
}

// A kept-alive socket that the server closes just then would fail a request for no fault of the server's.
const agent = new Agent({ keepAlive: false });

function parsed(text: string): Untyped {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
