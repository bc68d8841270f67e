import { Agent, get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type LoadResult, type PacedLoadOrder } from './load.types';
import { postbackTarget } from './postback.address';
import { ReplyTally } from './reply.tally';

const REPLY_TIMEOUT_MS = 10_000;

/**
 * Requests at even distances, whether or not earlier ones were answered. Autocannon's own rate limit sends each
 * second's requests in one burst at its beginning.
 */
export async function runPacedLoad(order: PacedLoadOrder): Promise<LoadResult> {
  const { origin, path, seconds, rate, numbering, expected } = order;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const tally = new ReplyTally();
  const open = new Set<Promise<void>>();
  let errors = 0;
  const begin = performance.now();
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - begin) {
    while (tally.sent < (elapsed / 1000) * rate) {
      const n = (numbering?.first ?? 0) + tally.sent;
      const target = numbering === null ? path : postbackTarget(path, n, numbering.clicks);
      tally.request(n);
      const asked = performance.now();
      const request = fetchText(agent, origin + target)
        .then(({ status, body }) => {
          tally.reply(status, performance.now() - asked);
          tally.answered(n);
          if (!body.includes(expected)) tally.unexpected(body);
        })
        .catch(() => {
          errors += 1;
        })
        .finally(() => open.delete(request));
      open.add(request);
    }
    await wait(1);
  }
  await Promise.all(open);
  agent.destroy();
  return tally.result(errors, seconds);
}

function fetchText(agent: Agent, url: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: REPLY_TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body });
      });
      response.once('error', reject);
    });
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', reject);
  });
}
