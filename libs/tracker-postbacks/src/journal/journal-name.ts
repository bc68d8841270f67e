const PREFIX = 'tracker-';
const NAME = /^tracker-([0-9a-f]{16})(?:\.owner|-(\d{8})\.(journal|journal\.new|damaged))$/;

/** What a file in the journal's directory is; null for what is none of ours. */
export type JournalFileName =
  | { readonly kind: 'owner'; readonly token: string }
  | { readonly kind: 'segment' | 'rewrite' | 'damaged'; readonly token: string; readonly number: number };

const KINDS = { journal: 'segment', 'journal.new': 'rewrite', damaged: 'damaged' } as const;

/** Tells whether the process that has this token is alive. */
export function ownerName(token: string): string {
  return `${PREFIX}${token}.owner`;
}

/** Records of the process with this token; they follow each other by number. */
export function segmentName(token: string, number: number): string {
  return `${PREFIX}${token}-${String(number).padStart(8, '0')}.journal`;
}

/** Where a segment is written anew before that takes its place. */
export function rewritePath(segment: string): string {
  return `${segment}.new`;
}

/** Where bytes of a segment that cannot be read are kept for whoever wants to look at them. */
export function damagedPath(segment: string): string {
  return segment.replace(/\.journal$/, '.damaged');
}

/** @param name without its directory */
export function parseName(name: string): JournalFileName | null {
  const match = NAME.exec(name);
  if (match === null) return null;
  const [, token = '', number, extension] = match;
  return number === undefined
    ? { kind: 'owner', token }
    : { kind: KINDS[extension as keyof typeof KINDS], token, number: Number(number) };
}
