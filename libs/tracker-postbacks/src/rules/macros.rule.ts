import { formDecoded, trimmed } from './text.rule';

/** Longer values are never macros. */
const MAX_LENGTH = 256;
/** Decodings tried beyond the first: pasted URLs are often encoded two or three times. */
const MORE_DECODINGS = 2;
const TRACKER = 'tracker.';

// A name of any script; a WORD is what the looser WEAK forms may hold.
const NAME = String.raw`[\p{L}\p{Nd}_](?:[\p{L}\p{M}\p{Nd}_.:()-]| (?! )){0,62}`;
const WORD = String.raw`[A-Za-z][A-Za-z0-9_.-]{0,62}`;
/** Braces round a GUID are how Windows writes one. */
const NOT_GUID = String.raw`(?![0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\})`;
const BRACED = `\\{ ?${NOT_GUID}${NAME}\\}`;
// `${NAME}`, `#{NAME}` and the doubled braces all contain `{NAME}`; only a whole value must tell them apart.
const OTHER_STRONG = `## ?${NAME}##|\\[\\[\\[ ?${NAME}\\]\\]\\]|\\[= ?${NAME}=\\]|\\[% ?${NAME}%\\]|!!! ?${NAME}!!!`;

const CONTAINS_STRONG = new RegExp(`${BRACED}|${OTHER_STRONG}`, 'u');
const IS_STRONG = new RegExp(
  `^(?:[$#]?${BRACED}|\\{${BRACED}\\}|\\{\\{${BRACED}\\}\\}|${OTHER_STRONG})$`,
  'u',
);
const MAYBE_STRONG = /[{#[!]/;

/** The WEAK forms by their first character, with the network syntax each belongs to. */
const WEAK_FORMS: ReadonlyMap<string, { readonly form: RegExp; readonly syntax: string }> = new Map([
  ['#', { form: new RegExp(`^#(${WORD})#$`), syntax: '#x#' }],
  ['[', { form: new RegExp(`^\\[(${WORD}(?: ${WORD})*)\\]$`), syntax: '[x]' }],
  ['<', { form: new RegExp(`^<(${WORD})>$`), syntax: '<x>' }],
  ['_', { form: new RegExp(`^__(${WORD})(?<!_)__$`), syntax: '__x__' }],
  ['%', { form: new RegExp(`^%(${WORD})%$`), syntax: '%x%' }],
]);

/** What a role's value is compared with. */
export interface RolePlace {
  /** The parameter's own name as the recipe names it; null for a flag, whose own name sets it. */
  readonly parameter: string | null;
  readonly knownWords: ReadonlySet<string>;
  readonly bareWords: ReadonlySet<string>;
}

/** What a custom field's value is compared with. */
export interface FieldPlace {
  readonly key: string;
  /** Inner names of the macros mapped to the field; null without a mapping. */
  readonly knownWords: ReadonlySet<string> | null;
  /** The integration's macro syntax round `x`. */
  readonly macroSyntax: string | null;
}

/** `form`: has a macro's form (rules 1, 2). `word`: only equals a known word (rule 3), so it may be a real value. */
export type RoleMacro = 'none' | 'form' | 'word';
/** `inside`: the value only contains a macro (rule 9). */
export type FieldMacro = 'none' | 'macro' | 'inside';

/**
 * Rules 1–3, for roles: the decoded or a further form contains STRONG; the raw, decoded or a further form is WEAK; the
 * decoded value equals a known or bare word, or its own parameter name with or without `tracker.`.
 *
 * @param value decoded once and trimmed
 */
export function roleMacro(raw: string, value: string, place: RolePlace): RoleMacro {
  if (value.length > MAX_LENGTH) return 'none';
  if (mayBeMacro(raw, value)) {
    if (weakForm(raw) !== null) return 'form';
    for (const form of formsOf(value)) {
      if (containsStrong(form) || weakForm(form) !== null) return 'form';
    }
  }
  const isWord =
    place.knownWords.has(value) ||
    place.bareWords.has(value) ||
    (place.parameter !== null && isOwnName(value, place.parameter));
  return isWord ? 'word' : 'none';
}

/**
 * Rules 4–6 and 9, for custom fields: the decoded or a further form is STRONG; the decoded value is WEAK in the
 * integration's syntax or with a known word; it equals a known word or, without a mapping, the key itself.
 *
 * @param value decoded once and trimmed
 */
export function fieldMacro(raw: string, value: string, place: FieldPlace): FieldMacro {
  if (value.length > MAX_LENGTH) return 'none';
  if (place.knownWords === null ? value === place.key : place.knownWords.has(value)) return 'macro';
  if (!mayBeMacro(raw, value)) return 'none';
  const weak = weakForm(value);
  if (weak !== null && (weak.syntax === place.macroSyntax || place.knownWords?.has(weak.word) === true)) {
    return 'macro';
  }
  let found: FieldMacro = 'none';
  for (const form of formsOf(value)) {
    if (isStrong(form)) return 'macro';
    if (containsStrong(form)) found = 'inside';
  }
  return found;
}

/** Rule 7, for parameters that play no role: as rule 4. */
export function isOtherMacro(value: string): boolean {
  if (value.length > MAX_LENGTH || !/[{#[!%]/.test(value)) return false;
  return formsOf(value).some(isStrong);
}

/** Rule 8: a parameter whose decoded name is STRONG is the network's unreplaced `{status}=true`. */
export function isMacroName(name: string): boolean {
  return name.length <= MAX_LENGTH && isStrong(name);
}

/** The decoded value and up to two further decodings of it. */
function formsOf(value: string): readonly string[] {
  const forms = [value];
  let last = value;
  while (forms.length <= MORE_DECODINGS && last.includes('%')) {
    const decoded = formDecoded(last);
    if (decoded === null || decoded === last) break;
    last = trimmed(decoded);
    forms.push(last);
  }
  return forms;
}

/** Nearly every value is plain and ends here: no opening character, and nothing left to decode. */
function mayBeMacro(raw: string, value: string): boolean {
  return /[{#[!<%]|^__/.test(value) || (raw !== value && WEAK_FORMS.has(raw.charAt(0)));
}

function isStrong(text: string): boolean {
  return MAYBE_STRONG.test(text) && IS_STRONG.test(text);
}

function containsStrong(text: string): boolean {
  return MAYBE_STRONG.test(text) && CONTAINS_STRONG.test(text);
}

function weakForm(text: string): { readonly word: string; readonly syntax: string } | null {
  if (text.length > MAX_LENGTH) return null;
  const weak = WEAK_FORMS.get(text.charAt(0));
  const word = weak?.form.exec(text)?.[1];
  return weak === undefined || word === undefined ? null : { word, syntax: weak.syntax };
}

function isOwnName(value: string, parameter: string): boolean {
  // Lengths first: lower-casing every value would cost more than all other rules together.
  if (value.length > parameter.length + TRACKER.length) return false;
  return withoutTracker(value) === withoutTracker(parameter);
}

function withoutTracker(name: string): string {
  const lower = name.toLowerCase();
  return lower.startsWith(TRACKER) ? lower.slice(TRACKER.length) : lower;
}
