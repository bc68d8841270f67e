import { TrackerError } from '../tracker-postbacks.errors';

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** @default 50, at most 200 */
export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

/** A cursor is the id of the last row seen, opaque to clients. */
export function encodeCursor(id: string): string {
  return Buffer.from(id, 'latin1').toString('base64url');
}

export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) {
    throw new TrackerError(
      'validation_failed',
      400,
      'The cursor is not one that a page of this list gave out.',
      [
        {
          field: 'cursor',
          message: 'Use nextCursor of the page before, or leave it out for the first page.',
        },
      ],
    );
  }
  return id;
}

/** Cuts the one row read beyond the limit into a cursor. */
export function pageOf<R extends { readonly id: string }, T>(
  rows: readonly R[],
  limit: number,
  present: (row: R) => T,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(present),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null,
  };
}
