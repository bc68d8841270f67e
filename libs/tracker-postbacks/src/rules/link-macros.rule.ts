import { percentDecoded, trimmed } from './text.rule';

/** What a registration link carries in its click-id parameter. */
export const CLICK_ID_MACRO = '{{tracker.clickid}}';

/** Where a macro's value comes from: `tracker.clickid` from us, everything else from the caller. */
export type LinkMacroGroup = 'tracker' | 'fields' | 'variables';

/** One of our macros within a link or a variable. */
export interface LinkMacro {
  readonly kind: 'macro';
  /** As it stands in the link. */
  readonly text: string;
  /** What stands between the braces, without surrounding spaces. */
  readonly name: string;
  readonly group: LinkMacroGroup;
  /** Flat: the dots of `fields.a.b` are part of the key `a.b`. */
  readonly key: string;
}

/** A piece of a link. `unknown` is a `{{…}}` that nothing can stand for, or a `{{` that is not closed. */
export type LinkPiece =
  | { readonly kind: 'text'; readonly text: string }
  | LinkMacro
  | { readonly kind: 'unknown'; readonly text: string };

/**
 * Two braces or more, and what they enclose; browsers percent-encode braces that are copied from the address bar. The
 * looks behind keep runs of braces linear.
 */
const BRACES = /(?<!\{)(\{{2,})(?:([^{}]*)(\}{2,}))?|(?<!%7b)%7b%7b((?:(?!%7[bd])[^{}])*)%7d%7d(?!%7d)/gi;
const NAME = /^(?:chat\.(?=tracker\.))?(tracker|fields|variables)\.(.+)$/su;
/** Neither a separator of URLs nor anything that may stand in a host. */
const MASK = '{';

/**
 * Cuts a text into our macros and what stands between them. Exactly two braces make a macro; three, as mustache writes
 * what it shall not escape, are `unknown`: everything that goes into a URL is escaped. Single braces are the network's.
 */
export function linkPieces(text: string): readonly LinkPiece[] {
  const pieces: LinkPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(BRACES)) {
    const piece = bracedPiece(match);
    if (piece === null) continue;
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push(piece);
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

/** Whether the text is the click-id macro and nothing else, under either of its names. */
export function isClickIdMacro(text: string): boolean {
  const [only, ...others] = linkPieces(text);
  return others.length === 0 && only?.kind === 'macro' && only.group === 'tracker' && only.key === 'clickid';
}

/** The text with everything in double braces blotted out, of the same length: what is left is the URL's own structure. */
export function maskedMacros(text: string): string {
  return linkPieces(text)
    .map((piece) => (piece.kind === 'text' ? piece.text : MASK.repeat(piece.text.length)))
    .join('');
}

/** Null for an encoded `{{…}}` that is none of ours: that is data, and stays. */
function bracedPiece(match: RegExpExecArray): LinkPiece | null {
  const [text, opening, inner, closing, encoded] = match;
  const isPair = encoded !== undefined || (opening?.length === 2 && closing?.length === 2);
  const macro = isPair ? macroNamed(text, encoded ?? inner ?? '') : null;
  if (macro !== null) return macro;
  return encoded === undefined ? { kind: 'unknown', text } : null;
}

function macroNamed(text: string, inner: string): LinkMacro | null {
  const name = trimmed(percentDecoded(inner) ?? inner);
  const [, group, key] = NAME.exec(name) ?? [];
  if (group === undefined || key === undefined) return null;
  return { kind: 'macro', text, name, group: group as LinkMacroGroup, key };
}
