import { macroOf, macroPieces, soleMacroName } from '../networks/macro-syntax';
import { percentDecoded } from '../rules/text.rule';

/** `{{tracker.clickid}}` and `{{chat.tracker.clickid}}`, in all the damage they come with. */
const OUR_MACRO =
  /\{{1,3} ?(?:chat\.)?tracker\.click_?id ?\}{1,3}|\[\[? ?(?:chat\.)?tracker\.click_?id ?\]\]?/i;
/** Forms that are macros only as a whole value, and where the network says so. */
const WHOLE_FORMS = [
  /^#([A-Za-z][\w.-]{0,62})#$/,
  /^\[([A-Za-z][\w.-]{0,62}(?: [A-Za-z][\w.-]{0,62})*)\]$/,
  /^<([A-Za-z][\w.-]{0,62})>$/,
  /^__([A-Za-z][\w.-]{0,60}[^\W_])__$/,
  /^%([A-Za-z][\w.-]{0,62})%$/,
] as const;
/** Something of a macro is there, but not both ends of it. */
const BROKEN = /^[[{<(#$%]{0,3}([A-Za-z][\w.-]{0,62})[\]}>)#%]{0,3}$/;
const MAX_DECODINGS = 3;

export function holdsOurMacro(text: string): boolean {
  return OUR_MACRO.test(text);
}

export function ourMacroIn(text: string): string | null {
  return OUR_MACRO.exec(text)?.[0] ?? null;
}

/** Whether a text is a macro of this syntax; names are compared without case where the syntax is upper case. */
export function isOfSyntax(macro: string, syntax: string): boolean {
  const name = soleMacroName(macro, syntax);
  if (name === null) return false;
  const compact = macro.replace(/^([^\p{L}\p{N}_]+) /u, '$1').toLowerCase();
  return compact === macroOf(syntax, name).toLowerCase();
}

/** Every macro in a value, of whatever syntax, with its inner name. */
export function macrosIn(
  value: string,
  syntax: string | null,
): readonly { readonly text: string; readonly name: string }[] {
  const found = macroPieces(value, syntax).flatMap(({ text, name }) =>
    name === null ? [] : [{ text, name }],
  );
  if (found.length > 0) return found;
  for (const form of WHOLE_FORMS) {
    const name = form.exec(value)?.[1];
    if (name !== undefined) return [{ text: value, name }];
  }
  return [];
}

/** The inner name of a value that lost some of a macro's marks: `{sub1`, `sub1}`; null for whole macros and plain text. */
export function brokenMacroName(value: string): string | null {
  const name = BROKEN.exec(value)?.[1];
  return name === undefined || name === value ? null : name;
}

/** The value decoded as often as it takes to see the macros in it; null when nothing hides any. */
export function hiddenMacros(raw: string, syntax: string | null): string | null {
  if (!raw.includes('%')) return null;
  const visible = macrosIn(raw, syntax).length;
  let last = raw;
  for (let round = 0; round < MAX_DECODINGS; round += 1) {
    const decoded = percentDecoded(last);
    if (decoded === null || decoded === last) return null;
    last = decoded;
    if (macrosIn(last, syntax).length > visible) return last;
  }
  return null;
}

const UNSAFE = /[\s&#+%"<>\u0000-\u001f\u007f-\u{10ffff}]/gu;

/** A value as it stands in a URL: its macros verbatim, the rest percent-encoded where it has to be. */
export function inUrl(value: string, syntax: string | null): string {
  const macros = macrosIn(value, syntax);
  if (macros.length === 1 && macros[0]?.text === value) return value;
  return macroPieces(value, syntax)
    .map((piece) => (piece.name === null ? piece.text.replace(UNSAFE, encodeURIComponent) : piece.text))
    .join('');
}
