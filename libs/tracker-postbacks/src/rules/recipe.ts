/** The five roles a parameter can play. */
export const ROLES = ['event', 'clickId', 'cost', 'currency', 'tid'] as const;
export type Role = (typeof ROLES)[number];

/** Parameters that every integration understands, in the order they are tried, before the recipe's own. */
export const CANONICAL = {
  event: ['tracker.event'],
  clickId: ['clickid', 'tracker.clickid'],
  cost: ['tracker.cost'],
  currency: ['tracker.currency', 'currency'],
  tid: ['tracker.tid'],
} as const satisfies Record<Role, readonly string[]>;

export type DecimalMark = '.' | ',';

/**
 * Where a network puts its event word.
 * - `parameter`: the value is the word (`status=ftd`).
 * - `flag`: the parameter's name is the word, set by `1`, `true`, `yes`, `on` or its own name (`ftd=true`).
 * - `composite`: several parameters make the word (`{goal}_{status}`).
 */
export type EventSource =
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'composite'; readonly template: string };

/** What an event word means after the map: an event name, or one of these three. */
export type EventMapTarget = string;
export const MAP_IGNORE = 'ignore';
export const MAP_REVERSAL = 'reversal';
export const MAP_DEPOSIT_STREAM = 'sale/resale';

/** A custom field that is also read from the parameter a network appends under its macro's inner name. */
export interface FieldMapping {
  /** The CRM's custom-field key. */
  readonly key: string;
  /** The network macro as it stands in the URL, e.g. `{user_id}`. */
  readonly macro: string;
}

/** How a network's amounts become the cost. */
export interface AmountRule {
  /** Events whose amount is negated, e.g. withdrawals. */
  readonly negate?: readonly string[];
  /** Parameters whose amounts are added to the cost, when they can be read. */
  readonly add?: readonly string[];
  /** Events whose amount stands in a parameter of its own: `{ withdraw: ['sumwithdraw'] }`; first usable wins. */
  readonly instead?: Readonly<Record<string, readonly string[]>>;
}

/**
 * How one integration's postbacks are read: plain compiled data, made from a preset and the integration's own settings.
 * Parameter names are tried in order after the canonical ones, exactly first, then without regard to case.
 */
export interface Recipe {
  readonly event: readonly EventSource[];
  readonly clickId: readonly string[];
  readonly cost: readonly string[];
  readonly currency: readonly string[];
  /** Names, or composites of several parameters (`{order_id}_{pay_sequence_no}`), which come last. */
  readonly tid: readonly string[];
  /** Lower-cased event word → event name, `ignore`, `reversal` or `sale/resale`. */
  readonly eventMap: ReadonlyMap<string, EventMapTarget>;
  readonly fields: readonly { readonly key: string; readonly parameter: string }[];
  /** Inner names of the macros that configs, mappings and preset use, per role. */
  readonly knownWords: Readonly<Record<Role, ReadonlySet<string>>>;
  /** The same, per custom-field key. */
  readonly knownFieldWords: ReadonlyMap<string, ReadonlySet<string>>;
  /** Words a network sends as they are when it had nothing to fill in, per role (`ext_id`). */
  readonly bareWords: Readonly<Record<Role, ReadonlySet<string>>>;
  /** The network's macro syntax around `x`: `{x}`, `[x]`, `#x#` …; null when unknown. */
  readonly macroSyntax: string | null;
  readonly decimalMark: DecimalMark | null;
  /** The integration's own default currency, upper case. */
  readonly defaultCurrency: string | null;
  /** The currency that the network always means, upper case. */
  readonly presetCurrency: string | null;
  /** @default the amount as sent */
  readonly amountRule?: AmountRule | null;
  /** How what the network glues to a click id begins (`_`, `|sub=`); an id that exists as sent is used whole. */
  readonly clickIdSuffixes?: readonly string[];
}

const NO_WORDS: ReadonlySet<string> = new Set();
const NO_ROLE_WORDS = {
  event: NO_WORDS,
  clickId: NO_WORDS,
  cost: NO_WORDS,
  currency: NO_WORDS,
  tid: NO_WORDS,
} as const;

/** A recipe that knows only the canonical parameter names. */
export const EMPTY_RECIPE: Recipe = {
  event: [],
  clickId: [],
  cost: [],
  currency: [],
  tid: [],
  eventMap: new Map(),
  fields: [],
  knownWords: NO_ROLE_WORDS,
  knownFieldWords: new Map(),
  bareWords: NO_ROLE_WORDS,
  macroSyntax: null,
  decimalMark: null,
  defaultCurrency: null,
  presetCurrency: null,
};
