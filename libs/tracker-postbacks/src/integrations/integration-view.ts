import { type NetworkPreset } from '../networks/network-preset';
import { type DecimalMark, type FieldMapping } from '../rules/recipe';
import { type IntegrationReply, type IntegrationRoles, type TrackerIntegration } from './integration.entity';
import { type TrackerPostbackConfig } from './postback-config.entity';
import { HIDDEN_SECRET, postbackUrl } from './postback-url';

/** One event's postback URL and what it is made of. */
export interface TrackerPostbackConfigView {
  readonly id: string;
  readonly name: string;
  /** An event name, or the network's macro. */
  readonly event: string;
  /** Ready to paste into the network's form; a known secret is in it, another one shows as `key=•••`. */
  readonly url: string;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly tid: string | null;
  readonly fields: readonly FieldMapping[];
  readonly extra: Readonly<Record<string, string>> | null;
}

/** An integration as the admin API and {@link TrackerIntegrations} show it. */
export interface TrackerIntegrationView {
  readonly id: string;
  readonly name: string;
  readonly network: string;
  readonly status: 'active' | 'paused';
  readonly campaignId: string | null;
  readonly clickIdParameter: string;
  readonly macroSyntax: string | null;
  readonly defaultCurrency: string | null;
  readonly decimalMark: DecimalMark | null;
  /** Only in the answer that made the secret. */
  readonly secret?: string;
  /** There is a secret that is not shown any more. */
  readonly secretHidden: boolean;
  /** The secret before the current one is valid until then; ISO 8601. */
  readonly previousSecretValidUntil: string | null;
  readonly allowedAddresses: readonly string[] | null;
  readonly events: readonly string[] | null;
  readonly duplicateWindowSeconds: number;
  readonly reply: IntegrationReply | null;
  readonly roles: IntegrationRoles | null;
  readonly eventMap: Readonly<Record<string, string>> | null;
  /** The integration's URL without event and parameters, for networks that append everything themselves. */
  readonly baseUrl: string;
  /** Field mappings: the union of the configs' `fields`. */
  readonly fields: readonly FieldMapping[];
  readonly postbacks: readonly TrackerPostbackConfigView[];
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Archived since; null while in use. */
  readonly deletedAt: string | null;
}

/** What a row alone does not tell. */
export interface ViewContext {
  readonly preset: NetworkPreset;
  /** The integration's URL without query. */
  readonly address: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The secret that this answer may show. */
  readonly secret?: string;
}

export function integrationView(
  row: TrackerIntegration,
  configs: readonly TrackerPostbackConfig[],
  context: ViewContext,
): TrackerIntegrationView {
  const { secret } = context;
  const previousUntil = row.previousSecretHash === null ? null : row.previousSecretValidUntil;
  return {
    id: row.id,
    name: row.name,
    network: row.network,
    status: row.status,
    campaignId: row.campaignId,
    clickIdParameter: row.clickIdParameter,
    macroSyntax: row.macroSyntax,
    defaultCurrency: row.defaultCurrency,
    decimalMark: row.decimalMark,
    ...(secret === undefined ? {} : { secret }),
    secretHidden: row.secretHash !== null && secret === undefined,
    previousSecretValidUntil:
      previousUntil === null || previousUntil.getTime() <= context.now ? null : previousUntil.toISOString(),
    allowedAddresses: row.allowedAddresses,
    events: row.allowedEvents,
    duplicateWindowSeconds: row.duplicateWindowSeconds,
    reply: row.reply,
    roles: row.roles,
    eventMap: row.eventMap,
    baseUrl: context.address,
    fields: unionOfFields(configs),
    postbacks: configs.map((config) => postbackConfigView(row, config, context)),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    deletedAt: row.deletedAt?.toISOString() ?? null,
  };
}

export function postbackConfigView(
  row: TrackerIntegration,
  config: TrackerPostbackConfig,
  { preset, address, secret }: ViewContext,
): TrackerPostbackConfigView {
  const { id, name, event, cost, currency, tid, fields, extra } = config;
  const shown = secret ?? (row.secretHash === null ? null : HIDDEN_SECRET);
  const url = postbackUrl(address, row, config, preset, shown);
  return { id, name, event, url, cost, currency, tid, fields, extra };
}

function unionOfFields(configs: readonly TrackerPostbackConfig[]): readonly FieldMapping[] {
  const union = new Map<string, FieldMapping>();
  for (const mapping of configs.flatMap(({ fields }) => fields)) {
    union.set(JSON.stringify([mapping.key, mapping.macro]), mapping);
  }
  return [...union.values()];
}
