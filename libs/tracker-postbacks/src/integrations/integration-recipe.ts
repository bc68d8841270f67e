import { macroNames, macroOf, soleMacroName } from '../networks/macro-syntax';
import { type NetworkPreset } from '../networks/network-preset';
import { isCounted, readEventWord } from '../rules/event-word.rule';
import { type EventSource, type FieldMapping, type Recipe, type Role } from '../rules/recipe';
import { type IntegrationReply, type TrackerIntegration } from './integration.entity';
import { type TrackerPostbackConfig } from './postback-config.entity';

/** A secret that is or was valid. */
export interface CompiledSecret {
  /** Hex SHA-256. */
  readonly hash: string;
  /** Milliseconds since the epoch; null for the current one. */
  readonly validUntil: number | null;
}

/** Everything that taking and judging a postback needs to know about its integration. */
export interface CompiledIntegration {
  readonly id: string;
  readonly tenantId: string;
  readonly network: string;
  readonly campaignId: string | null;
  readonly status: 'active' | 'paused';
  /** Archived since, milliseconds since the epoch. */
  readonly deletedAt: number | null;
  /** Empty when no secret is asked for. */
  readonly secretHashes: readonly CompiledSecret[];
  /** CIDR blocks; null allows every address. */
  readonly allowedAddresses: readonly string[] | null;
  /** Null allows every event. */
  readonly allowedEvents: ReadonlySet<string> | null;
  readonly duplicateWindowSeconds: number;
  readonly reply: IntegrationReply | null;
  readonly recipe: Recipe;
  /** Custom events that are period aggregates of the network: recorded, and left out of every sum. */
  readonly snapshotEvents: ReadonlySet<string>;
  readonly revision: number;
}

/** The settings a recipe is made from. */
export type RecipeSettings = Pick<
  TrackerIntegration,
  'clickIdParameter' | 'macroSyntax' | 'defaultCurrency' | 'decimalMark' | 'roles' | 'eventMap'
>;
/** The configs a recipe is made from. */
export type RecipeConfig = Pick<TrackerPostbackConfig, 'event' | 'cost' | 'currency' | 'tid' | 'fields'>;

/** One integration with its configs and its network's preset, made ready for the hot path. */
export function compileIntegration(
  integration: TrackerIntegration,
  configs: readonly TrackerPostbackConfig[],
  preset: NetworkPreset,
): CompiledIntegration {
  const { id, tenantId, network, campaignId, status, allowedAddresses, allowedEvents } = integration;
  const recipe = integrationRecipe(integration, configs, preset);
  return {
    id,
    tenantId,
    network,
    campaignId,
    status,
    deletedAt: integration.deletedAt?.getTime() ?? null,
    secretHashes: secretsOf(integration),
    allowedAddresses,
    allowedEvents: allowedEvents === null ? null : new Set(allowedEvents),
    duplicateWindowSeconds: integration.duplicateWindowSeconds,
    reply: integration.reply,
    recipe,
    snapshotEvents: snapshotEvents(preset, recipe),
    revision: integration.revision,
  };
}

/** How the integration's postbacks are read: its own roles and words before those of the preset. */
export function integrationRecipe(
  settings: RecipeSettings,
  configs: readonly RecipeConfig[],
  preset: NetworkPreset,
): Recipe {
  const syntax = settings.macroSyntax ?? preset.macroSyntax;
  const own = settings.roles ?? {};
  const eventMap = new Map(Object.entries({ ...preset.eventMap, ...settings.eventMap }));
  const mappings = configs.flatMap(({ fields }) => fields);
  return {
    event: [...(own.event ?? []).map((text) => eventSource(text, eventMap)), ...preset.event],
    clickId: unique([settings.clickIdParameter, ...(own.clickId ?? []), ...(preset.roles.clickId ?? [])]),
    cost: unique([...(own.cost ?? []), ...(preset.roles.cost ?? [])]),
    currency: unique([...(own.currency ?? []), ...(preset.roles.currency ?? [])]),
    tid: unique([...(own.tid ?? []), ...(preset.roles.tid ?? [])]),
    eventMap,
    fields: fieldParameters(mappings, syntax),
    knownWords: knownWords(settings.clickIdParameter, configs, preset, syntax),
    knownFieldWords: knownFieldWords(mappings, syntax),
    bareWords: perRole((role) => preset.bareWords[role] ?? []),
    macroSyntax: syntax,
    decimalMark: settings.decimalMark,
    defaultCurrency: settings.defaultCurrency,
    presetCurrency: preset.currency,
    ...(preset.amountRule === undefined ? {} : { amountRule: preset.amountRule }),
    ...(preset.clickIdSuffixes === undefined ? {} : { clickIdSuffixes: preset.clickIdSuffixes }),
  };
}

