import { type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { type DatabaseEngine } from './engine';

/**
 * Locks the rows that a query reads until its transaction ends. SQLite has no row locks and needs none: its transactions
 * have the whole database to themselves.
 *
 * @param onLocked what happens to a row that somebody else has locked
 */
export function lockingRows<R extends ObjectLiteral>(
  engine: DatabaseEngine,
  query: SelectQueryBuilder<R>,
  onLocked: 'wait' | 'skip' = 'wait',
): SelectQueryBuilder<R> {
  if (engine === 'sqlite') return query;
  query.setLock('pessimistic_write');
  return onLocked === 'skip' ? query.setOnLocked('skip_locked') : query;
}
