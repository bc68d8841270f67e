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
  const candidates = new Set<string>();
  for (const folded of foldings(clickId)) {
    const bare = folded.replace(NOT_IN_IDS, '');
    if (bare.length < MIN_LENGTH) return [];
    candidates.add(folded).add(bare);
    const shortest = Math.max(MIN_LENGTH, bare.length - MAX_GLUED);
    for (let length = bare.length - 1; length >= shortest; length -= 1) {
      candidates.add(bare.slice(0, length)).add(bare.slice(-length));
    }
    if (bare.length > issuedLength) {
      candidates.add(bare.slice(0, issuedLength)).add(bare.slice(-issuedLength));
    }
  }
  return [...candidates];
}

/** The beginnings of lower-cased ids that the id that came may have been cut off from; none where too many would fit. */
export function nearMissPrefixes(clickId: string): readonly string[] {
  const prefixes = foldings(clickId).map((folded) => folded.replace(NOT_IN_IDS, ''));
  return prefixes.filter((prefix) => prefix.length >= MIN_LENGTH);
}

/** Lower case as databases have it: by Unicode, or of ASCII letters alone (SQLite, and PostgreSQL in the locale C). */
function foldings(clickId: string): readonly string[] {
  const ofAscii = clickId.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  return [...new Set([clickId.toLowerCase(), ofAscii])];
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
