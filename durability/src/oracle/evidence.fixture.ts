import { type Receipt } from '../app/app.types';
import { type AnswerRecord, type SentRecord } from '../load/load.types';
import {
  type ConversionFact,
  type DeliveryFact,
  type EventFact,
  type Evidence,
  type PostbackFact,
} from './facts';

/** A small honest world that an oracle's spec falsifies in one place. */
export interface World {
  sent: SentRecord[];
  answers: AnswerRecord[];
  postbacks: PostbackFact[];
  conversions: ConversionFact[];
  events: EventFact[];
  deliveries: DeliveryFact[];
  receipts: Receipt[];
}

const HANDLERS = [
  { name: 'everything', events: ' * ' },
  { name: 'deposits', events: ' sale resale ' },
];

/** Two clicks with three deposits each and a duplicate; everything stored, delivered and in order. */
export function honestWorld(): World {
  const world: World = {
    sent: [],
    answers: [],
    postbacks: [],
    conversions: [],
    events: [],
    deliveries: [],
    receipts: [],
  };
  let n = 0;
  let time = 0;
  for (const clickId of ['a', 'b']) {
    for (const ordinal of [1, 2, 3]) {
      n += 1;
      const tid = `t${ordinal}`;
      add(world, { n, clickId, tid, status: 'accepted', conversionId: `c${n}` });
      world.conversions.push({
        id: `c${n}`,
        integrationId: 'i',
        clickId,
        event: 'resale',
        ordinal,
        tid,
        postbackId: `p${n}`,
        reversed: false,
      });
      world.events.push({
        id: `e${n}`,
        seq: BigInt(n),
        name: 'resale',
        ordinal,
        clickSeq: clickId,
        conversionId: `c${n}`,
        postbackId: `p${n}`,
        createdAt: 0,
      });
      for (const { name: handler } of HANDLERS) {
        world.deliveries.push({ eventId: `e${n}`, handler, status: 'done', attempts: 1 });
        for (const kind of ['begin', 'end'] as const) {
          world.receipts.push(receipt(kind, handler, `e${n}`, ++time));
        }
      }
    }
    n += 1;
    add(world, { n, clickId, tid: 't1', status: 'duplicate', conversionId: `c${n - 3}` });
  }
  return world;
}

export function receipt(kind: Receipt['kind'], handler: string, eventId: string, time: number): Receipt {
  return {
    kind,
    handler,
    eventId,
    clickId: null,
    attempt: 1,
    process: 'app',
    pid: 1,
    at: String(time),
    time,
  };
}

function add(
  { sent, answers, postbacks }: World,
  of: { n: number; clickId: string; tid: string; status: string; conversionId: string },
): void {
  const { n, clickId, tid, status, conversionId } = of;
  const code = status === 'accepted' ? 'ok' : 'same_transaction';
  sent.push({ kind: 'sent', n, clickId, event: 'resale', tid });
  answers.push({
    kind: 'answer',
    n,
    http: 200,
    error: null,
    at: 0,
    milliseconds: 1,
    status,
    code,
    postbackId: `p${n}`,
    conversionId,
  });
  postbacks.push({ id: `p${n}`, n, status, code, event: 'resale', clickId, conversionId });
}

export function evidenceOf(world: World): Evidence {
  return {
    testimony: { sent: world.sent, answers: world.answers },
    receipts: world.receipts,
    facts: {
      clickIds: new Set(['a', 'b']),
      postbacks: world.postbacks,
      conversions: world.conversions,
      events: world.events,
      deliveries: world.deliveries,
      handlers: HANDLERS,
    },
  };
}
