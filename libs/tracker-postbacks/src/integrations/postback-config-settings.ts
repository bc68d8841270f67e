import { macroNames } from '../networks/macro-syntax';
import { isEventName } from '../rules/event-word.rule';
import { type FieldMapping } from '../rules/recipe';
import { Findings } from './findings';
import { isParameterName } from './parameter-name';

/** What can be changed about a postback config: absent leaves unchanged, null clears. */
export interface UpdatePostbackConfig {
  readonly name?: string | undefined;
  /** An event name, or the network's own macro (`{status}`). */
  readonly event?: string | undefined;
  /** A network macro or a constant. */
  readonly cost?: string | null | undefined;
  readonly currency?: string | null | undefined;
  readonly tid?: string | null | undefined;
  readonly fields?: readonly FieldMapping[] | null | undefined;
  /** Further parameters, verbatim. */
  readonly extra?: Readonly<Record<string, string>> | null | undefined;
}

/** The recipe for one event's URL. */
export interface CreatePostbackConfig extends UpdatePostbackConfig {
  readonly name: string;
  readonly event: string;
}

/** As stored; only what was given. */
export interface CheckedPostbackConfig {
  name?: string;
  event?: string;
  cost?: string | null;
  currency?: string | null;
  tid?: string | null;
  fields?: readonly FieldMapping[];
  extra?: Readonly<Record<string, string>> | null;
}

/** What the URLs of the integration can hold. */
export interface UrlAbilities {
  readonly macroSyntax: string | null;
  /** The network wants the event in the path and a URL without `?`. */
  readonly eventInPath: boolean;
}

const MAX_TEXT = 255;
const MAX_FIELDS = 100;
const MAX_EXTRAS = 50;
const CURRENCY = /^(?=.*[A-Z])[A-Z0-9]{2,12}$/i;
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set([
  'prototype',
  ...Object.getOwnPropertyNames(Object.prototype),
]);

/**
 * Checks and normalises a postback config: event names in lower case, macros verbatim.
 *
 * @throws {TrackerError} `validation_failed`
 */
export function checkedPostbackConfig(input: UpdatePostbackConfig, url: UrlAbilities): CheckedPostbackConfig {
  const findings = new Findings();
  const config: CheckedPostbackConfig = {};
  if (input.name !== undefined) config.name = findings.text(input.name, 'name', 255);
  if (input.event !== undefined) config.event = event(input.event, url, findings);
  for (const role of ['cost', 'currency', 'tid'] as const) {
    const value = input[role];
    if (value === undefined) continue;
    config[role] = value === null ? null : findings.text(value, role, MAX_TEXT);
    if (config[role] !== null) inQuery(role, url, findings);
  }
  checkConstants(config, url, findings);
  if (input.fields !== undefined)
    config.fields = input.fields === null ? [] : mappings(input.fields, findings);
  if (input.extra !== undefined) {
    config.extra = input.extra === null ? null : extras(input.extra, findings);
    if (config.extra !== null) inQuery('extra', url, findings);
  }
  findings.throwIfAny();
  return config;
}

function event(value: unknown, url: UrlAbilities, findings: Findings): string {
  const text = findings.text(value, 'event', 128);
  if (text === '') return '';
  if (macroNames(text, url.macroSyntax).length > 0) {
    findings.demand(!url.eventInPath, 'event', 'event has to be a name: this network wants it in the path');
    return text;
  }
  const name = text.toLowerCase();
  findings.demand(
    isEventName(name),
    'event',
    'event has to be a name of 1 to 64 letters, digits, _ . - that is not reserved, or a macro of the network',
  );
  return name;
}

function inQuery(field: string, { eventInPath }: UrlAbilities, findings: Findings): void {
  findings.demand(
    !eventInPath,
    field,
    `${field} cannot stand in the URL: this network takes none with "?" and appends its own parameters`,
  );
}

function checkConstants(
  { currency, tid }: CheckedPostbackConfig,
  url: UrlAbilities,
  findings: Findings,
): void {
  const isConstant = (text: string | null | undefined): text is string =>
    typeof text === 'string' && text !== '' && macroNames(text, url.macroSyntax).length === 0;
  findings.demand(
    !isConstant(currency) || CURRENCY.test(currency),
    'currency',
    'currency has to be a macro of the network or a code like usd',
  );
  findings.demand(
    !isConstant(tid),
    'tid',
    'tid has to hold a macro of the network: a constant would make every later deposit a duplicate',
  );
}

function mappings(values: readonly FieldMapping[], findings: Findings): readonly FieldMapping[] {
  findings.demand(values.length <= MAX_FIELDS, 'fields', `fields has to have at most ${MAX_FIELDS} entries`);
  const keys = new Set<string>();
  return values.map(({ key: sentKey, macro: sentMacro }, index) => {
    const key = findings.text(sentKey, `fields.${index}.key`, 64);
    const macro = findings.text(sentMacro, `fields.${index}.macro`, MAX_TEXT);
    findings.demand(
      !PROTOTYPE_KEYS.has(key),
      `fields.${index}.key`,
      `fields.${index}.key cannot be "${key}": that name is part of every object`,
    );
    findings.demand(!keys.has(key), `fields.${index}.key`, `fields.${index}.key is there twice`);
    keys.add(key);
    return { key, macro };
  });
}

function extras(
  values: Readonly<Record<string, string>>,
  findings: Findings,
): Readonly<Record<string, string>> | null {
  const entries = Object.entries(values);
  findings.demand(entries.length <= MAX_EXTRAS, 'extra', `extra has to have at most ${MAX_EXTRAS} entries`);
  const checked = entries.map(([sentName, sentValue]) => {
    const name = findings.text(sentName, `extra.${sentName}`, 64);
    findings.demand(
      name === '' || isParameterName(name.replace(/#/g, '')),
      `extra.${name}`,
      `extra.${name} has to be a parameter name that is none of our own`,
    );
    return [name, findings.text(sentValue, `extra.${name}`, MAX_TEXT)] as const;
  });
  return checked.length === 0 ? null : Object.fromEntries(checked);
}
