import { setTimeout as wait } from 'node:timers/promises';
import { type Receipt } from '../app/app.types';
import { NATS_HANDLER, RABBIT_HANDLER } from '../app/broker.clients';
import { ENGINES } from '../engines/proof.database';
import { type BrokerServer, startNats, startRabbit } from '../servers/broker.servers';
import { createStream, natsEventIds, rabbitEventIds } from './broker.messages';
import { judgedFigures } from './judged.figures';
import { NotRunHereError, type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { Scene } from './scene';

const RATE = 40;
const BETWEEN_MS = 3_000;
const AWAY_MS = 2_000;
/** Attempts meet a broker that is away: they come back soon after it. */
const EVENTS = { handlerTimeoutMs: 5_000, retryDelayMs: 200, pollIntervalMs: 200 };

/** Brokers are killed and started again while events are handed to them. */
export const brokersProof: Proof = {
  name: 'brokers',
  title: 'NATS and RabbitMQ killed and started again during hand-over',
  engines: ENGINES,
  unit: 'restarts of each',
  defaultRuns: 5,
  run,
};

async function run(plan: ProofPlan): Promise<ProofResult> {
  const [nats, rabbit] = [await startNats(), await startRabbit()];
  const brokers = [nats, rabbit].filter((broker) => broker !== null);
  try {
    if (nats === null) plan.say('SKIPPED: nats-server is not installed');
    if (rabbit === null) plan.say('SKIPPED: rabbitmq-server is not installed');
    if (brokers.length === 0)
      throw new NotRunHereError('neither nats-server nor rabbitmq-server is installed.');
    return await throughRestarts(plan, nats, rabbit);
  } finally {
    await Promise.all(brokers.map((broker) => broker.stop()));
  }
}

async function throughRestarts(
  { engine, adapter, runs, seed, say }: ProofPlan,
  nats: BrokerServer | null,
  rabbit: BrokerServer | null,
): Promise<ProofResult> {
  const scene = await Scene.open({ engine });
  try {
    if (nats !== null) await createStream(nats.url);
    const brokers = { nats: nats?.url ?? null, rabbit: rabbit?.url ?? null };
    const app = await scene.startApp({ adapter, brokers, events: EVENTS });
    const target = await scene.prepare(app, 40);
    await scene.beginLoad({
      ...target,
      origins: [app.origin],
      seed,
      connections: 8,
      rate: RATE,
      requests: null,
    });
    for (let restart = 1; restart <= runs; restart++) {
      say(`restart ${restart} of ${runs}`);
      await wait(BETWEEN_MS);
      for (const broker of [nats, rabbit]) {
        await broker?.kill();
        await wait(AWAY_MS);
        await broker?.resume();
      }
    }
    await wait(BETWEEN_MS);
    await scene.finishLoad('stop');
    await scene.registerForeign(app);
    await scene.settle();
    const judgement = await scene.judge({ receipts: await consumed(nats, rabbit) });
    const arrived = (handler: string): number =>
      judgement.evidence.receipts.filter((receipt) => receipt.handler === handler && receipt.kind === 'end')
        .length;
    return {
      figures: {
        'restarts of each': runs,
        'events in NATS': nats === null ? 'not run' : arrived(NATS_HANDLER),
        'events in RabbitMQ': rabbit === null ? 'not run' : arrived(RABBIT_HANDLER),
        ...judgedFigures(judgement),
      },
      faults: judgement.faults,
    };
  } finally {
    await scene.close();
  }
}

/** What consumers would have got: the first arrival of each event, in the order of arrival. */
async function consumed(nats: BrokerServer | null, rabbit: BrokerServer | null): Promise<readonly Receipt[]> {
  return [
    ...(nats === null ? [] : receiptsOf(NATS_HANDLER, await natsEventIds(nats.url))),
    ...(rabbit === null ? [] : receiptsOf(RABBIT_HANDLER, await rabbitEventIds(rabbit.url))),
  ];
}

function receiptsOf(handler: string, ids: readonly string[]): readonly Receipt[] {
  return [...new Set(ids)].flatMap((eventId, index) =>
    (['begin', 'end'] as const).map((kind, step) => ({
      kind,
      handler,
      eventId,
      clickId: null,
      attempt: 1,
      process: handler,
      pid: 0,
      at: String(2 * index + step),
      time: 0,
    })),
  );
}
