import { type UrlConfig } from '../integrations/postback-url';
import { type Role } from '../rules/recipe';
import { configParameters, type LintTarget, outcomeOf, purposeOf } from './lint-target';
import { macrosIn } from './macro-forms.rule';

/** What a sample is filled with. */
export interface SampleValues {
  readonly clickId: string;
  readonly tid: string;
}

/** A request as the network would send it. */
export interface SamplePostback {
  /** Still percent-encoded; null where the path holds no event. */
  readonly pathEvent: string | null;
  /** Percent-encoded, without `?`. */
  readonly query: string;
}

type Target = Pick<
  LintTarget,
  'configs' | 'recipe' | 'clickIdMacro' | 'clickIdParameter' | 'eventInPath' | 'isSecretValid'
>;
type Parameters = readonly (readonly [name: string, value: string])[];

/** Plausible values by what a macro is called; the first that fits. */
const BY_NAME: readonly (readonly [name: RegExp, value: string])[] = [
  [/mail/i, 'lead@example.com'],
  [/currency/i, 'USD'],
  [/country|geo|region/i, 'PT'],
  [/date|time/i, '2026-11-21'],
  [/\bip\b|ip_|_ip/i, '203.0.113.7'],
  [/phone/i, '+351910000000'],
  [/id$|_id|number/i, '1000001'],
  [/sum|amount|payout|revenue|profit|cost|dep/i, '12.50'],
];
const OTHER = 'sample';

/**
 * A sample of one event: the URL of its config with each macro filled in as the network would, or, where the event has
 * no config, the parameters that every integration understands.
 */
export function samplePostback(event: string, target: Target, values: SampleValues): SamplePostback {
  const config = configOf(event, target);
  const word = wordOf(event, config, target);
  if (target.eventInPath) {
    return { pathEvent: encodeURIComponent(word), query: query(appended(event, target, values)) };
  }
  const sample =
    target.clickIdMacro === null
      ? [...eventParameter(word, target), ...appended(event, target, values)]
      : config === null
        ? plain(event, target, values)
        : filled(config, word, target, values);
  return { pathEvent: null, query: query(sample) };
}

function configOf(event: string, { configs, recipe }: Target): UrlConfig | null {
  const outcome = outcomeOf(event, recipe);
  return (
    configs.find((config) => config.event.toLowerCase() === event) ??
    configs.find((config) => outcome !== null && outcomeOf(config.event, recipe) === outcome) ??
    configs.find((config) => macrosIn(config.event, recipe.macroSyntax).length > 0) ??
    null
  );
}

/** The network's own word for the event where its URL asks for one. */
function wordOf(event: string, config: UrlConfig | null, { recipe }: Target): string {
  if (config === null) return event;
  if (macrosIn(config.event, recipe.macroSyntax).length === 0) return config.event;
  const word = [...recipe.eventMap].find(([, meaning]) => meaning === event)?.[0];
  return recipe.eventMap.has(event) ? event : (word ?? event);
}

function filled(config: UrlConfig, word: string, target: Target, values: SampleValues): Parameters {
  return configParameters(config, { ...target, isSecretValid: null }).map(([name, value]) => {
    const purpose = purposeOf(name, target.recipe);
    const role = purpose.kind === 'role' ? purpose.role : null;
    const sent = role === 'event' ? word : fill(value, role, word, target, values);
    return [fill(name, 'event', word, target, values), sent] as const;
  });
}

/** The event as a network puts it that appends its own parameters. */
function eventParameter(word: string, { recipe }: Target): Parameters {
  const [source] = recipe.event;
  if (source?.kind === 'parameter') return [[source.name, word]];
  return [['tracker.event', word]];
}

function fill(text: string, role: Role | null, word: string, target: Target, values: SampleValues): string {
  return macrosIn(text, target.recipe.macroSyntax).reduce(
    (rest, macro) => rest.replace(macro.text, () => valueFor(role, macro.name, word, target, values)),
    text,
  );
}

function valueFor(
  role: Role | null,
  macro: string,
  word: string,
  { recipe }: Target,
  { clickId, tid }: SampleValues,
): string {
  switch (role) {
    case 'event':
      return word;
    case 'clickId':
      return clickId;
    case 'cost':
      return amountOf(recipe);
    case 'currency':
      return recipe.defaultCurrency ?? recipe.presetCurrency ?? 'USD';
    case 'tid':
      return tid;
    case null:
      return BY_NAME.find(([name]) => name.test(macro))?.[1] ?? OTHER;
  }
}

function amountOf({ decimalMark }: Target['recipe']): string {
  return decimalMark === ',' ? '12,50' : '12.50';
}

/** What a network that fills in no macros adds to the URL by itself. */
function appended(event: string, target: Target, values: SampleValues): Parameters {
  const { recipe, clickIdParameter } = target;
  const money: Parameters = isMoney(event, target)
    ? [
        [recipe.cost[0] ?? 'tracker.cost', amountOf(recipe)],
        [recipe.tid[0] ?? 'tracker.tid', values.tid],
      ]
    : [];
  const fields = recipe.fields.map(
    ({ parameter }) => [parameter, valueFor(null, parameter, event, target, values)] as const,
  );
  return [[clickIdParameter, values.clickId], ...money, ...fields];
}

function plain(event: string, target: Target, values: SampleValues): Parameters {
  const currency = target.recipe.defaultCurrency ?? target.recipe.presetCurrency ?? 'USD';
  return [
    ['tracker.event', event],
    ['clickid', values.clickId],
    ...(isMoney(event, target)
      ? [['tracker.cost', amountOf(target.recipe)] as const, ['tracker.currency', currency] as const]
      : []),
  ];
}

function isMoney(event: string, { recipe }: Target): boolean {
  const outcome = outcomeOf(event, recipe);
  return outcome === 'sale' || outcome === 'resale' || outcome === 'sale/resale';
}

function query(parameters: Parameters): string {
  return parameters
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}
