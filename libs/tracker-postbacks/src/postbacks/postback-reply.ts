import { HTTP_STATUS_OF } from '../rules/codes';
import { messageOf } from '../rules/messages';
import { type PostbackOutcome } from './postback-case';

/** An answer, before the adapter writes it. */
export interface PostbackReply {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The smallest transparent GIF. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** Seconds after which a sender that does retry may try again. */
const RETRY_AFTER = '5';

/** The reply to a verdict as the integration wants it; public replies are English and hold no chat data. */
export function replyOf(outcome: PostbackOutcome): PostbackReply {
  if (outcome.kind !== 'judged') return unknownIntegration();
  const { integration, status: verdict, code, parameter, args, event, conversionId } = outcome;
  const settings = integration.reply ?? { format: 'json' };
  const status = settings.always200 === true ? 200 : HTTP_STATUS_OF[verdict];
  switch (settings.format) {
    case 'empty':
      return { status: status === 200 ? 204 : status, contentType: null, body: '' };
    case 'text':
      return { status, contentType: TEXT_TYPE, body: settings.text ?? 'OK' };
    case 'gif':
      return { status, contentType: 'image/gif', body: PIXEL };
    case 'json':
      return json(status, {
        status: verdict,
        code,
        message: messageOf(code, 'en', args, parameter),
        postbackId: outcome.postbackId,
        // What is undefined is not written.
        event: event ?? undefined,
        conversionId: conversionId ?? undefined,
        warnings: outcome.warnings.map((warning) => ({
          code: warning.code,
          parameter: warning.parameter,
          message: messageOf(warning.code, 'en', warning.args, warning.parameter),
        })),
      });
  }
}

/** 404: nothing is stored for an integration that does not exist. */
export function unknownIntegration(): PostbackReply {
  return json(404, {
    statusCode: 404,
    code: 'integration_unknown',
    message:
      'No integration has this id. Copy the postback URL from the integration again; nothing was stored for this request.',
  });
}

/** 503: nothing could be promised, so nothing is. */
export function unavailable(): PostbackReply {
  return {
    ...json(503, {
      statusCode: 503,
      code: 'storage_unavailable',
      message: 'The postback could not be stored now. Send it again in a few seconds.',
    }),
    headers: { 'Retry-After': RETRY_AFTER },
  };
}

/** 200 and nothing else: a HEAD request asks whether the URL is there. */
export function present(): PostbackReply {
  return { status: 200, contentType: JSON_TYPE, body: '' };
}

/** 204 with what the route takes. */
export function allowedMethods(): PostbackReply {
  return { status: 204, contentType: null, body: '', headers: { Allow: 'GET, HEAD, OPTIONS, POST' } };
}

function json(status: number, body: object): PostbackReply {
  return { status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}
