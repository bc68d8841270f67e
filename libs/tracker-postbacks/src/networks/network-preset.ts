import {
  type AmountRule,
  type DecimalMark,
  type EventMapTarget,
  type EventSource,
  type FieldMapping,
  type Role,
} from '../rules/recipe';

/** Parameter names or words per role. */
export type PerRole = Partial<Readonly<Record<Role, readonly string[]>>>;

/** Stands for the integration's default currency as a constant in lower case. */
export const DEFAULT_CURRENCY = 'default';

/** One postback URL that an integration gets when it is made from the preset. */
export interface PresetPostback {
  /** What a person calls it: `First Deposit`. */
  readonly name: string;
  /**
   * An event name or a word of the event map, or the network's own macro (`{status}`, `{goal}_{status}`) whose word the
   * event map then reads. Of a network without macros the macro names the parameter it sends itself (`{event}`): the URL
   * then carries no event.
   */
  readonly event: string;
  /** The text after `tracker.cost=`: a network macro, verbatim. */
  readonly cost?: string;
  /** The text after `tracker.currency=`: a network macro, or {@link DEFAULT_CURRENCY}. */
  readonly currency?: string;
  /** What stands in for {@link DEFAULT_CURRENCY} while there is no default; without it the parameter is left out. */
  readonly currencyFallback?: string;
  readonly tid?: string;
  readonly fields?: readonly FieldMapping[];
  /** Further parameters, put into the URL verbatim; a name may be a macro too (`{status}=true`). */
  readonly extra?: Readonly<Record<string, string>>;
  /**
   * A period aggregate that the network sends again and again (daily commission): each one is recorded as a conversion of
   * its custom event, and sums leave that event out, since adding up aggregates would count the same money many times.
   * Never an event that is counted (`registration`, `conf`, `sale`, `resale`). @default false
   */
  readonly snapshot?: boolean;
}

/** A custom field of the lead worth creating in the CRM before the first postback arrives. */
export interface PresetCustomField {
  readonly key: string;
  /** Where the network takes it from, verbatim. */
  readonly macro: string;
  readonly description: string;
}

/** One input of the network's own form and what to put there. */
export interface PresetFormField {
  /** The label in the network's cabinet. */
  readonly field: string;
  readonly enter: string;
}

/** How the network wants to be answered; where absent the plain JSON reply does. */
export interface PresetReply {
  readonly format: 'json' | 'text' | 'empty' | 'gif';
  readonly text?: string;
  readonly always200?: boolean;
}

/**
 * How much a preset can be trusted.
 * - `official`: the network's own documentation.
 * - `vendor`: documentation of another tool that works with the network.
 * - `template`: public template data of trackers; may lag behind the network's cabinet: verify there.
 * - `none`: nothing to be known (`custom`).
 */
export type PresetEvidence = 'official' | 'vendor' | 'template' | 'none';

/**
 * Everything known about one affiliate network, as data: an integration made from it needs no further settings, its user
 * only copies URLs. What an integration sets itself comes before the preset.
 *
 * @example
 * const acme: NetworkPreset = {
 *   ...customPreset,
 *   key: 'acme',
 *   name: 'Acme Partners',
 *   clickIdParameter: 'subid',
 *   eventMap: { ftd: 'sale', dep: 'resale' },
 * };
 */
export interface NetworkPreset {
  /** Stable, stands in rows and requests: `^[a-z0-9][a-z0-9-]{0,63}$`. */
  readonly key: string;
  readonly name: string;
  /** The parameter of the landing link that the network stores and echoes. */
  readonly clickIdParameter: string;
  /**
   * The syntax of the network's macros around one `x`: `{x}`, `[x]`, `#x#`; an upper-case `X` for upper-case names. Null:
   * the network fills in no macros and sends parameters of its own, appended or in a form or JSON body.
   */
  readonly macroSyntax: string | null;
  /** The click-id macro where it is not `clickIdParameter` in `macroSyntax` (`{{EXTERNAL_ID}}`). */
  readonly clickIdMacro?: string;
  /** Where the network puts its event word, in the order in which sources and flags win. */
  readonly event: readonly EventSource[];
  /**
   * Parameter names of the network per role, besides the canonical ones and the link parameter; first usable wins.
   * Members of a JSON body have flattened names (`data.purchase.transaction`). A tid may be a composite of several
   * parameters (`{order_id}_{pay_sequence_no}`). The event's stand in `event`.
   */
  readonly roles: Omit<PerRole, 'event'>;
  /** The network's word, lower case → an event name, `ignore`, `reversal` or `sale/resale`. */
  readonly eventMap: Readonly<Record<string, EventMapTarget>>;
  /** How the network's amounts become the cost. @default the amount as sent */
  readonly amountRule?: AmountRule;
  /** How what the network glues to a click id begins (`_`): an id that is not known as sent is looked up without it. */
  readonly clickIdSuffixes?: readonly string[];
  /** The mark in the network's amounts; null when unknown. */
  readonly decimalMark: DecimalMark | null;
  /** The currency that amounts without one are in, upper case; null when unknown. */
  readonly currency: string | null;
  /** Inner names of the network's macros per role, besides those that `postbacks` use. */
  readonly knownWords: PerRole;
  /** What the network sends as it is, per role, when it had nothing to fill in (`ext_id`). */
  readonly bareWords: PerRole;
  /** The URLs an integration starts with, one per event. */
  readonly postbacks: readonly PresetPostback[];
  readonly customFields: readonly PresetCustomField[];
  /** The network's base URL may hold no `?`: events stand in the path and no secret can be carried. */
  readonly eventInPath: boolean;
  readonly reply: PresetReply | null;
  /** What the network's form asks for, field by field. */
  readonly form: readonly PresetFormField[];
  /** What a person should know before the first postback. */
  readonly notes: readonly string[];
  readonly evidence: PresetEvidence;
  /** Where that can be read; null when there is no public page. */
  readonly source: string | null;
  /** The day somebody last compared the preset with its source: `2026-11-21`. */
  readonly verifiedOn: string;
}
