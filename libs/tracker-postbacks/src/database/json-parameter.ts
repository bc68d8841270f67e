/** NUL and lone surrogates, as JSON.stringify writes them, where the backslash itself is not escaped. */
const UNSTORABLE = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi;

/**
 * One JSON parameter for a whole batch. PostgreSQL turns down text with NUL or a lone surrogate, and would turn down
 * the whole batch with it: readings are clean already, this holds whatever else may get in.
 */
export function jsonParameter(value: unknown): string {
  return storableJson(JSON.stringify(value));
}

/** The same of JSON that is text already. */
export function storableJson(text: string): string {
  return text.includes('\\u') ? text.replace(UNSTORABLE, '$1') : text;
}
