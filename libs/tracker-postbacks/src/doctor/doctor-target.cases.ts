import { draftConfigs, draftSettings } from '../integrations/integration-draft';
import { integrationRecipe } from '../integrations/integration-recipe';
import { type CheckedSettings } from '../integrations/integration-settings';
import { hashSecret } from '../integrations/secret';
import { type NetworkPreset } from '../networks/network-preset';
import { lintTarget } from './integration-target';
import { type LintTarget } from './lint-target';

/** An integration as it is made from a preset, for the specs of pure rules. */
export function targetFrom(
  preset: NetworkPreset,
  id: string,
  given: CheckedSettings = {},
  secret: string | null = null,
): LintTarget {
  const settings = draftSettings(given, preset);
  const configs = draftConfigs(preset, settings);
  return lintTarget({
    row: { id, ...settings },
    compiled: {
      recipe: integrationRecipe(settings, configs, preset),
      secretHashes: secret === null ? [] : [{ hash: hashSecret(secret), validUntil: null }],
    },
    configs,
    preset,
    address: `https://crm.example.com/api/postbacks/${id}/tracker-postback`,
    others: new Map([['7878f1d1-3693-4d08-9c91-fa8a834e7abc', 'Pocket Option']]),
    now: 0,
  });
}
