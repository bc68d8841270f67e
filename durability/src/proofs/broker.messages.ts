import { connect as connectRabbit } from 'amqplib';
import { RABBIT_QUEUE } from '../app/broker.clients';

const STREAM = 'PROOF';

interface Envelope {
  readonly data: { readonly id: string };
}

/** A stream on disk that keeps what is handed over. */
export async function createStream(url: string): Promise<void> {
  await withNats(url, async (api) => {
    await api(`STREAM.CREATE.${STREAM}`, { name: STREAM, subjects: ['proof.>'], storage: 'file' });
  });
}

/** Ids of all events in the stream, in the order they came; some more than once. */
export async function natsEventIds(url: string): Promise<readonly string[]> {
  return withNats(url, async (api) => {
    const info = await api(`STREAM.INFO.${STREAM}`, {});
    const { last_seq: last } = info['state'] as { readonly last_seq: number };
    const ids: string[] = [];
    for (let seq = 1; seq <= last; seq++) {
      const { message } = (await api(`STREAM.MSG.GET.${STREAM}`, { seq })) as { message: { data: string } };
      ids.push(idIn(Buffer.from(message.data, 'base64').toString('utf8')));
    }
    return ids;
  });
}

/** Ids of all events in the queue, in the order they came; some more than once. */
export async function rabbitEventIds(url: string): Promise<readonly string[]> {
  const connection = await connectRabbit(url);
  try {
    const channel = await connection.createChannel();
    const ids: string[] = [];
    for (;;) {
      const message = await channel.get(RABBIT_QUEUE, { noAck: true });
      if (message === false) return ids;
      ids.push(idIn(message.content.toString('utf8')));
    }
  } finally {
    await connection.close();
  }
}

type Api = (verb: string, body: object) => Promise<Record<string, unknown>>;

async function withNats<T>(url: string, work: (api: Api) => Promise<T>): Promise<T> {
  const { connect } = await import('@nats-io/transport-node');
  const connection = await connect({ servers: url });
  try {
    return await work(async (verb, body) => {
      const reply = await connection.request(`$JS.API.${verb}`, JSON.stringify(body), { timeout: 10_000 });
      const answer = reply.json<Record<string, unknown>>();
      if (answer['error'] !== undefined) throw new Error(`${verb}: ${JSON.stringify(answer['error'])}`);
      return answer;
    });
  } finally {
    await connection.close();
  }
}

function idIn(text: string): string {
  return (JSON.parse(text) as Envelope).data.id;
}
