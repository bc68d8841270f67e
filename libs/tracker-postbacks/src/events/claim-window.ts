import { type ClaimSettings } from './delivery-store';
import { type Claim, type HandlerPlaces } from './delivery-store.types';

/** Due deliveries of a handler that one claim looks at, when many of them have to wait for others or run alone. */
const MOST_LOOKED_AT = 128;
/** A look at everything that is due takes no more than a twentieth of the time. */
const MOST_OF_THE_TIME = 20;

/** Where claims look for what is due: as a rule from where the last one ended, and no further than needed. */
export class ClaimWindow {
  /** The last claim filled all places of a handler: there may be more. */
  hasMore = false;
  /** Due deliveries of each handler that are looked at. */
  look: ClaimSettings['look'];
  private readonly since = new Map<string, number>();
  private readonly everything = { askedAt: 0, tookMs: 0 };

  constructor(private readonly concurrency: number) {
    this.look = concurrency;
  }

  of(handler: string, places: number): HandlerPlaces {
    return { handler, places, since: this.since.get(handler) ?? 0 };
  }

  /**
   * What a claim found says where and how far the next one has to look.
   * @param alone it asked for one suspect
   */
  move(
    asked: readonly HandlerPlaces[],
    askedAt: number,
    { deliveries, heldBack, suspected, next }: Claim,
    alone: boolean,
  ): void {
    if (!alone && asked.every(({ since }) => since === 0))
      Object.assign(this.everything, { askedAt, tookMs: performance.now() - askedAt });
    for (const [handler, since] of next) this.since.set(handler, since);
    // What was passed over took the room of what can run.
    this.look =
      heldBack === 0 && suspected.length === 0
        ? this.concurrency
        : Math.max(this.concurrency, Math.min(this.look * 4, MOST_LOOKED_AT));
    this.hasMore = asked.some(
      ({ handler, places }) => deliveries.filter((one) => one.handler === handler).length === places,
    );
  }

  /** Something that was due long ago may be due again. */
  reset(): void {
    this.since.clear();
  }

  /** As {@link reset}, unless a look at everything is dear and was had a short while ago. */
  resetNowAndThen(): void {
    const { askedAt, tookMs } = this.everything;
    if (performance.now() - askedAt >= MOST_OF_THE_TIME * tookMs) this.reset();
  }
}
