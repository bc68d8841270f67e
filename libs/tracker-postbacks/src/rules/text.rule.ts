/** What a role or field is trimmed of: Unicode white space, NEL, U+200B and U+FEFF. */
const BLANK = /[\s\u0085\u200b]/;
/** NUL and lone surrogates: PostgreSQL refuses both, so they never leave the raw text. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;
const MAYBE_UNSTORABLE = /[\0\ud800-\udfff]/;
const STRAY_PERCENT = /%(?![0-9a-f]{2})/gi;
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g;

/** Trimming from both ends in linear time (`\s+$` is quadratic on inner runs of spaces). */
export function trimmed(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  if (first > 0x20 && first < 0x7f && last > 0x20 && last < 0x7f) return text;
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text.charAt(start))) start += 1;
  while (end > start && BLANK.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

export function hasUnstorable(text: string): boolean {
  return MAYBE_UNSTORABLE.test(text);
}

/** The text without NUL and lone surrogates. */
export function storable(text: string): string {
  return hasUnstorable(text) ? text.replace(UNSTORABLE, '') : text;
}

/** Percent-decoding as UTF-8, once. A `%` that begins no escape is itself. Null when the bytes are not UTF-8. */
export function percentDecoded(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text.replace(STRAY_PERCENT, '%25'));
  } catch {
    return null;
  }
}

/** The same for a query or form, where `+` is a space. */
export function formDecoded(text: string): string | null {
  return percentDecoded(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** The first `length` UTF-16 units, without half a character at the end. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** What a column of 255 characters takes of it. */
export function shortened(text: string | null): string | null {
  return text === null ? null : cut(text, 255);
}

/** Whether the text has more than `limit` characters (code points, as databases count). */
export function isLongerThan(text: string, limit: number): boolean {
  return text.length > limit && (text.length > 2 * limit || Array.from(text).length > limit);
}

/** A value as a message may repeat it: one line, at most 64 characters. */
export function quotable(text: string): string {
  const short = cut(text, 64);
  return (short === text ? text : `${short}…`).replace(CONTROL, ' ');
}
