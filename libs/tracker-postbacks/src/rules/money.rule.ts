import { type WarningCode } from './codes';
import { agreed, CURRENCY_OF_SYMBOL, DOLLAR_SIGN, isDollar, KNOWN_CURRENCIES } from './currencies';
import { type DecimalMark } from './recipe';
import { trimmed } from './text.rule';

const MAX_LENGTH = 64;
const MAX_DIGITS = 18;

const ZERO_WIDTH = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const MINUS = /[\u2212\u2012\u2013]/g;
const SPACE = /\s/g;

const SYMBOLS = [...CURRENCY_OF_SYMBOL.keys()].map((symbol) => symbol.replace('$', String.raw`\$`)).join('|');
const MARK = `(?:${SYMBOLS}|[A-Za-z]{3,5})`;
/** `[sign][mark][sign] number [mark]`, single spaces between the parts. The number's own form is checked apart. */
const FORM = new RegExp(
  `^(?:([+-]) ?)?(?:(${MARK}) ?)?(?:([+-]) ?)?([.,]?[0-9](?:[0-9.,' ]*[0-9.,])?)(?: ?(${MARK}))?$`,
);
const PLAIN = /^(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?$/;
const CURRENCY = /^(?=.*[A-Z])[A-Z0-9]{2,12}$/;

/** An amount as it was read. */
export interface AmountReading {
  /** Canonical: no leading zeros, no `+`, `.` as decimal mark, the fraction as sent. Null: unreadable or ambiguous. */
  readonly amount: string | null;
  /** What the value itself says of its currency: a code, `$` for some dollar, or nothing. */
  readonly currencyHint: string | null;
  readonly warning: AmountWarning | null;
}
export type AmountWarning = Extract<
  WarningCode,
  'amount_ambiguous' | 'amount_unreadable' | 'decimal_mark_differs'
>;

const UNREADABLE: AmountReading = { amount: null, currencyHint: null, warning: 'amount_unreadable' };

/**
 * Reads an amount into a canonical decimal string, never a float. What could mean two amounts is not guessed: a lone
 * `1,234` needs the integration's decimal mark.
 */
export function readAmount(text: string, decimalMark: DecimalMark | null): AmountReading {
  if (text.length > MAX_LENGTH) return UNREADABLE;
  // A plain number is read at once; three digits after the point are the ambiguous case.
  if (PLAIN.test(text) && text.at(-4) !== '.' && (decimalMark !== ',' || !text.includes('.'))) {
    return { amount: text, currencyHint: null, warning: null };
  }
  const parts = FORM.exec(normalised(text));
  const number = parts?.[4];
  if (parts === null || number === undefined) return UNREADABLE;
  const [, outerSign, before, innerSign, , after] = parts;
  if (outerSign !== undefined && innerSign !== undefined) return UNREADABLE;
  const currencyHint = hintOf(before, after);
  if (currencyHint === undefined) return UNREADABLE;
  const read = readNumber(number, decimalMark);
  if (read === null) return UNREADABLE;
  if (read === 'ambiguous') return { amount: null, currencyHint, warning: 'amount_ambiguous' };
  const isNegative = (outerSign ?? innerSign) === '-' && /[1-9]/.test(read.amount);
  return {
    amount: isNegative ? `-${read.amount}` : read.amount,
    currencyHint,
    warning: read.differs ? 'decimal_mark_differs' : null,
  };
}

function normalised(text: string): string {
  return trimmed(
    text.replace(ZERO_WIDTH, '').replace(MINUS, '-').replaceAll('\u2019', "'").replace(SPACE, ' '),
  );
}

/** The currency of the marks round a number; null without one, undefined when one is unknown or they disagree. */
function hintOf(before: string | undefined, after: string | undefined): string | null | undefined {
  const marks = [before, after].filter((mark) => mark !== undefined).map(currencyOfMark);
  const [first = null, second = first] = marks;
  if (marks.includes(null)) return undefined;
  if (first === null || second === null) return null;
  return agreed(first, second) ?? undefined;
}

function currencyOfMark(mark: string): string | null {
  const symbol = CURRENCY_OF_SYMBOL.get(mark);
  if (symbol !== undefined) return symbol;
  const code = mark.toUpperCase();
  return KNOWN_CURRENCIES.has(code) ? code : null;
}

interface NumberReading {
  readonly amount: string;
  /** The number is unambiguous, and not written with the integration's decimal mark. */
  readonly differs: boolean;
}

function readNumber(number: string, decimalMark: DecimalMark | null): NumberReading | 'ambiguous' | null {
  const decimal = decimalPosition(number, decimalMark);
  if (decimal === 'ambiguous') return 'ambiguous';
  const whole = decimal === null ? number : number.slice(0, decimal);
  const fraction = decimal === null ? '' : number.slice(decimal + 1);
  const group = groupMarkOf(whole);
  if (group === undefined || !/^[0-9]*$/.test(fraction)) return null;
  if (group !== null && !isGrouped(whole.split(group), group)) return null;
  const digits = group === null ? whole : whole.replaceAll(group, '');
  if (digits.length > MAX_DIGITS || fraction.length > MAX_DIGITS) return null;
  const amount = (digits.replace(/^0+(?=[0-9])/, '') || '0') + (fraction === '' ? '' : `.${fraction}`);
  const decimalUsed = decimal === null ? null : number.charAt(decimal);
  const differs =
    decimalMark !== null && (group === decimalMark || (decimalUsed !== null && decimalUsed !== decimalMark));
  return { amount, differs };
}

/**
 * Where the decimal mark stands; null when there is none. Both marks: the last one. One, twice or more: groups. One,
 * once: decimal if the number has other groups, or if it cannot be a group of thousands; else it is the integration's
 * decimal mark that tells.
 */
function decimalPosition(number: string, decimalMark: DecimalMark | null): number | null | 'ambiguous' {
  const dot = number.lastIndexOf('.');
  const comma = number.lastIndexOf(',');
  const last = Math.max(dot, comma);
  if (last === -1) return null;
  if (dot !== -1 && comma !== -1) return last;
  const mark = number.charAt(last);
  if (number.indexOf(mark) !== last) return null;
  const before = number.slice(0, last);
  const couldBeGroups = /^[1-9][0-9]{0,2}$/.test(before) && number.length - last - 1 === 3;
  if (!couldBeGroups) return last;
  if (decimalMark === null) return 'ambiguous';
  return mark === decimalMark ? last : null;
}

/** The one kind of mark between the groups of a whole number; null without groups, undefined when kinds are mixed. */
function groupMarkOf(whole: string): string | null | undefined {
  const kinds = new Set(whole.replace(/[0-9]/g, ''));
  if (kinds.size > 1) return undefined;
  const [kind = null] = kinds;
  return kind;
}

/** One to three digits, then threes; with commas also the Indian form (twos, then three). */
function isGrouped(groups: readonly string[], mark: string): boolean {
  const [first = '', ...others] = groups;
  const lengths = others.map((group) => group.length);
  if (first.length >= 1 && first.length <= 3 && lengths.every((length) => length === 3)) return true;
  const last = lengths.pop();
  return (
    mark === ',' &&
    first.length >= 1 &&
    first.length <= 2 &&
    last === 3 &&
    lengths.every((length) => length === 2)
  );
}

export interface CurrencyReading {
  readonly currency: string | null;
  readonly warning: Extract<WarningCode, 'currency_unreadable' | 'currency_differs'> | null;
}

/**
 * The currency: the parameter; sent but unreadable: none, and no guess; else the mark in the amount; else the
 * integration's default; else the network's. `$` is the default if that is a dollar, else USD.
 */
export function readCurrency(
  sent: string | null,
  currencyHint: string | null,
  defaults: { readonly defaultCurrency: string | null; readonly presetCurrency: string | null },
): CurrencyReading {
  const byDefault = defaults.defaultCurrency ?? defaults.presetCurrency;
  if (sent === null) {
    if (currencyHint !== DOLLAR_SIGN) return { currency: currencyHint ?? byDefault, warning: null };
    return { currency: byDefault !== null && isDollar(byDefault) ? byDefault : 'USD', warning: null };
  }
  const currency = sent.toUpperCase();
  if (!CURRENCY.test(currency)) return { currency: null, warning: 'currency_unreadable' };
  const differs = currencyHint !== null && agreed(currency, currencyHint) === null;
  return { currency, warning: differs ? 'currency_differs' : null };
}
