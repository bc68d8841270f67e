/** How an id that came differs from one that is known. */
export const NEAR_MISS_KINDS = ['other_case', 'trimmed', 'cut_off', 'suffix', 'prefix'] as const;
export type NearMissKind = (typeof NEAR_MISS_KINDS)[number];

/** A known click that an unmatched id may have meant. */
export interface NearMiss {
  readonly clickId: string;
  readonly how: NearMissKind;
}

/** Shorter texts are part of too many ids. */
const MIN_LENGTH = 6;
/** How much may be glued to an id. */
const MAX_GLUED = 48;
const NOT_IN_IDS = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/**
 * The lower-cased ids to look for: the id itself, without marks around it, and every beginning and end of it that could
 * be a whole id with something glued on; at most some hundred.
 *
 * @param issuedLength length of the ids that we issue
 */
export function nearMissCandidates(clickId: string, issuedLength: number): readonly string[] {
  const folded = clickId.toLowerCase();
  const bare = folded.replace(NOT_IN_IDS, '');
  if (bare.length < MIN_LENGTH) return [];
  const candidates = new Set([folded, bare]);
  const shortest = Math.max(MIN_LENGTH, bare.length - MAX_GLUED);
  for (let length = bare.length - 1; length >= shortest; length -= 1) {
    candidates.add(bare.slice(0, length));
    candidates.add(bare.slice(-length));
  }
  if (bare.length > issuedLength) {
    candidates.add(bare.slice(0, issuedLength));
    candidates.add(bare.slice(-issuedLength));
  }
  return [...candidates];
}

/** A LIKE pattern for the lower-cased ids that begin so; null where too many would. */
export function prefixPattern(clickId: string): string | null {
  const bare = clickId.toLowerCase().replace(NOT_IN_IDS, '');
  return bare.length < MIN_LENGTH ? null : `${bare.replace(/[\\%_]/g, String.raw`\$&`)}_%`;
}

/** What is between the id that came and the one that is known; null when they have nothing to do with each other. */
export function howNear(came: string, known: string): NearMissKind | null {
  const one = came.toLowerCase();
  const bare = one.replace(NOT_IN_IDS, '');
  const other = known.toLowerCase();
  if (one === other) return came === known ? null : 'other_case';
  if (bare === other) return 'trimmed';
  if (other.startsWith(bare)) return 'cut_off';
  if (bare.startsWith(other)) return 'suffix';
  return bare.endsWith(other) ? 'prefix' : null;
}
