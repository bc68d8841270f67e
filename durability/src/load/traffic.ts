import { type Intent, type TrafficMix } from './load.types';
import { type Random } from './random';

const FRESH_EVENTS = ['sale', 'resale', 'resale', 'resale', 'withdraw'] as const;
const ONCE_EVENTS = ['registration', 'conf'] as const;
const REMEMBERED = 400;

interface Known {
  readonly clickId: string;
  readonly tid: string;
  readonly event: string;
}

/** What networks send, good and bad, each request numbered. */
export class Traffic {
  private readonly known: Known[] = [];
  private nextNumber = 1;

  constructor(
    private readonly random: Random,
    private readonly clickIds: readonly string[],
    private readonly mix: TrafficMix,
    /** Makes tids and foreign click ids those of this run. */
    private readonly prefix: string,
  ) {}

  /** One request, or two that belong into one moment. */
  draw(): readonly Intent[] {
    const { duplicates, twins, onceAClick, reversals, unknown, rejected } = this.mix;
    let left = this.random.next();
    const isOf = (share: number): boolean => {
      const hit = left >= 0 && left < share;
      left -= share;
      return hit;
    };
    if (isOf(duplicates)) return [this.again((event) => event)];
    // Two requests: half as often for the same share of all.
    if (isOf(twins / 2)) return this.twins();
    if (isOf(onceAClick)) return [this.numbered(this.click(), this.random.pick(ONCE_EVENTS), null)];
    if (isOf(reversals)) return [this.again(() => 'reversal')];
    if (isOf(unknown)) return [this.foreign()];
    if (isOf(rejected)) return [this.numbered(this.click(), null, null)];
    return [this.fresh()];
  }

  private fresh(): Intent {
    const event = this.random.pick(FRESH_EVENTS);
    const intent = this.numbered(this.click(), event, `${this.prefix}t${this.nextNumber}`);
    this.remember(intent);
    return intent;
  }

  private twins(): readonly Intent[] {
    const first = this.fresh();
    return [first, this.numbered(first.clickId, first.event, first.tid)];
  }

  private again(as: (event: string) => string): Intent {
    if (this.known.length === 0) return this.fresh();
    const { clickId, tid, event } = this.random.pick(this.known);
    return this.numbered(clickId, as(event), tid);
  }

  private foreign(): Intent {
    return this.numbered(`${this.prefix}f${this.nextNumber}`, 'sale', `${this.prefix}t${this.nextNumber}`);
  }

  private remember({ clickId, tid, event }: Intent): void {
    if (clickId === null || tid === null || event === null) return;
    if (this.known.length >= REMEMBERED) this.known[this.random.below(REMEMBERED)] = { clickId, tid, event };
    else this.known.push({ clickId, tid, event });
  }

  private click(): string {
    return this.random.pick(this.clickIds);
  }

  private numbered(clickId: string | null, event: string | null, tid: string | null): Intent {
    return { n: this.nextNumber++, clickId, event, tid };
  }
}

/** The path and query of a request; `null` for the event is a postback that names none. */
export function targetOf(integrationId: string, { n, clickId, event, tid }: Intent): string {
  const parameters = new URLSearchParams();
  if (event !== null) parameters.set('tracker.event', event);
  if (clickId !== null) parameters.set('clickid', clickId);
  if (tid !== null) {
    parameters.set('tracker.tid', tid);
    parameters.set('tracker.cost', '12.50');
    parameters.set('tracker.currency', 'usd');
  }
  parameters.set('n', String(n));
  return `/api/postbacks/${integrationId}/tracker-postback?${parameters.toString()}`;
}

/** The number in a stored target; null where there is none. */
export function numberOf(target: string): number | null {
  const found = /[?&]n=(\d+)/.exec(target)?.[1];
  return found === undefined ? null : Number(found);
}
