import { BadRequests } from './bad.requests';
import { Random } from './random';
import { RawConnection, type RawOutcome } from './raw.connection';
import { type RawRequest } from './raw.request';

const CONNECTIONS = 24;
const PATIENCE_MS = 10_000;
const SHOWN = 10;
/** What may be answered to a request that is no postback, or a bad one: docs/reliability.md names each. */
const DOCUMENTED: ReadonlySet<number> = new Set([200, 204, 400, 403, 404, 405, 408, 413, 414, 415, 417, 431]);

export interface BadOrder {
  readonly origin: string;
  readonly integrationId: string;
  readonly clickIds: readonly string[];
  readonly requests: number;
  readonly seed: number;
}

export interface BadReport {
  readonly requests: number;
  /** Answers by status; `closed` for connections that were closed without a word. */
  readonly answers: Readonly<Record<string, number>>;
  /** Ids of postbacks that senders were told of. */
  readonly postbackIds: readonly string[];
  /** What must not happen, with the request; the first of each run. */
  readonly faults: readonly string[];
  readonly faultCount: number;
}

/** Sends bad requests over several connections and looks at every answer. */
export async function runBadRequests(order: BadOrder): Promise<BadReport> {
  const answers: Record<string, number> = {};
  const postbackIds: string[] = [];
  const faults: string[] = [];
  let faultCount = 0;
  let left = order.requests;

  const look = (request: RawRequest, outcome: RawOutcome): void => {
    const name = outcome.kind === 'reply' ? String(outcome.reply.status) : outcome.kind;
    answers[name] = (answers[name] ?? 0) + 1;
    const fault = faultOf(request, outcome);
    if (fault !== null) {
      faultCount += 1;
      if (faults.length < SHOWN) faults.push(`${fault}: ${shown(request.bytes)}`);
    }
    if (outcome.kind !== 'reply') return;
    const id = /"postbackId":"([0-9a-f-]{36})"/.exec(outcome.reply.body)?.[1];
    if (id !== undefined && outcome.reply.status === 200) postbackIds.push(id);
  };
  const worker = async (number: number): Promise<void> => {
    const requests = new BadRequests(new Random(order.seed + number), order.integrationId, order.clickIds);
    const connection = new RawConnection(Number(new URL(order.origin).port), PATIENCE_MS);
    while (left-- > 0) {
      const request = requests.draw();
      look(request, await connection.ask(request));
    }
    connection.drop();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => worker(number)));
  return { requests: order.requests, answers, postbackIds, faults, faultCount };
}

function faultOf({ isCutOff }: RawRequest, outcome: RawOutcome): string | null {
  switch (outcome.kind) {
    case 'silent':
      return 'no answer in time';
    case 'refused':
      return 'nobody listens any more';
    case 'closed':
      return isCutOff ? null : 'closed without an answer';
    case 'reply':
      return DOCUMENTED.has(outcome.reply.status) ? null : `answered ${outcome.reply.status}`;
  }
}

function shown(bytes: Buffer): string {
  return JSON.stringify(bytes.subarray(0, 400).toString('latin1'));
}
