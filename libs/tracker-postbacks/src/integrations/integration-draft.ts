import { inSyntax } from '../networks/macro-syntax';
import { DEFAULT_CURRENCY, type NetworkPreset, type PresetPostback } from '../networks/network-preset';
import { type CheckedSettings, DEFAULT_WINDOW_SECONDS } from './integration-settings';
import { type TrackerIntegration } from './integration.entity';
import { type TrackerPostbackConfig } from './postback-config.entity';

/** The settings of an integration row. */
export type IntegrationSettings = Pick<
  TrackerIntegration,
  | 'campaignId'
  | 'clickIdParameter'
  | 'macroSyntax'
  | 'defaultCurrency'
  | 'decimalMark'
  | 'allowedAddresses'
  | 'allowedEvents'
  | 'duplicateWindowSeconds'
  | 'reply'
  | 'roles'
  | 'eventMap'
>;

/** The content of a postback config, without its keys. */
export type PostbackConfigContent = Pick<
  TrackerPostbackConfig,
  'name' | 'event' | 'cost' | 'currency' | 'tid' | 'fields' | 'extra'
>;

/** Settings of a new integration: what was not given is filled in from the preset. */
export function draftSettings(given: CheckedSettings, preset: NetworkPreset): IntegrationSettings {
  return {
    campaignId: given.campaignId ?? null,
    clickIdParameter: given.clickIdParameter ?? preset.clickIdParameter,
    macroSyntax: given.macroSyntax ?? preset.macroSyntax,
    defaultCurrency: given.defaultCurrency ?? preset.currency,
    // An explicit null says that the network's mark is not to be trusted.
    decimalMark: given.decimalMark === undefined ? preset.decimalMark : given.decimalMark,
    allowedAddresses: given.allowedAddresses ?? null,
    allowedEvents: given.allowedEvents ?? null,
    duplicateWindowSeconds: given.duplicateWindowSeconds ?? DEFAULT_WINDOW_SECONDS,
    reply: given.reply ?? preset.reply,
    roles: given.roles ?? null,
    eventMap: given.eventMap ?? null,
  };
}

/** Settings after a change: absent unchanged, null back to what is usual. */
export function changedSettings(given: CheckedSettings, preset: NetworkPreset): Partial<TrackerIntegration> {
  const { clickIdParameter, duplicateWindowSeconds, ...others } = given;
  return {
    ...others,
    ...(clickIdParameter === undefined
      ? {}
      : { clickIdParameter: clickIdParameter ?? preset.clickIdParameter }),
    ...(duplicateWindowSeconds === undefined
      ? {}
      : { duplicateWindowSeconds: duplicateWindowSeconds ?? DEFAULT_WINDOW_SECONDS }),
  };
}

/** The postback configs that a new integration starts with, in its own macro syntax and currency. */
export function draftConfigs(
  preset: NetworkPreset,
  settings: Pick<IntegrationSettings, 'macroSyntax' | 'defaultCurrency'>,
): readonly PostbackConfigContent[] {
  const rewritten = (text: string): string => inSyntax(text, preset.macroSyntax, settings.macroSyntax);
  const orNull = (text: string | undefined): string | null => (text === undefined ? null : rewritten(text));
  return preset.postbacks.map((postback) => ({
    name: postback.name,
    event: rewritten(postback.event),
    cost: orNull(postback.cost),
    currency: orNull(currencyText(postback, settings.defaultCurrency)),
    tid: orNull(postback.tid),
    fields: (postback.fields ?? []).map(({ key, macro }) => ({ key, macro: rewritten(macro) })),
    extra: rewrittenExtra(postback.extra, rewritten),
  }));
}

/** Names may be macros too: `{status}=true`. */
function rewrittenExtra(
  extra: PresetPostback['extra'],
  rewritten: (text: string) => string,
): Readonly<Record<string, string>> | null {
  if (extra === undefined) return null;
  return Object.fromEntries(
    Object.entries(extra).map(([name, value]) => [rewritten(name), rewritten(value)]),
  );
}

/** A constant currency in a URL that was the old default follows the new one. */
export function followedCurrency(
  currency: string | null,
  before: string | null,
  after: string | null,
): string | null {
  const wasDefault = currency !== null && before !== null && currency.toUpperCase() === before;
  return wasDefault ? (after?.toLowerCase() ?? null) : currency;
}

function currencyText(postback: PresetPostback, defaultCurrency: string | null): string | undefined {
  if (postback.currency !== DEFAULT_CURRENCY) return postback.currency;
  return defaultCurrency?.toLowerCase() ?? postback.currencyFallback;
}
