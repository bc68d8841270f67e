import { HIDDEN_SECRET, type UrlConfig } from '../integrations/postback-url';
import { macroNames } from '../networks/macro-syntax';
import { CANONICAL, type Recipe, type Role, ROLES } from '../rules/recipe';
import { templateParts } from '../rules/compiled-recipe';
import { isFieldParameter } from '../rules/fields.rule';
import { readEventWord } from '../rules/event-word.rule';

/** Everything about an integration that its URLs are compared with. */
export interface LintTarget {
  readonly id: string;
  /** Its URL without query: `https://crm.example.com/api/postbacks/<id>/tracker-postback`. */
  readonly address: string;
  readonly networkName: string;
  readonly recipe: Recipe;
  readonly configs: readonly UrlConfig[];
  /** The ready URLs of the configs, in the same order, a secret shown as `•••`. */
  readonly readyUrls: readonly string[];
  readonly clickIdParameter: string;
  /** Null where the network fills in no macros. */
  readonly clickIdMacro: string | null;
  readonly eventInPath: boolean;
  /** Tells whether a secret is valid; null for an integration without one. */
  readonly isSecretValid: ((secret: string) => boolean) | null;
  /** Names of the tenant's other integrations whose ids were pasted. */
  readonly others: ReadonlyMap<string, string>;
}

/** What a parameter of a postback URL is for. */
export type Purpose =
  | { readonly kind: 'role'; readonly role: Role }
  | { readonly kind: 'field'; readonly key: string }
  | { readonly kind: 'secret' }
  | { readonly kind: 'none' };

const FIELD_PREFIX_LENGTH = 'fields.'.length;
const purposes = new WeakMap<Recipe, ReadonlyMap<string, Role>>();

export function purposeOf(name: string, recipe: Recipe): Purpose {
  const lower = name.toLowerCase();
  if (lower === 'key') return { kind: 'secret' };
  if (isFieldParameter(name)) return { kind: 'field', key: name.slice(FIELD_PREFIX_LENGTH) };
  const role = rolesByName(recipe).get(lower);
  if (role !== undefined) return { kind: 'role', role };
  const mapped = recipe.fields.find(({ parameter }) => parameter.toLowerCase() === lower);
  return mapped === undefined ? { kind: 'none' } : { kind: 'field', key: mapped.key };
}

function rolesByName(recipe: Recipe): ReadonlyMap<string, Role> {
  const known = purposes.get(recipe);
  if (known !== undefined) return known;
  const eventNames = recipe.event.flatMap((source) =>
    source.kind === 'composite'
      ? templateParts(source.template).flatMap((part) => (part.kind === 'parameter' ? [part.name] : []))
      : [source.name],
  );
  const names: Readonly<Record<Role, readonly string[]>> = {
    event: [...CANONICAL.event, ...eventNames],
    clickId: [...CANONICAL.clickId, ...recipe.clickId],
    cost: [...CANONICAL.cost, ...recipe.cost, ...(recipe.amountRule?.add ?? [])],
    currency: [...CANONICAL.currency, ...recipe.currency],
    tid: [...CANONICAL.tid, ...recipe.tid],
  };
  const made = new Map<string, Role>();
  for (const role of ROLES) {
    for (const name of names[role]) if (!made.has(name.toLowerCase())) made.set(name.toLowerCase(), role);
  }
  purposes.set(recipe, made);
  return made;
}

/** The parameters that a config's ready URL carries, secret and click id included where it has them. */
export function configParameters(
  config: UrlConfig,
  {
    clickIdMacro,
    isSecretValid,
    eventInPath,
    recipe,
  }: Pick<LintTarget, 'clickIdMacro' | 'isSecretValid' | 'eventInPath' | 'recipe'>,
): readonly (readonly [name: string, value: string])[] {
  if (eventInPath) return [];
  const all: readonly (readonly [string, string | null])[] = [
    ['tracker.event', config.event],
    ['clickid', clickIdMacro],
    ['tracker.cost', config.cost],
    ['tracker.currency', config.currency],
    ['tracker.tid', config.tid],
    ...config.fields.map(({ key, macro }) => [`fields.${key}`, macro] as const),
    ...Object.entries(config.extra ?? {}),
    ['key', isSecretValid === null ? null : HIDDEN_SECRET],
  ];
  // What a network that fills in no macros sends under its own names does not stand in the URL.
  const isLeftOut = (name: string, value: string): boolean =>
    recipe.macroSyntax === null && (name.startsWith('fields.') || macroNames(value, null).length > 0);
  return all.flatMap(([name, value]) =>
    value === null || isLeftOut(name, value) ? [] : [[name, value] as const],
  );
}

/** What an event word comes to: `sale`, `sale/resale`, `ignore`, `reversal`; null when it cannot be an event. */
export function outcomeOf(word: string, recipe: Recipe): string | null {
  const { meaning } = readEventWord(word.trim().toLowerCase(), recipe.eventMap);
  switch (meaning.kind) {
    case 'event':
      return meaning.name;
    case 'deposit_stream':
      return 'sale/resale';
    case 'ignored':
      return 'ignore';
    case 'reversal':
      return 'reversal';
    case 'invalid':
      return null;
  }
}

/** The config that a URL was most likely made from: that of its event, else the one it shares most parameters with. */
export function closestConfig(
  event: string | null,
  shared: (config: UrlConfig) => number,
  { configs, recipe }: Pick<LintTarget, 'configs' | 'recipe'>,
): UrlConfig | null {
  const own = event === null ? undefined : configs.find((config) => sameEvent(config.event, event, recipe));
  if (own !== undefined) return own;
  const [best] = [...configs].sort((a, b) => shared(b) - shared(a));
  return event === null ? (best ?? null) : null;
}

function sameEvent(configured: string, event: string, recipe: Recipe): boolean {
  return (
    configured.toLowerCase() === event.toLowerCase() ||
    outcomeOf(configured, recipe) === outcomeOf(event, recipe)
  );
}
