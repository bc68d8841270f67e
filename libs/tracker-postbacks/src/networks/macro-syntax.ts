/**
 * A network's macro syntax is written around one `x`: `{x}`, `[x]`, `${x}`, `#x#`. An upper-case `X` means that names
 * stand in upper case (`#X#`: `#S2#`).
 */
const PLACEHOLDER = /x/i;
const NAME = String.raw`[\p{L}\p{N}_][\p{L}\p{N}_.:() -]{0,62}`;

/** Forms that mean a macro whatever the network, longest first so that `{{x}}` is not read as `{` and `{x}`. */
const COMMON_SYNTAXES = [
  '{{{x}}}',
  '{{x}}',
  '${x}',
  '#{x}',
  '{x}',
  '##x##',
  '[[[x]]]',
  '[=x=]',
  '[%x%]',
  '!!!x!!!',
] as const;

/** A piece of a parameter's text: a network macro, or what stands between macros. */
export interface MacroPiece {
  readonly text: string;
  /** The macro's inner name; null for a text that is none. */
  readonly name: string | null;
}

/** Exactly one `x`, and something around it. */
export function isMacroSyntax(text: string): boolean {
  return text.length > 1 && text.split(PLACEHOLDER).length === 2;
}

/** The macro for a name: `{x}` and `sub1` make `{sub1}`. */
export function macroOf(syntax: string, name: string): string {
  return syntax.replace(PLACEHOLDER, (placeholder) => (placeholder === 'X' ? name.toUpperCase() : name));
}

/** Cuts a text into macros and what stands between them. */
export function macroPieces(text: string, syntax: string | null): readonly MacroPiece[] {
  const pieces: MacroPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(patternOf(syntax))) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), name: null });
    const name = match.slice(1).find((group: string | undefined) => group !== undefined);
    pieces.push({ text: match[0], name: (name ?? '').trim() });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), name: null });
  return pieces;
}

/** Inner names of all macros in a text, in order: `{transactionid}_{goal}` holds `transactionid` and `goal`. */
export function macroNames(text: string, syntax: string | null): readonly string[] {
  return macroPieces(text, syntax).flatMap(({ name }) => (name === null ? [] : [name]));
}

/** The inner name of a text that is one macro and nothing else, or null. */
export function soleMacroName(text: string, syntax: string | null): string | null {
  const [only, ...others] = macroPieces(text, syntax);
  return others.length === 0 ? (only?.name ?? null) : null;
}

/** The same text with its macros written in another syntax. */
export function inSyntax(text: string, from: string | null, to: string | null): string {
  if (to === null || from === to) return text;
  return macroPieces(text, from)
    .map((piece) => (piece.name === null ? piece.text : macroOf(to, piece.name)))
    .join('');
}

const patterns = new Map<string | null, RegExp>();

function patternOf(syntax: string | null): RegExp {
  const known = patterns.get(syntax);
  if (known !== undefined) return known;
  // The network's own syntax first; a syntax like `[x]` or `%x%` means a macro only where the network says so.
  const syntaxes = [...(syntax === null ? [] : [syntax]), ...COMMON_SYNTAXES].toSorted(
    (a, b) => b.length - a.length,
  );
  const pattern = new RegExp(syntaxes.map(alternativeOf).join('|'), 'gu');
  if (patterns.size < 256) patterns.set(syntax, pattern);
  return pattern;
}

function alternativeOf(syntax: string): string {
  const [before = '', after = ''] = syntax.split(PLACEHOLDER);
  return `${escaped(before)} ?(${NAME}${after === '' ? '' : '?'})${escaped(after)}`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
