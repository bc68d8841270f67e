import { setTimeout as wait } from 'node:timers/promises';
import { type ChatView } from './chats/chat.dto';
import { DemoClient } from './demo/demo.client';
import { DEMO_SCRIPT } from './demo/demo.script';
import { textTable } from './demo/text.table';
import { readRunning } from './running.file';
import { readDataFolder } from './sample.config';

const PATIENCE_MS = 15_000;

async function run(): Promise<void> {
  const client = connect();
  const integrationId = await client.demoIntegrationId();
  const chatId = await client.newChat('Demo lead');
  const clickId = await client.newClick(chatId);
  const before = await client.chat(chatId);
  console.log(`\nChat ${chatId}, click id ${clickId}\n`);

  const rows: string[][] = [];
  let accepted = 0;
  for (const [index, { label, query }] of DEMO_SCRIPT.entries()) {
    const { http, status, code, message } = await client.fire(integrationId, query(clickId));
    if (status === 'accepted') accepted++;
    rows.push([String(index + 1), label, String(http), status, code, message]);
  }
  console.log(textTable(['#', 'postback', 'HTTP', 'status', 'code', 'message'], rows));

  const after = await chatWith(client, chatId, accepted);
  console.log(`\n${textTable(['chat', 'before', 'after'], compare(before, after))}\n`);
  const lines = after.history.map(({ at, type, text }) => [at, type, text]);
  console.log(`${textTable(['history', 'type', 'text'], lines)}\n`);
}

function connect(): DemoClient {
  const running = readRunning(readDataFolder(process.env));
  const baseUrl = process.env['BASE_URL'] || running?.baseUrl;
  const adminToken = process.env['ADMIN_TOKEN'] || running?.adminToken;
  if (baseUrl !== undefined && adminToken !== undefined) {
    return new DemoClient(baseUrl.replace(/\/+$/, ''), adminToken);
  }
  throw new Error(
    'The sample does not run here. Start it with `npm start`, or set BASE_URL and ADMIN_TOKEN.',
  );
}

/** Handlers run after the reply: looks until the chat's history has that many lines. */
async function chatWith(client: DemoClient, chatId: string, lines: number): Promise<ChatView> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const chat = await client.chat(chatId);
    if (chat.history.length >= lines) return chat;
    if (Date.now() > deadline) {
      throw new Error(
        `The chat has ${chat.history.length} of ${lines} history lines after ${PATIENCE_MS} ms.`,
      );
    }
    await wait(50);
  }
}

function compare(before: ChatView, after: ChatView): string[][] {
  const facts: readonly (readonly [string, (chat: ChatView) => string])[] = [
    ['status', ({ status }) => status],
    ['deposits', ({ deposits }) => String(deposits)],
    [
      'balance',
      ({ balance }) => balance.map(({ amount, currency }) => `${amount} ${currency ?? '?'}`).join(', '),
    ],
    [
      'custom fields',
      ({ customFields }) =>
        Object.entries(customFields)
          .map(([key, value]) => `${key}=${value}`)
          .join(', '),
    ],
    ['history', ({ history }) => `${history.length} lines`],
  ];
  return facts.map(([name, read]) => [name, read(before) || '–', read(after) || '–']);
}

run().catch((error: unknown) => {
  const cause = error instanceof TypeError ? ' Is the sample running? Start it with `npm start`.' : '';
  console.error(`${error instanceof Error ? error.message : String(error)}.${cause}`.replace('..', '.'));
  process.exitCode = 1;
});
