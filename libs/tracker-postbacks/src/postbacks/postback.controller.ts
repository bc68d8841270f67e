import { type ServerResponse } from 'node:http';
import { Controller, Get, Inject, Options, Post, Req, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TrackerMeter } from '../metrics/meter';
import { PUBLIC_PATH } from '../tracker-postbacks.constants';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { GracefulClose } from './graceful-close';
import { IntakeService } from './intake.service';
import { IntakeUnavailableError } from './intake.errors';
import { ApiPostback, ApiPostbackOptions } from './postback.openapi';
import {
  allowedMethods,
  type PostbackReply,
  present,
  replyOf,
  unavailable,
  unknownIntegration,
} from './postback-reply';
import { type HostRequest, NO_BODY, takeBody } from './raw-request';
import { RouteVariants } from './route-variants';

/** Fastify's reply, as far as it differs from Node's response, which Express's is. */
interface FastifyReply {
  readonly raw: ServerResponse;
  code(status: number): this;
  header(name: string, value: string): this;
  send(payload?: string | Buffer): unknown;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Every reply: it is about one request, and no sender should guess what it is. */
const FIXED_HEADERS = [
  ['Cache-Control', 'no-store'],
  ['X-Content-Type-Options', 'nosniff'],
] as const;

/**
 * The URL that networks call. It answers through the raw response: a host's pipe, interceptor or serializer must not
 * reach it, and Fastify answers 500 when an interceptor wraps what is sent here.
 */
@ApiTags('Postbacks (public)')
@Controller({ path: PUBLIC_PATH, version: VERSION_NEUTRAL })
export class TrackerPostbackController {
  constructor(
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(RouteVariants) private readonly variants: RouteVariants,
    @Inject(GracefulClose) private readonly closing: GracefulClose,
    @Inject(TrackerMeter) private readonly meter: TrackerMeter,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  @ApiPostback('get', false)
  @Get(':integrationId/tracker-postback')
  get(@Req() request: HostRequest, @Res() response: unknown): Promise<void> {
    return this.receive(request, response);
  }

  @ApiPostback('get', true)
  @Get(':integrationId/tracker-postback/:event')
  getEvent(@Req() request: HostRequest, @Res() response: unknown): Promise<void> {
    return this.receive(request, response);
  }

  @ApiPostback('post', false)
  @Post(':integrationId/tracker-postback')
  post(@Req() request: HostRequest, @Res() response: unknown): Promise<void> {
    return this.receive(request, response);
  }

  @ApiPostback('post', true)
  @Post(':integrationId/tracker-postback/:event')
  postEvent(@Req() request: HostRequest, @Res() response: unknown): Promise<void> {
    return this.receive(request, response);
  }

  @ApiPostbackOptions(false)
  @Options(':integrationId/tracker-postback')
  options(@Res() response: unknown): void {
    send(response, allowedMethods());
  }

  @ApiPostbackOptions(true)
  @Options(':integrationId/tracker-postback/:event')
  optionsEvent(@Res() response: unknown): void {
    send(response, allowedMethods());
  }

  private async receive(request: HostRequest, response: unknown): Promise<void> {
    this.closing.enter();
    try {
      // The GET handler runs for HEAD too; a link checker must not record a conversion.
      const reply = request.method === 'HEAD' ? present() : await this.replyTo(request);
      send(response, this.closing.isClosing ? lastOn(reply) : reply);
    } finally {
      this.closing.leave();
    }
  }

  private async replyTo(request: HostRequest): Promise<PostbackReply> {
    const receivedAt = this.clock.now();
    const integrationId = (request.params['integrationId'] ?? '').toLowerCase();
    if (!UUID.test(integrationId)) return unknownIntegration();
    const original = this.variants.originalOf(request.raw ?? request);
    try {
      const { body, sha256 } =
        request.method === 'POST' ? await takeBody(request, original?.contentType) : NO_BODY;
      const outcome = await this.intake.accept({
        integrationId,
        method: request.method,
        request: {
          target: original?.target ?? request.originalUrl ?? request.url,
          pathEvent: original === undefined ? (request.params['event'] ?? null) : original.pathEvent,
          body,
        },
        rawSha256: sha256,
        headerSecret: textHeader(request, 'x-tracker-key'),
        address: request.ip?.slice(0, 64) ?? null,
        forwardedFor: textHeader(request, 'x-forwarded-for')?.slice(0, 255) ?? null,
        receivedAt,
      });
      if (outcome.kind === 'judged') this.meter.answered(outcome.status, outcome.code);
      else this.meter.answered('unknown_integration', 'integration_unknown');
      return replyOf(outcome);
    } catch (error) {
      if (!(error instanceof IntakeUnavailableError)) throw error;
      this.meter.answered('unavailable', error.code);
      return unavailable();
    }
  }
}

function textHeader(request: HostRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value?.join(', ') ?? null);
}

function send(response: unknown, { status, contentType, body, headers }: PostbackReply): void {
  if (isFastify(response)) {
    response.code(status);
    for (const [name, value] of FIXED_HEADERS) response.header(name, value);
    if (contentType !== null) response.header('Content-Type', contentType);
    if (headers !== undefined)
      for (const [name, value] of Object.entries(headers)) response.header(name, value);
    response.send(contentType === null ? undefined : body);
    return;
  }
  const node = response as ServerResponse;
  const all = {
    ...Object.fromEntries(FIXED_HEADERS),
    ...(contentType === null ? {} : { 'Content-Type': contentType }),
    ...headers,
  };
  node.writeHead(status, status === 204 ? all : { ...all, 'Content-Length': Buffer.byteLength(body) });
  node.end(body);
}

/** The connection ends with it, so that the sender does not use one that is about to be closed. */
function lastOn(reply: PostbackReply): PostbackReply {
  return { ...reply, headers: { ...reply.headers, Connection: 'close' } };
}

function isFastify(response: unknown): response is FastifyReply {
  return typeof (response as Partial<FastifyReply>).code === 'function' && 'raw' in (response as object);
}
