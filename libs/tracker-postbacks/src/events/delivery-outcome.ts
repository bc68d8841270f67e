import { type DeliveryError } from './delivery.entity';
import { type ClaimedDelivery, type DeliveryResult, MAX_CRASHES } from './delivery-store.types';
import { describeError } from './describe-error';

/** When a handler that fails is called again, and for how long. */
export interface RetryPolicy {
  /** Attempts before a delivery is parked. */
  readonly maxAttempts: number;
  /** Milliseconds before the second attempt; doubles from there. */
  readonly retryDelayMs: number;
  /** Milliseconds that it does not grow beyond. */
  readonly maxDelayMs: number;
}

const KEPT_ERRORS = 20;
const ERROR_LENGTH = 2_000;

/** The handler did what it has to. */
export function delivered({ id, token }: ClaimedDelivery): DeliveryResult {
  return { id, token, status: 'done', retryIn: 0, errors: null };
}

/** The handler failed: again later, or never again. */
export function failed(
  delivery: ClaimedDelivery,
  error: unknown,
  at: string,
  policy: RetryPolicy,
): DeliveryResult {
  const { attempt } = delivery;
  return ended(
    delivery,
    attempt >= policy.maxAttempts ? 'parked' : 'pending',
    { attempt, at, message: describeError(error).slice(0, ERROR_LENGTH) },
    delayAfter(attempt, policy),
  );
}

/** Whoever ran the handler never came back to tell, too often for an accident: nobody runs it again by himself. */
export function poisoned(delivery: ClaimedDelivery, at: string): DeliveryResult {
  return ended(delivery, 'parked', {
    attempt: delivery.attempt,
    at,
    message:
      `Parked after ${MAX_CRASHES} attempts in a row that nobody saw the end of: each time the process died while the ` +
      'handler ran, or was stopped or cut off from the database for longer than its lease. Find out why before requeueing it.',
  });
}

/** There is nothing left that a handler could be given. */
export function erased(delivery: ClaimedDelivery, at: string): DeliveryResult {
  return ended(delivery, 'done', { attempt: delivery.attempt, at, message: 'erased' });
}

function ended(
  { id, token, errors }: ClaimedDelivery,
  status: DeliveryResult['status'],
  error: DeliveryError,
  retryIn = 0,
): DeliveryResult {
  return { id, token, status, retryIn, errors: [...errors, error].slice(-KEPT_ERRORS) };
}

/** Doubling, with up to half of it taken off at random so that failed events do not come back all at once. */
function delayAfter(attempt: number, { retryDelayMs, maxDelayMs }: RetryPolicy): number {
  const full = Math.min(maxDelayMs, retryDelayMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full * (1 - Math.random() / 2));
}
