import { createHash } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import { type PostbackBody } from '../rules/reading';

/** Beyond this a body is cut and the verdict is `too_large`. */
export const MAX_BODY_BYTES = 65_536;

/** What Express's and Fastify's requests have in common, and what hosts may have added. */
export interface HostRequest {
  readonly method: string;
  readonly url: string;
  readonly originalUrl?: string;
  /** Fastify's way to Node's request; Express's request is one. */
  readonly raw?: IncomingMessage;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly ip?: string;
  readonly body?: unknown;
  /** Kept by hosts created with `rawBody: true`. */
  readonly rawBody?: Buffer;
}

export interface TakenBody {
  readonly body: PostbackBody | null;
  /** Hex SHA-256 of the whole, where it was cut. */
  readonly sha256: string | null;
}

/** Of a request that is no POST, or an empty one. */
export const NO_BODY: TakenBody = { body: null, sha256: null };

/**
 * The body of a POST: read by us from the stream, which nobody has read before. Where requests do not come from a server's
 * event, as with adapters for functions, it is taken as the host kept it, else as the host's parser made it.
 *
 * @param contentType as the network sent it
 */
export async function takeBody(request: HostRequest, contentType = headerOf(request)): Promise<TakenBody> {
  if (Buffer.isBuffer(request.rawBody)) return fromBytes(request.rawBody, contentType);
  const { body } = request;
  if (Buffer.isBuffer(body)) return fromBytes(body, contentType);
  if (typeof body === 'string') return fromBytes(Buffer.from(body), contentType);
  if (typeof body === 'object' && body !== null) {
    // Express 4 parsers leave {} where they did not read: then the stream is still full.
    if (Object.keys(body).length > 0)
      return fromBytes(Buffer.from(JSON.stringify(bounded(body, 0))), contentType, 'json');
  }
  const stream = request.raw ?? (request as unknown as IncomingMessage);
  return stream.readableEnded || stream.destroyed
    ? NO_BODY
    : fromBytes(await readBounded(stream), contentType);
}

/** Deeper than anything is read: a host's parser nests further than JSON.stringify can follow. */
const MAX_DEPTH = 8;

function bounded(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return null;
  return Array.isArray(value)
    ? value.map((item) => bounded(item, depth + 1))
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bounded(item, depth + 1)]));
}

function fromBytes(bytes: Buffer, contentType: string, known?: PostbackBody['type']): TakenBody {
  if (bytes.length === 0) return NO_BODY;
  const cut = bytes.length > MAX_BODY_BYTES;
  const text = decoded(cut ? bytes.subarray(0, MAX_BODY_BYTES) : bytes);
  return {
    body: { type: known ?? typeOf(contentType, text), text },
    sha256: cut ? createHash('sha256').update(bytes).digest('hex') : null,
  };
}

function typeOf(contentType: string, text: string): PostbackBody['type'] {
  if (/json/i.test(contentType)) return 'json';
  if (/x-www-form-urlencoded/i.test(contentType)) return 'form';
  return /^\s*[{[]/.test(text) ? 'json' : 'form';
}

function headerOf({ headers }: HostRequest): string {
  return String(headers['content-type'] ?? '');
}

/** UTF-8, or byte for byte where it is none: what cannot be read is still kept. */
function decoded(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') && !Buffer.from(text).equals(bytes) ? bytes.toString('latin1') : text;
}

/** Stops keeping bytes at twice the limit, and reads on so that the answer can be sent. */
function readBounded(stream: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      if (length <= 2 * MAX_BODY_BYTES) chunks.push(chunk);
      length += chunk.length;
    });
    stream.once('end', () => {
      resolve(Buffer.concat(chunks));
    });
    stream.once('error', reject);
    stream.once('close', () => {
      resolve(Buffer.concat(chunks));
    });
  });
}
