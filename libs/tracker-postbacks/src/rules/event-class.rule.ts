import { hash } from 'node:crypto';

/** `sale` and `resale` are one class; a slash keeps it apart from an event that a network calls `deposit`. */
const DEPOSIT_CLASS = 'sale/resale';

/** The class within which a transaction id counts once: deposits are one, every other event is its own. */
export function classOf(event: string): string {
  return isDepositEvent(event) ? DEPOSIT_CLASS : event;
}

/** A first or repeat deposit, as it is recorded. */
export function isDepositEvent(event: string): boolean {
  return event === 'sale' || event === 'resale';
}

/** A fixed-length key for one tid of one integration and class; length-prefixed, so that no two tuples collide. */
export function tidKeyOf(integrationId: string, eventClass: string, tid: string): string {
  const tuple = [integrationId, eventClass, tid].map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return hash('sha256', tuple, 'hex');
}
