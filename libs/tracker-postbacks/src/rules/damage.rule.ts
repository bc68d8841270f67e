/**
 * Damage that pasted URLs really carry, and how it is mended before the query is split:
 * `&amp;` and `&#x26;` left in by HTML; `¤cy=` where HTML read `&curren`, and its eleven sisters, only when name
 * characters and `=` follow before the next `&`; `\&` and `\_` from Markdown.
 */
const HTML_CHARACTERS = {
  '\u00a4': 'curren',
  '\u00ae': 'reg',
  '\u00b6': 'para',
  '\u00d7': 'times',
  '\u00a9': 'copy',
  '\u00a7': 'sect',
  '\u00ac': 'not',
  '\u00af': 'macr',
  '\u00b0': 'deg',
  '\u00a2': 'cent',
  '\u00a3': 'pound',
  '\u00a5': 'yen',
} as const;

/** Every shape such a character arrives in: its UTF-8 bytes read as Latin-1, percent-encoded, and as itself. */
const ENTITY_OF = new Map(
  Object.entries(HTML_CHARACTERS).flatMap(([character, entity]) =>
    [Buffer.from(character, 'utf8').toString('latin1'), encodeURIComponent(character), character].map(
      (shape) => [shape.toLowerCase(), entity] as const,
    ),
  ),
);

const AMPERSAND = String.raw`\\?&(?:(?:amp|(?:#|%23)(?:x26|38))(?:;|%3B))*`;
const HTML_CHARACTER = `(?:${[...ENTITY_OF.keys()].join('|')})(?=[\\w.\\-[\\]]*=)`;
const SECOND_QUESTION_MARK = String.raw`\?(?=[^=?&]+=)`;

const AMPERSANDS = new RegExp(AMPERSAND, 'gi');
const HTML_CHARACTERS_READ = new RegExp(HTML_CHARACTER, 'gi');
const MAYBE_DAMAGED = /&(?:amp|#|%23)|\\[&_]|[\u0080-\uffff]|%C[23]%/i;

/** Where a parameter may begin in a query that has not been mended yet, a second `?` included. */
export const PARAMETER_START = new RegExp(`${AMPERSAND}|${SECOND_QUESTION_MARK}|(?=${HTML_CHARACTER})`, 'gi');

/** A second `?` that is followed by `name=`: networks append `?click_id=…` to a URL that already has a query. */
export const APPENDED_QUERY = new RegExp(SECOND_QUESTION_MARK);

/** A query or form text as it was before HTML or Markdown damaged it; the same text when nothing is wrong. */
export function repaired(text: string): string {
  if (!MAYBE_DAMAGED.test(text)) return text;
  return withoutMarkdown(
    text
      .replace(AMPERSANDS, '&')
      .replace(HTML_CHARACTERS_READ, (shape) => `&${ENTITY_OF.get(shape.toLowerCase()) ?? ''}`),
  );
}

export function withoutMarkdown(text: string): string {
  return text.replaceAll(String.raw`\_`, '_');
}
