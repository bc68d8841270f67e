import { type INestApplication } from '@nestjs/common';
import { TrackerClicks, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { answerQuestions } from '../processes/child.questions';
import { type AppAddress, type AppOrder, type Target } from './app.types';
import { Gate } from './gate';
import { startHost } from './host.application';
import { migrate } from './host.data-source';
import { RequestWitness } from './request.witness';
import { runHostTransactions } from './host.transactions';
import { StallWitness } from './stall';
import { watchProcess } from './vigilance';

const REGISTERED_AT_ONCE = 1_000;
const stall = new StallWitness();
const requests = new RequestWitness();
let app: INestApplication | undefined;

async function start(order: AppOrder): Promise<AppAddress> {
  app = await startHost(order);
  stall.watch(app);
  requests.watch(app);
  return { origin: await app.getUrl() };
}

/** An integration and clicks of chats of their own. */
async function prepare({ clicks }: { readonly clicks: number }): Promise<Target> {
  const integration = await running().get(TrackerIntegrations).create({ name: 'Proof', network: 'custom' });
  const clickIds = Array.from({ length: clicks }, (_, n) => `${integration.id.slice(0, 8)}-${n}`);
  await register(clickIds);
  return { integrationId: integration.id, clickIds };
}

async function register(clickIds: readonly string[]): Promise<void> {
  for (let from = 0; from < clickIds.length; from += REGISTERED_AT_ONCE) {
    const some = clickIds.slice(from, from + REGISTERED_AT_ONCE);
    await running()
      .get(TrackerClicks)
      .register({ clicks: some.map((clickId) => ({ clickId, chatId: `chat-${clickId}` })) });
  }
}

/** Stops gracefully; the process stays and can be asked what it saw. */
async function close(): Promise<void> {
  const closing = app;
  app = undefined;
  await closing?.close();
}

function running(): INestApplication {
  if (app === undefined) throw new Error('The application does not run.');
  return app;
}

watchProcess();
answerQuestions(
  {
    migrate,
    start,
    prepare,
    register,
    close,
    openGate: () => {
      running().get(Gate).release();
    },
    holdWrites: () => {
      stall.holdWrites();
    },
    releaseWrites: () => {
      stall.releaseWrites();
    },
    stallCounts: () => stall.counts(),
    seen: () => requests.seen(),
    hostTransactions: (milliseconds: number) => runHostTransactions(running(), milliseconds),
  },
  close,
);
