import { Inject, Injectable, Logger } from '@nestjs/common';
import { TrackerMeter } from '../metrics/meter';
import { type TrackerClock, type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { delivered, erased, failed, poisoned, type RetryPolicy } from './delivery-outcome';
import { type ClaimedDelivery, type DeliveryResult, MAX_CRASHES } from './delivery-store.types';
import { HandlerAttempt } from './handler-attempt';
import { HandlerRegistry } from './handler-registry';

const DEFAULTS = { handlerTimeoutMs: 30_000, maxAttempts: 12, retryDelayMs: 1_000 };
const MAX_DELAY_MS = 3_600_000;

/** Runs handlers, and says what is to be written of how that ended. */
@Injectable()
export class HandlerRunner {
  private readonly logger = new Logger(HandlerRunner.name);
  private readonly settings: typeof DEFAULTS;

  constructor(
    @Inject(HandlerRegistry) private readonly handlers: HandlerRegistry,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
    @Inject(TrackerMeter) private readonly meter: TrackerMeter,
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
  ) {
    this.settings = { ...DEFAULTS, ...options.events };
  }

  attemptAt(delivery: ClaimedDelivery): HandlerAttempt {
    return new HandlerAttempt(delivery, this.handlers.get(delivery.handler));
  }

  /** What has to be written of a delivery without running its handler; null where that is to be run. */
  withoutRunning(delivery: ClaimedDelivery): DeliveryResult | null {
    if (delivery.erased) return erased(delivery, this.now());
    if (delivery.crashes < MAX_CRASHES) return null;
    this.meter.attempted(delivery.handler, 'parked', 0);
    this.logger.error(
      `Handler ${delivery.handler} is not given event ${delivery.eventId} ("${delivery.name}") again: ` +
        `${MAX_CRASHES} attempts in a row never came to an end. It is parked.`,
    );
    return poisoned(delivery, this.now());
  }

  /** Runs the handler; never rejects. */
  async run(attempt: HandlerAttempt): Promise<DeliveryResult> {
    const { delivery } = attempt;
    const begun = performance.now();
    try {
      await attempt.run(this.settings.handlerTimeoutMs);
      this.meter.attempted(delivery.handler, 'done', performance.now() - begun);
      return delivered(delivery);
    } catch (error) {
      const result = failed(delivery, error, this.now(), this.policyOf(delivery));
      const isParked = result.status === 'parked';
      this.meter.attempted(delivery.handler, isParked ? 'parked' : 'failed', performance.now() - begun);
      this.logger.warn(
        `Handler ${delivery.handler} failed on event ${delivery.eventId} ("${delivery.name}"), attempt ` +
          `${delivery.attempt}: ${result.errors?.at(-1)?.message ?? ''}. ${isParked ? 'It is parked.' : 'It is tried again.'}`,
      );
      return result;
    }
  }

  private policyOf({ handler }: ClaimedDelivery): RetryPolicy {
    const { maxAttempts, retryDelayMs } = this.settings;
    return { maxAttempts, retryDelayMs, maxDelayMs: MAX_DELAY_MS, ...this.handlers.get(handler)?.retry };
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
