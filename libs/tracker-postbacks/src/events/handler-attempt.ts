import { type ClaimedDelivery } from './delivery-store.types';
import { type EventPayload } from './event-payload';
import { type RegisteredHandler } from './handler-registry';
import { eventOf } from './tracker-events';

/** One attempt of a handler at one delivery. */
export class HandlerAttempt {
  private readonly time = new AbortController();

  constructor(
    readonly delivery: ClaimedDelivery,
    private readonly handler: RegisteredHandler | undefined,
  ) {}

  /**
   * Runs the handler; rejects with what it threw, or when the time is over. A handler that goes on nevertheless is not
   * listened to any more: whatever it does later changes nothing.
   */
  async run(timeoutMs: number): Promise<void> {
    const { delivery, handler, time } = this;
    if (handler === undefined) throw new Error(`This process has no handler "${delivery.handler}".`);
    const payload = JSON.parse(delivery.payload) as EventPayload;
    const event = eventOf(delivery.eventId, delivery.name, payload, delivery.attempt);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`Not finished within ${timeoutMs} ms.`);
        reject(error);
        time.abort(error);
      }, timeoutMs);
    });
    try {
      // Started inside a promise, so that a handler that throws at once is a failed attempt like any other.
      const work = Promise.resolve().then(() =>
        handler.run(event, { signal: time.signal, attempt: delivery.attempt }),
      );
      await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Tells the handler to stop: the delivery is not this process's any more. */
  abandon(): void {
    this.time.abort(new Error('Another process may have taken this event over.'));
  }
}
