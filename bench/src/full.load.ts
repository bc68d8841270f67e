import autocannon from 'autocannon';
import { type FullLoadOrder, type LoadResult } from './load.types';
import { postbackTarget } from './postback.address';
import { ReplyTally } from './reply.tally';

/** As many requests as the server answers: each connection sends the next one when it has its reply. */
export async function runFullLoad(order: FullLoadOrder): Promise<LoadResult> {
  const { origin, path, seconds, connections, numbering, expected } = order;
  const tally = new ReplyTally();
  const request: autocannon.Request =
    numbering === null
      ? { path }
      : {
          path,
          setupRequest: (made, context) => {
            context.n = numbering.first + tally.sent;
            made.path = postbackTarget(path, context.n, numbering.clicks);
            tally.request(context.n);
            return made;
          },
          onResponse: (_status, _body, { n }) => {
            if (n !== undefined) tally.answered(n);
          },
        };
  const run = autocannon({
    url: origin,
    connections,
    pipelining: 1,
    duration: seconds,
    timeout: 10,
    requests: [request],
    verifyBody: (body) => {
      const good = body.includes(expected);
      if (!good) tally.unexpected(body);
      return good;
    },
  });
  run.on('response', (_client, status, _bytes, milliseconds) => {
    tally.reply(status, milliseconds);
  });
  const result = await run;
  return tally.result(result.errors, result.duration);
}
