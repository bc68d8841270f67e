import { type SampleConfig } from './sample.config';
import { type Trial } from './demo/demo.service';

const RULE = '─'.repeat(100);

/** What a newcomer needs to go on, as one block. */
export function startReport(config: SampleConfig, database: string, trial: Trial): string {
  const base = localUrl(config);
  const token = config.adminToken;
  const widest = Math.max(...trial.postbacks.map(({ name }) => name.length));
  const postback =
    `${base}/api/postbacks/${trial.integrationId}/tracker-postback?tracker.event=sale&clickid=${trial.clickId}` +
    `&tracker.cost=12.50&tracker.currency=usd&tracker.tid=try-1&fields.user_id=5`;
  return [
    '',
    RULE,
    `  Sample CRM on ${base} (${config.httpAdapter})`,
    '',
    `  Swagger UI    ${base}/docs`,
    `  Admin token   ${token}`,
    `  Database      ${database}`,
    '',
    '  Postback URLs of the integration "Demo 1win", to paste into the network:',
    ...trial.postbacks.map(({ name, url }) => `    ${name.padEnd(widest)}  ${url}`),
    '',
    `  Try it: a first deposit for the chat ${trial.chatId} (click id ${trial.clickId}):`,
    '',
    `curl "${postback}"`,
    '',
    '  and what it did to the chat:',
    '',
    `curl -H "Authorization: Bearer ${token}" ${base}/api/chats/${trial.chatId}`,
    '',
    '  More of it: npm run demo. Ctrl-C stops.',
    RULE,
    '',
  ].join('\n');
}

export function localUrl({ port }: SampleConfig): string {
  return `http://127.0.0.1:${port}`;
}
