import { type LinkMacro, linkPieces, maskedMacros } from './link-macros.rule';
import { quotable, storable } from './text.rule';

/** A value that a caller brings for a macro; null is as good as none, the empty text is a value. */
export type LinkValue = string | number | boolean | null;
/** Values by key; a dot is part of the key. */
export type LinkValueGroup = Readonly<Record<string, LinkValue>>;

/** What macros are filled in with. */
export interface LinkValues {
  readonly tracker?: LinkValueGroup | undefined;
  readonly fields?: LinkValueGroup | undefined;
  /** Texts that may hold macros themselves, five levels deep. */
  readonly variables?: LinkValueGroup | undefined;
}

/**
 * Why a link cannot be given to a lead.
 * - `absent`: no value, or null.
 * - `unknown`: a `{{…}}` that is none of our macros.
 * - `circular`, `too_deep`: variables that hold each other, or more than five one in another.
 * - `too_long`: longer than browsers and messengers carry.
 * - `folder`: a value makes `.` or `..` of a path segment, which browsers take out of the path.
 */
export type LinkProblemReason = 'absent' | 'unknown' | 'circular' | 'too_deep' | 'too_long' | 'folder';

export interface LinkProblem {
  readonly reason: LinkProblemReason;
  /** The macro at fault, in braces; a chain of them where variables hold each other; empty for the link as a whole. */
  readonly macro: string;
  /** Path within the request, or `baseUrl`. */
  readonly field: string;
}

export type RenderedLink =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly problems: readonly LinkProblem[] };

export const MAX_RENDERED_LENGTH = 8192;
const MAX_LEVELS = 5;
/** Variables that hold variables multiply: each filling takes one and the length of its value from what is allowed. */
const ALLOWANCE = 8 * MAX_RENDERED_LENGTH;
const DOTS = /^(?:\.|%2e){1,2}$/i;

/**
 * The link with its macros filled in and percent-encoded. Only variables are read for macros; all other values, and what
 * was filled in before, are never looked at again. Scheme and host of a checked base URL hold no macro, so they stay.
 */
export function renderedLink(template: string, values: LinkValues): RenderedLink {
  const rendering = new Rendering(values);
  const url = rendering.filled(template);
  const problems = rendering.problems.length > 0 ? rendering.problems : problemsOfUrl(template, url);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, url };
}

class Rendering {
  readonly problems: LinkProblem[] = [];
  private allowance = ALLOWANCE;

  constructor(private readonly values: LinkValues) {}

  filled(template: string): string {
    return linkPieces(template)
      .map((piece) => {
        if (piece.kind === 'text') return piece.text;
        if (piece.kind === 'macro') return encodeURIComponent(storable(this.valueOf(piece, [])));
        return this.refuse('unknown', quotable(piece.text), 'baseUrl');
      })
      .join('');
  }

  /** @param outer the variables that this macro stands in, outermost first */
  private valueOf(macro: LinkMacro, outer: readonly LinkMacro[]): string {
    const { group, key } = macro;
    const field = `values.${group}.${quotable(key)}`;
    const value = own(this.values[group], key);
    if (value === null) return this.refuse('absent', shown(macro), field);
    const text = String(value);
    this.allowance -= 1 + text.length;
    if (this.allowance < 0) return this.refuse('too_long', shown(macro), field);
    if (group !== 'variables') return text;

    const chain = [...outer, macro];
    if (outer.some((one) => one.key === key)) return this.refuse('circular', shown(...chain), field);
    if (chain.length > MAX_LEVELS) return this.refuse('too_deep', shown(...chain), field);
    return linkPieces(text)
      .map((piece) => {
        if (piece.kind === 'text') return piece.text;
        if (piece.kind === 'macro') return this.valueOf(piece, chain);
        return this.refuse('unknown', quotable(piece.text), field);
      })
      .join('');
  }

  private refuse(reason: LinkProblemReason, macro: string, field: string): '' {
    const isKnown = this.problems.some((one) => one.reason === reason && one.macro === macro);
    if (!isKnown) this.problems.push({ reason, macro, field });
    return '';
  }
}

function shown(...macros: readonly LinkMacro[]): string {
  return macros.map(({ name }) => `{{${quotable(name)}}}`).join(' → ');
}

/** Prototype names are never values. */
function own(group: LinkValueGroup | undefined, key: string): LinkValue {
  return group !== undefined && Object.hasOwn(group, key) ? (group[key] ?? null) : null;
}

function problemsOfUrl(template: string, url: string): readonly LinkProblem[] {
  if (url.length > MAX_RENDERED_LENGTH) return [{ reason: 'too_long', macro: '', field: 'values' }];
  if (dotSegments(url) === dotSegments(maskedMacros(template))) return [];
  return [{ reason: 'folder', macro: '', field: 'values' }];
}

function dotSegments(url: string): number {
  const [path = ''] = url.split(/[?#]/, 1);
  return path.split('/').filter((segment) => DOTS.test(segment)).length;
}
