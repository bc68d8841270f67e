import { type IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { PUBLIC_ROUTE } from '../integrations/public-address';
import { PUBLIC_PATH } from '../tracker-postbacks.constants';

/** What the network really asked for, where the path had to be put straight. */
export interface OriginalTarget {
  readonly target: string;
  /** The event segment, still encoded; null when there is none. */
  readonly pathEvent: string | null;
}

const OURS = /tracker-postback/i;
const PLAIN_EVENT = /^[\w.-]{1,64}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Makes the variants of our own path that networks send (doubled and trailing slashes, another case, an event that the
 * adapter's router would refuse) reach the route on every adapter. It rewrites `req.url` of our route only, before the
 * adapter sees it: a Nest middleware is not reached by `//`, and Fastify answers 414 to a parameter of 101 characters.
 */
@Injectable()
export class RouteVariants implements OnModuleInit {
  private readonly originals = new WeakMap<object, OriginalTarget>();

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
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
    return this.originals.get(request);
  }

  private straighten(request: IncomingMessage): void {
    const target = request.url ?? '';
    if (request.method === 'POST' && OURS.test(target)) withReadableType(request);
    const straight = straightened(target, this.application.getGlobalPrefix().replace(/^\/+|\/+$/g, ''));
    if (straight === null) return;
    this.originals.set(request, { target, pathEvent: straight.pathEvent });
    request.url = straight.url;
  }
}

/** Fastify answers 415 to a body of any other type before a route is reached, and with it to the query. */
const READABLE_TYPE =
  /^\s*(application\/([\w.+-]+\+)?json|application\/x-www-form-urlencoded|text\/plain)\s*(;|$)/i;

function withReadableType({ headers }: IncomingMessage): void {
  if (!READABLE_TYPE.test(headers['content-type'] ?? '')) headers['content-type'] = 'text/plain';
}

/**
 * The path as the router wants it; null when it is not ours or already straight.
 *
 * @param prefix the host's global prefix, without slashes around it
 */
export function straightened(
  target: string,
  prefix: string,
): { readonly url: string; readonly pathEvent: string | null } | null {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (!OURS.test(path)) return null;
  // A proxy may send the absolute form (RFC 9112, 3.2.2).
  const segments = path
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '')
    .split('/')
    .filter((segment) => segment !== '');
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === PUBLIC_ROUTE);
  const [before, id, event] = [segments.slice(0, Math.max(0, at - 2)), segments[at - 1], segments[at + 1]];
  if (id === undefined || segments[at - 2]?.toLowerCase() !== PUBLIC_PATH || segments.length > at + 2)
    return null;
  const asked = before.join('/');
  const straight = [
    '',
    ...(asked.toLowerCase() === prefix.toLowerCase() ? prefix.split('/') : before).filter(
      (part) => part !== '',
    ),
    PUBLIC_PATH,
    // An id that is no UUID is unknown on every adapter, whatever its router thinks of its encoding or length.
    UUID.test(id) ? id : 'unknown',
    PUBLIC_ROUTE,
    ...(event !== undefined && PLAIN_EVENT.test(event) ? [event] : []),
  ].join('/');
  return straight === path
    ? null
    : { url: straight + (mark < 0 ? '' : target.slice(mark)), pathEvent: event ?? null };
}
