import { type Receipt } from '../app/app.types';
import { type EventFact, type Evidence, type Fault, type HandlerFact } from './facts';

export interface DeliveryExpectation {
  /** Nothing crashed: each handler is called once for each event, and no more. */
  readonly exactlyOnce: boolean;
  /** Handlers whose deliveries may be parked: they never succeed. */
  readonly mayPark?: readonly string[];
  /** Handlers that are not asked how often they were called. */
  readonly faulty?: readonly string[];
}

/** Every event reached every handler that wants it. */
export function checkDeliveries(
  { facts, receipts }: Evidence,
  { exactlyOnce, mayPark = [], faulty = [] }: DeliveryExpectation,
): readonly Fault[] {
  const begun = countBy(receipts, 'begin');
  const ended = countBy(receipts, 'end');
  const status = new Map(facts.deliveries.map((row) => [`${row.handler} ${row.eventId}`, row.status]));
  const faults: Fault[] = [];
  const wanted = new Set<string>();
  for (const event of facts.events) {
    for (const handler of facts.handlers.filter((candidate) => wants(candidate, event))) {
      const key = `${handler.name} ${event.id}`;
      wanted.add(key);
      const stored = status.get(key);
      // A handler that ended each time, and whose process died each time before that was noted, has had its event.
      const isParked = stored === 'parked' && (mayPark.includes(handler.name) || ended.has(key));
      if (stored === undefined) {
        faults.push({ kind: 'undelivered', text: `${key} ("${event.name}") has no delivery` });
      } else if (stored !== 'done' && !isParked) {
        faults.push({ kind: 'undelivered', text: `${key} ("${event.name}") is still ${stored}` });
      }
      if (!ended.has(key) && !isParked) {
        faults.push({ kind: 'undelivered', text: `${key} ("${event.name}") was never received` });
      }
      const times = begun.get(key) ?? 0;
      if (exactlyOnce && times > 1 && !faulty.includes(handler.name)) {
        faults.push({ kind: 'doubled', text: `${key} ("${event.name}") was received ${times} times` });
      }
    }
  }
  for (const key of begun.keys()) {
    if (!wanted.has(key)) faults.push({ kind: 'wrong', text: `${key} was received and was never recorded` });
  }
  return faults;
}

/** Events of one click reach one handler one after another, in the order they were recorded. */
export function checkOrder(
  { facts, receipts }: Evidence,
  { mayPark = [], faulty = [] }: Omit<DeliveryExpectation, 'exactlyOnce'>,
): readonly Fault[] {
  const events = new Map(facts.events.map((event) => [event.id, event]));
  const parked = new Set(
    facts.deliveries.flatMap((row) => (row.status === 'parked' ? [`${row.handler} ${row.eventId}`] : [])),
  );
  return facts.handlers.flatMap(({ name }) => {
    const own = receipts
      .filter(({ handler }) => handler === name)
      .map((receipt) => ({ ...receipt, time: BigInt(receipt.at), event: events.get(receipt.eventId) }))
      .toSorted((a, b) => (a.time < b.time ? -1 : 1));
    const lanes = new Map<string, Lane>();
    const faults: Fault[] = [];
    for (const { kind, event } of own) {
      if (event?.clickSeq == null) continue;
      let lane = lanes.get(event.clickSeq);
      if (lane === undefined) lanes.set(event.clickSeq, (lane = { reached: -1n, open: null }));
      if (kind === 'end') {
        if (lane.open === event.id) lane.open = null;
        continue;
      }
      const say = (text: string): void => {
        faults.push({ kind: 'misordered', text: `${name}, click ${String(event.clickSeq)}: ${text}` });
      };
      if (event.seq < lane.reached) say(`event ${event.seq} came after event ${lane.reached}`);
      // One that was begun and never finished may only be begun again, or be given up.
      const isGivenUp = lane.open !== null && parked.has(`${name} ${lane.open}`) && mayPark.includes(name);
      if (lane.open !== null && lane.open !== event.id && !isGivenUp && !faulty.includes(name)) {
        say(`event ${event.seq} was begun before ${lane.open} was finished`);
      }
      lane.reached = event.seq;
      lane.open = event.id;
    }
    return faults;
  });
}

interface Lane {
  /** `seq` of the last event begun. */
  reached: bigint;
  /** Begun and not finished. */
  open: string | null;
}

export function wants({ events }: HandlerFact, { name, ordinal }: EventFact): boolean {
  const targets = events.trim().split(/\s+/);
  return targets.includes('*') || targets.includes(name) || targets.includes(`${name}#${String(ordinal)}`);
}

function countBy(receipts: readonly Receipt[], kind: Receipt['kind']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const receipt of receipts) {
    if (receipt.kind !== kind) continue;
    const key = `${receipt.handler} ${receipt.eventId}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
