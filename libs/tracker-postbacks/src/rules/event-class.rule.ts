import { createHash } from 'node:crypto';

/** The class within which a transaction id counts once: `sale` and `resale` are both deposits. */
export function classOf(event: string): string {
  return event === 'sale' || event === 'resale' ? 'deposit' : event;
}

/** A fixed-length key for one tid of one integration and class; length-prefixed, so that no two tuples collide. */
export function tidKeyOf(integrationId: string, eventClass: string, tid: string): string {
  const tuple = [integrationId, eventClass, tid].map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHash('sha256').update(tuple).digest('hex');
}
