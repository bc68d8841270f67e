import { CLICK_ID_MACRO, isClickIdMacro, maskedMacros } from './link-macros.rule';
import { formDecoded, isLongerThan, trimmed } from './text.rule';

export const MAX_BASE_URL_LENGTH = 2000;

/** Why a text cannot be the base URL of a registration link. */
export type BaseUrlProblem =
  | 'too_long'
  | 'control_characters'
  | 'not_http'
  | 'macro_in_address'
  | 'credentials'
  | 'white_space'
  | 'host_invalid';

/** The base URL as it is kept, or what is wrong with it. */
export type CheckedBaseUrl =
  { readonly ok: true; readonly baseUrl: string } | { readonly ok: false; readonly problem: BaseUrlProblem };

/** One parameter of a link's query; the fragment has none, even where it holds a `?` of its own. */
export interface LinkParameter {
  /** Decoded. */
  readonly name: string;
  /** As written. */
  readonly value: string;
  /** Where its text begins and ends within the link. */
  readonly start: number;
  readonly end: number;
}

/** The link with its click-id parameter, or the value that already stands in that parameter. */
export type LinkUrl =
  { readonly ok: true; readonly url: string } | { readonly ok: false; readonly value: string };

const CONTROL = /[\p{Cc}\p{Cs}]/u;
/** Spaces of all kinds, and characters that show nothing: both end or change a link where it is pasted. */
const BLANK = /[\s\p{Cf}]/u;
const ADDRESS = /^https?:\/\/([^/?#]*)/i;
const MACRO_BEFORE_ADDRESS = /^[^/?#]*[{}]/;
const BRACE = /[{}]|%7[bd]/i;
/** Browsers read `\` as `/` and decode `%`: the host they open would not be the one that was checked. */
const UNCLEAR_HOST = /[\\%]/;

/**
 * A base URL without the spaces around it and otherwise as it is. It has to be http(s) with a host of its own: a macro
 * before the path, ours or the network's, could lead anywhere. `HTTP://`, IDN and IPv6 hosts are fine.
 */
export function checkedBaseUrl(given: string): CheckedBaseUrl {
  const baseUrl = trimmed(given);
  // Line breaks at the ends too: what is stored is what was checked, byte for byte.
  const problem = CONTROL.test(given) ? 'control_characters' : problemOf(baseUrl);
  return problem === null ? { ok: true, baseUrl } : { ok: false, problem };
}

/**
 * The final URL: the base URL with the click-id macro in its parameter, and every other byte as it was. A parameter that
 * already holds the macro stays, an empty one is filled in place, one with anything else is not ours to overwrite.
 *
 * @param parameter the integration's click-id parameter, URL-safe; compared with case, as networks do
 */
export function linkUrl(baseUrl: string, parameter: string): LinkUrl {
  const own = linkParameters(baseUrl).filter(({ name }) => name === parameter);
  const taken = own.find(({ value }) => value !== '' && !isClickIdMacro(value));
  if (taken !== undefined) return { ok: false, value: taken.value };
  if (own.length === 0) return { ok: true, url: appended(baseUrl, `${parameter}=${CLICK_ID_MACRO}`) };
  let url = baseUrl;
  for (const { value, start, end } of own.toReversed()) {
    if (value !== '') continue;
    const name = url.slice(start, end).replace('=', '');
    url = `${url.slice(0, start)}${name}=${CLICK_ID_MACRO}${url.slice(end)}`;
  }
  return { ok: true, url };
}

/** The parameters of a link's query, in order. A `&`, `?` or `#` within double braces separates nothing. */
export function linkParameters(url: string): readonly LinkParameter[] {
  const shape = maskedMacros(url);
  const { query, end } = partsOf(shape);
  const parameters: LinkParameter[] = [];
  for (let start = query; start < end;) {
    const separator = shape.indexOf('&', start);
    const stop = separator < 0 || separator > end ? end : separator;
    const equals = shape.slice(start, stop).indexOf('=');
    const nameEnd = equals < 0 ? stop : start + equals;
    const rawName = url.slice(start, nameEnd);
    const value = url.slice(Math.min(nameEnd + 1, stop), stop);
    if (stop > start) parameters.push({ name: formDecoded(rawName) ?? rawName, value, start, end: stop });
    start = stop + 1;
  }
  return parameters;
}

function problemOf(baseUrl: string): BaseUrlProblem | null {
  if (isLongerThan(baseUrl, MAX_BASE_URL_LENGTH)) return 'too_long';
  const shape = maskedMacros(baseUrl);
  if (MACRO_BEFORE_ADDRESS.test(shape)) return 'macro_in_address';
  const address = ADDRESS.exec(shape)?.[1];
  if (address === undefined) return 'not_http';
  if (address.includes('@')) return 'credentials';
  if (BRACE.test(address)) return 'macro_in_address';
  if (BLANK.test(shape)) return 'white_space';
  return address === '' || UNCLEAR_HOST.test(address) || !URL.canParse(baseUrl) ? 'host_invalid' : null;
}

function appended(url: string, parameter: string): string {
  const shape = maskedMacros(url);
  const { query, end } = partsOf(shape);
  const separator = query > end ? '?' : query === end || shape.charAt(end - 1) === '&' ? '' : '&';
  return `${url.slice(0, end)}${separator}${parameter}${url.slice(end)}`;
}

/** Where the query begins and where it ends; without a `?` it begins behind its end. */
function partsOf(shape: string): { readonly query: number; readonly end: number } {
  const hash = shape.indexOf('#');
  const end = hash < 0 ? shape.length : hash;
  const mark = shape.slice(0, end).indexOf('?');
  return { query: mark < 0 ? end + 1 : mark + 1, end };
}
