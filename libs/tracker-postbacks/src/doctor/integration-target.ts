import { type CompiledIntegration, clickIdMacro } from '../integrations/integration-recipe';
import { HIDDEN_SECRET, postbackUrl, type UrlConfig } from '../integrations/postback-url';
import { isSecretValid } from '../integrations/secret';
import { type TrackerIntegration } from '../integrations/integration.entity';
import { type NetworkPreset } from '../networks/network-preset';
import { type LintTarget } from './lint-target';

/** What {@link lintTarget} is made from. */
export interface TargetParts {
  readonly row: Pick<TrackerIntegration, 'id' | 'clickIdParameter' | 'macroSyntax'>;
  readonly compiled: Pick<CompiledIntegration, 'recipe' | 'secretHashes'>;
  readonly configs: readonly UrlConfig[];
  readonly preset: NetworkPreset;
  /** The integration's URL without query. */
  readonly address: string;
  readonly others: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** An integration as its pasted URLs are compared with it. */
export function lintTarget({
  row,
  compiled,
  configs,
  preset,
  address,
  others,
  now,
}: TargetParts): LintTarget {
  const { recipe, secretHashes } = compiled;
  const shownSecret = secretHashes.length === 0 ? null : HIDDEN_SECRET;
  return {
    id: row.id,
    address,
    networkName: preset.name,
    recipe,
    configs,
    readyUrls: configs.map((config) => postbackUrl(address, row, config, preset, shownSecret)),
    clickIdParameter: row.clickIdParameter,
    clickIdMacro: preset.eventInPath ? null : clickIdMacro(row.clickIdParameter, row.macroSyntax, preset),
    eventInPath: preset.eventInPath,
    isSecretValid: secretHashes.length === 0 ? null : (secret) => isSecretValid([secret], secretHashes, now),
    others,
  };
}