/** The events as they are recorded; one that the integration itself leads to a counted event is no aggregate any more. */
function snapshotEvents(preset: NetworkPreset, { eventMap }: Recipe): ReadonlySet<string> {
  const words = preset.postbacks.filter(({ snapshot }) => snapshot === true).map(({ event }) => event);
  return new Set(
    words.flatMap((word) => {
      const { meaning } = readEventWord(word, eventMap);
      return meaning.kind === 'event' && !isCounted(meaning.name) ? [meaning.name] : [];
    }),
  );
}

/** The click-id macro of an integration's URLs; null where the network fills in no macros. */
export function clickIdMacro(
  clickIdParameter: string,
  macroSyntax: string | null,
  preset: NetworkPreset,
): string | null {
  const isPresets =
    clickIdParameter === preset.clickIdParameter &&
    (macroSyntax ?? preset.macroSyntax) === preset.macroSyntax;
  if (isPresets && preset.clickIdMacro !== undefined) return preset.clickIdMacro;
  const syntax = macroSyntax ?? preset.macroSyntax;
  return syntax === null ? null : macroOf(syntax, clickIdParameter);
}

/**
 * `goal` is read for its value, `{goal}_{status}` is a composite, and a name that the event map knows as a word is a flag:
 * with `{ "ftd": "sale" }` the parameter `ftd` itself says what happened.
 */
function eventSource(text: string, eventMap: ReadonlyMap<string, string>): EventSource {
  if (text.includes('{')) return { kind: 'composite', template: text };
  return eventMap.has(text.toLowerCase()) ? { kind: 'flag', name: text } : { kind: 'parameter', name: text };
}

function fieldParameters(
  mappings: readonly FieldMapping[],
  syntax: string | null,
): readonly { readonly key: string; readonly parameter: string }[] {
  const found = new Map<string, { readonly key: string; readonly parameter: string }>();
  for (const { key, macro } of mappings) {
    // Where the network fills in no macros, the mapping names the parameter that it appends.
    const parameter = soleMacroName(macro, syntax) ?? (syntax === null ? macro : null);
    if (parameter !== null) found.set(JSON.stringify([key, parameter]), { key, parameter });
  }
  return [...found.values()];
}

function knownWords(
  clickIdParameter: string,
  configs: readonly RecipeConfig[],
  preset: NetworkPreset,
  syntax: string | null,
): Recipe['knownWords'] {
  const macro = clickIdMacro(clickIdParameter, syntax, preset);
  const inUrls: Readonly<Record<Role, readonly (string | null)[]>> = {
    event: configs.map(({ event }) => event),
    clickId: [macro],
    cost: configs.map(({ cost }) => cost),
    currency: configs.map(({ currency }) => currency),
    tid: configs.map(({ tid }) => tid),
  };
  return perRole((role) => [
    ...(role === 'clickId' ? [clickIdParameter] : []),
    ...inUrls[role].flatMap((text) => (text === null ? [] : macroNames(text, syntax))),
    ...(preset.knownWords[role] ?? []),
  ]);
}

function knownFieldWords(
  mappings: readonly FieldMapping[],
  syntax: string | null,
): ReadonlyMap<string, ReadonlySet<string>> {
  const words = new Map<string, Set<string>>();
  for (const { key, macro } of mappings) {
    const names = macroNames(macro, syntax);
    const known = words.get(key) ?? new Set<string>();
    for (const name of names) known.add(name);
    if (known.size > 0) words.set(key, known);
  }
  return words;
}

function secretsOf(integration: TrackerIntegration): readonly CompiledSecret[] {
  const { secretHash, previousSecretHash, previousSecretValidUntil } = integration;
  if (secretHash === null) return [];
  const current = { hash: secretHash, validUntil: null };
  if (previousSecretHash === null || previousSecretValidUntil === null) return [current];
  return [current, { hash: previousSecretHash, validUntil: previousSecretValidUntil.getTime() }];
}

function perRole(wordsOf: (role: Role) => readonly string[]): Readonly<Record<Role, ReadonlySet<string>>> {
  return {
    event: new Set(wordsOf('event')),
    clickId: new Set(wordsOf('clickId')),
    cost: new Set(wordsOf('cost')),
    currency: new Set(wordsOf('currency')),
    tid: new Set(wordsOf('tid')),
  };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
