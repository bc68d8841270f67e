import { type IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { PUBLIC_ROUTE, PublicAddress } from '../integrations/public-address';
import { PUBLIC_PATH } from '../tracker-postbacks.constants';

/** What the network really sent. */
export interface OriginalTarget {
  readonly target: string;
  /** The event segment, still encoded; null when there is none. */
  readonly pathEvent: string | null;
  /** Empty when none was sent. */
  readonly contentType: string;
}

/** Kept on the request itself: every collection of young garbage walks the whole of a WeakMap. */
const ORIGINAL = Symbol('original target');

interface Straightened {
  [ORIGINAL]?: OriginalTarget;
}

/** What adapters and parsers tell by that a request has a body, and of which type. */
const OF_A_BODY = ['content-type', 'content-length', 'transfer-encoding'];

const OURS = /tracker-postback|%/i;
const PLAIN_EVENT = /^[\w.-]{1,64}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LOWER_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UUID_LENGTH = 36;
const ROUTE_END = `/${PUBLIC_ROUTE}`;

/**
 * Takes postbacks out of the hands of routers and body parsers, by one listener before the adapter's own. The variants
 * of our path that networks send (doubled and trailing slashes, another case, an event that a router would refuse) are
 * put straight in `req.url`: a Nest middleware is not reached by `//`, and Fastify answers 414 to a parameter of 101
 * characters. A POST is shown without the headers of its body, so that none of the host's parsers reads it before us:
 * Fastify refuses types and keys that Express takes, and before 5.12 every text that is not UTF-8; parsers of forms and
 * JSON round numbers, merge keys and give up past a thousand of them. Nobody else's route is touched.
 */
@Injectable()
export class RouteVariants implements OnModuleInit {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(PublicAddress) private readonly address: PublicAddress,
  ) {}

  onModuleInit(): void {
    const server = (this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | undefined)?.getHttpServer() as
      | { prependListener?: (event: 'request', listener: (request: IncomingMessage) => void) => void }
      | undefined;
    server?.prependListener?.('request', (request) => {
      this.straighten(request);
    });
  }

  originalOf(request: object): OriginalTarget | undefined {
    return (request as Straightened)[ORIGINAL];
  }

  private straighten(request: IncomingMessage & Straightened): void {
    const target = request.url ?? '';
    // The plain case is told apart by one look; an encoded one has to be decoded first.
    if (!OURS.test(target)) return;
    const straight = straightened(target, this.address.path());
    if (straight === null) return;
    const contentType = request.headers['content-type'] ?? '';
    request[ORIGINAL] = { target, pathEvent: straight.pathEvent, contentType };
    request.url = straight.url;
    if (request.method === 'POST')
      for (const name of OF_A_BODY) Reflect.deleteProperty(request.headers, name);
  }
}

/**
 * Our own path as the router wants it; null when it is somebody else's.
 *
 * @param prefix what stands before our path in this application, without slashes around it
 */
export function straightened(
  target: string,
  prefix: string,
): { readonly url: string; readonly pathEvent: string | null } | null {
  const mark = target.indexOf('?');
  if (isStraight(mark < 0 ? target : target.slice(0, mark), prefix)) return { url: target, pathEvent: null };
  // A proxy may send the absolute form (RFC 9112, 3.2.2).
  const path = (mark < 0 ? target : target.slice(0, mark)).replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
  const segments = path.split('/').filter((segment) => segment !== '');
  const plain = segments.map(decoded);
  const at = plain.lastIndexOf(PUBLIC_ROUTE);
  const [id, event] = [plain[at - 1], segments[at + 1]];
  if (id === undefined || plain[at - 2] !== PUBLIC_PATH || segments.length > at + 2) {
    return null;
  }
  const before = plain.slice(0, at - 2).join('/');
  if (before !== prefix.toLowerCase()) return null;
  const straight = [
    '',
    ...prefix.split('/').filter((part) => part !== ''),
    PUBLIC_PATH,
    // An id that is no UUID is unknown on every adapter, whatever its router thinks of its encoding or length.
    UUID.test(id) ? id : 'unknown',
    PUBLIC_ROUTE,
    ...(event !== undefined && PLAIN_EVENT.test(event) ? [event] : []),
  ];
  return { url: straight.join('/') + (mark < 0 ? '' : target.slice(mark)), pathEvent: event ?? null };
}

/** The path as we hand it out, which is how nearly every network calls it. */
function isStraight(path: string, prefix: string): boolean {
  const start = prefix === '' ? `/${PUBLIC_PATH}/` : `/${prefix}/${PUBLIC_PATH}/`;
  const end = start.length + UUID_LENGTH;
  return (
    path.startsWith(start) &&
    path.startsWith(ROUTE_END, end) &&
    path.length === end + ROUTE_END.length &&
    LOWER_UUID.test(path.slice(start.length, end))
  );
}

/** Lower case, with letters that were percent-encoded without need. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment).toLowerCase();
  } catch {
    return segment.toLowerCase();
  }
}
