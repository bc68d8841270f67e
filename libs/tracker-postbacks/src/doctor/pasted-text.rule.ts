import { repaired } from '../rules/damage.rule';
import { percentDecoded } from '../rules/text.rule';
import { type UrlFindingCode } from './finding-codes';

/** Bytes of UTF-8 that may be pasted. */
export const MAX_PASTED_BYTES = 16_384;

/** A pasted text as the URL that was meant, and what had to be mended to see it. */
export type PastedText =
  | { readonly kind: 'url'; readonly text: string; readonly codes: readonly UrlFindingCode[] }
  | { readonly kind: 'invalid'; readonly reason: string };

const QUERY_ONLY = /^\??[\w.%{}[\]#\\-]{1,128}=/;
const SCHEME = /https?:\/\//i;
const ENCODED_SCHEME = /^https?%(?:25)*3A%(?:25)*2F%(?:25)*2F/i;
const OTHER_SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d)/i;
const BARE_HOST = /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:[/?]|$)/i;
const MARKDOWN_LINK = /^\[[^\]]*\]\(\s*([^\s]+)\s*\)$/;
/** A URL up to the first white space or quote; macros such as `[click id]` may hold single spaces. */
const URL_RUN = /^(?:\{[^{}\s]+(?: [^{}\s]+)*\}|\[[^[\]\s]+(?: [^[\]\s]+)*\]|[^\s"`«»“”„])+/;
const BLANKS = /[\s\u200b\ufeff\u00a0]/;
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;
const ENTITY = /&(?:amp|(?:#|%23)(?:x26|38))(?:;|%3B)/gi;
const BRACE_ENTITY = /&(?:lcub|lbrace|#123|#x7b|(rcub|rbrace|#125|#x7d));/gi;
const MARKDOWN = /\\(?=[&_{}[\]=?.#~*()-])/g;
const WRAPPERS: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['<', '>'],
  ['(', ')'],
  ['«', '»'],
  ['“', '”'],
  ['„', '“'],
]);

/**
 * What users really paste: URLs with quotes, text or line breaks around them, Markdown links, percent-encoded ones, HTML
 * with its entities, a query alone.
 */
export function cleanPasted(pasted: string): PastedText {
  if (Buffer.byteLength(pasted, 'utf8') > MAX_PASTED_BYTES) {
    return invalid(`is longer than ${MAX_PASTED_BYTES} bytes`);
  }
  if (CONTROL.test(pasted)) return invalid('holds control characters');
  const codes = new Set<UrlFindingCode>();
  const bare = unwrapped(pasted, codes);
  if (bare === '') return invalid('is empty');
  const decoded = wholeDecoded(bare, codes);
  if (decoded === null) return invalid('is percent-encoded in a way that cannot be read');
  const alone = withoutText(joined(decoded, codes), codes);
  const mended = withoutDamage(alone, codes);
  const reason = refusalOf(mended);
  return reason === null ? { kind: 'url', text: mended, codes: [...codes] } : invalid(reason);
}

function invalid(reason: string): PastedText {
  return { kind: 'invalid', reason };
}

function refusalOf(text: string): string | null {
  const scheme = SCHEME.exec(text);
  if (scheme?.index === 0) {
    const authority = /^[^/?]*/.exec(text.slice(scheme[0].length))?.[0] ?? '';
    if (authority === '') return 'names no host';
    if (authority.includes('@')) return 'holds credentials';
    return null;
  }
  if (/^[?/]/.test(text) || QUERY_ONLY.test(text) || BARE_HOST.test(text)) return null;
  if (OTHER_SCHEME.test(text)) return 'is not an http or https URL';
  return 'is neither a URL nor a query';
}

/** Without white space, quotes and brackets around. */
function unwrapped(text: string, codes: Set<UrlFindingCode>): string {
  let rest = text;
  for (;;) {
    const trimmed = trim(rest);
    if (trimmed !== rest) codes.add('white_space');
    rest = trimmed;
    const link = MARKDOWN_LINK.exec(rest)?.[1];
    const close = WRAPPERS.get(rest.charAt(0));
    if (link !== undefined && SCHEME.test(link)) rest = link;
    else if (close !== undefined && rest.length > 1 && rest.endsWith(close)) rest = rest.slice(1, -1);
    else return rest;
    codes.add('text_around');
  }
}

function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANKS.test(text.charAt(start))) start += 1;
  while (end > start && BLANKS.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function wholeDecoded(text: string, codes: Set<UrlFindingCode>): string | null {
  const isEncodedQuery = !/[=:/?]/.test(text) && /^[\w.-]+%(?:25)*3D/i.test(text);
  if (!ENCODED_SCHEME.test(text) && !isEncodedQuery) return text;
  codes.add('url_encoded');
  let last: string | null = text;
  // Chat programs and forms encode what is encoded already.
  for (let round = 0; round < 3 && last !== null && !/[=?]/.test(last); round += 1)
    last = percentDecoded(last);
  return last;
}

/** A URL that a mail program broke over several lines, or that got spaces round its separators. */
function joined(text: string, codes: Set<UrlFindingCode>): string {
  // The look-behind keeps long runs of blanks from being tried again at each of them.
  const one = text.replace(/[\u200b\ufeff]/g, '').replace(/(?<!\s)\s+(?=[&?])|(?<=[&?=])\s+/g, '');
  if (one !== text) codes.add('white_space');
  return one;
}

/** The URL alone, where a sentence stands around it. */
function withoutText(text: string, codes: Set<UrlFindingCode>): string {
  const at = QUERY_ONLY.test(text) || /^[?/]/.test(text) ? 0 : Math.max(0, text.search(SCHEME));
  const from = text.slice(at);
  const run = (URL_RUN.exec(from)?.[0] ?? from).replace(/['’]+$|(?<=[}\]])[.,;)]+$|[,;]+$/, '');
  if (run !== text) codes.add('text_around');
  return run;
}

function withoutDamage(text: string, codes: Set<UrlFindingCode>): string {
  const plain = text
    .replace(ENTITY, '&')
    .replace(BRACE_ENTITY, (_, closing?: string) => (closing === undefined ? '{' : '}'));
  if (plain !== text) codes.add('html_entity');
  const unmarked = plain.replace(MARKDOWN, '');
  if (unmarked !== plain) codes.add('markdown_backslash');
  const mark = unmarked.indexOf('?') + 1;
  const query = repaired(unmarked.slice(mark));
  if (query !== unmarked.slice(mark)) codes.add('html_character');
  return unmarked.slice(0, mark) + query;
}
