import { macroNames, macroPieces } from '../networks/macro-syntax';
import { type NetworkPreset } from '../networks/network-preset';
import { clickIdMacro } from './integration-recipe';
import { type TrackerIntegration } from './integration.entity';
import { type TrackerPostbackConfig } from './postback-config.entity';

/** Stands in URLs for a secret that is no longer known. */
export const HIDDEN_SECRET = '•••';

export type UrlIntegration = Pick<TrackerIntegration, 'clickIdParameter' | 'macroSyntax'>;
export type UrlConfig = Pick<
  TrackerPostbackConfig,
  'event' | 'cost' | 'currency' | 'tid' | 'fields' | 'extra'
>;

/**
 * The URL of one event, ready to paste into the network's form: its macros stand verbatim, and the parameters are in the
 * order event, click id, cost, currency, tid, fields, extras, key.
 *
 * @param address the integration's URL without query
 * @param secret the secret, {@link HIDDEN_SECRET}, or null for an integration without one
 */
export function postbackUrl(
  address: string,
  integration: UrlIntegration,
  config: UrlConfig,
  preset: NetworkPreset,
  secret: string | null,
): string {
  if (preset.eventInPath) return `${address}/${config.event}`;
  const syntax = integration.macroSyntax ?? preset.macroSyntax;
  const parameters: (readonly [name: string, value: string | null])[] = [
    ['tracker.event', config.event],
    ['clickid', clickIdMacro(integration.clickIdParameter, integration.macroSyntax, preset)],
    ['tracker.cost', config.cost],
    ['tracker.currency', config.currency],
    ['tracker.tid', config.tid],
    ...config.fields.map(({ key, macro }) => [`fields.${key}`, macro] as const),
    ...Object.entries(config.extra ?? {}),
  ];
  const query = parameters.flatMap(([name, value]) =>
    value === null || (syntax === null && isSentAnyway(name, value))
      ? []
      : [`${written(name, syntax)}=${written(value, syntax)}`],
  );
  // The secret is made url-safe, and the hidden one has to be readable.
  if (secret !== null) query.push(`key=${secret}`);
  return query.length === 0 ? address : `${address}?${query.join('&')}`;
}

/** A network that fills in no macros sends these values under its own names: in the URL they would stay unreplaced. */
function isSentAnyway(name: string, value: string): boolean {
  return name.startsWith('fields.') || macroNames(value, null).length > 0;
}

/** What would break a URL or be read as something else; braces and brackets are left to the networks' macros. */
const UNSAFE = /[\s&#+%"<>\u0000-\u001f\u007f-\u{10ffff}]/gu;

function written(text: string, syntax: string | null): string {
  return macroPieces(text, syntax)
    .map((piece) => (piece.name === null ? piece.text.replace(UNSAFE, encodeURIComponent) : piece.text))
    .join('');
}
