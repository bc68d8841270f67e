import { storable } from './text.rule';

/** Deepest nesting that is flattened: `a.b.c.d.e`. */
const MAX_DEPTH = 5;
const LONG_NUMBER = /\d{16}/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const LONG_INTEGER = /^-?\d{16,}$/;

export interface FlatJson {
  /** Name and value of every scalar, in document order; null is absent. */
  readonly entries: readonly (readonly [name: string, value: string])[];
  readonly tooDeep: boolean;
}

/**
 * `JSON.parse`, but integers too long for a double stay exact, as strings: two 19-digit transaction ids must not become
 * the same one. Undefined when the text is not JSON.
 */
export function parsedJson(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    // The scan is linear only on text that is known to be JSON (every string is closed), hence the second parse.
    return LONG_NUMBER.test(text) ? (JSON.parse(withQuotedIntegers(text)) as unknown) : parsed;
  } catch {
    return undefined;
  }
}

function withQuotedIntegers(text: string): string {
  return text.replace(STRING_OR_NUMBER, (token) => (LONG_INTEGER.test(token) ? `"${token}"` : token));
}

/** A JSON body as flat parameters: nested names joined with dots, list positions as names. Null: no object. */
export function flattenedJson(text: string, maxEntries: number): FlatJson | null {
  const root = parsedJson(text);
  if (typeof root !== 'object' || root === null) return null;
  const entries: [string, string][] = [];
  let tooDeep = false;

  const visit = (value: object, prefix: string, depth: number): void => {
    for (const [key, member] of Object.entries(value) as [string, unknown][]) {
      if (entries.length >= maxEntries) return;
      const name = prefix + storable(key);
      if (typeof member === 'object' && member !== null) {
        if (depth < MAX_DEPTH) visit(member, `${name}.`, depth + 1);
        else tooDeep = true;
      } else if (member !== null) {
        entries.push([name, typeof member === 'string' ? member : JSON.stringify(member)]);
      }
    }
  };
  visit(root, '', 1);
  return { entries, tooDeep };
}
