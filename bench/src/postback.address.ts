/** What the requests of one run name: every one another transaction, spread over all clicks. */
export interface Numbering {
  /** Number of the first request. */
  readonly first: number;
  readonly clicks: number;
}

/** Coprime to every number of clicks that is not a multiple of it; neighbours end up far apart. */
const STRIDE = 15_485_863;

/** Of transaction ids, before the request's number. */
export const TRANSACTION_PREFIX = 'txn-';

/** Path and query of the n-th postback: a sale with its own transaction, money and two custom fields. */
export function postbackTarget(path: string, n: number, clicks: number): string {
  const click = String(((n % clicks) * (STRIDE % clicks)) % clicks).padStart(11, '0');
  return (
    `${path}?clickid=k${click}&tracker.event=sale&tracker.cost=49.90&tracker.currency=USD` +
    `&tracker.tid=${TRANSACTION_PREFIX}${n}&fields.country=DE&fields.player=${100_000 + n}`
  );
}
