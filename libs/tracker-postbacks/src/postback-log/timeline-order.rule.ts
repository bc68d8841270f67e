import { TIMELINE_KINDS, type TimelineKind } from './click-timeline.dto';

/** What decides where an entry stands. */
export interface Placed {
  readonly kind: TimelineKind;
  /** Milliseconds since the epoch, not before that of what caused it. */
  readonly time: number;
  readonly postbackId: string | null;
  /** Order among entries of one kind, time and postback. */
  readonly rank: string;
}

/**
 * Oldest first. Within one millisecond a postback comes with everything that came of it, cause before effect, and then
 * the next.
 */
export function inOrder<P extends Placed>(entries: readonly P[]): readonly P[] {
  return [...entries].sort(
    (a, b) =>
      a.time - b.time ||
      compare(a.postbackId ?? '', b.postbackId ?? '') ||
      TIMELINE_KINDS.indexOf(a.kind) - TIMELINE_KINDS.indexOf(b.kind) ||
      // Numbers of any size, as text.
      a.rank.length - b.rank.length ||
      compare(a.rank, b.rank),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
