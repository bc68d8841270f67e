import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Drafts from '../../libs/tracker-postbacks/src/integrations/integration-draft';
import type * as Compiled from '../../libs/tracker-postbacks/src/integrations/integration-recipe';
import type * as Urls from '../../libs/tracker-postbacks/src/integrations/postback-url';
import type * as Presets from '../../libs/tracker-postbacks/src/networks/presets';
import type * as LinkMacros from '../../libs/tracker-postbacks/src/rules/link-macros.rule';
import type * as Macros from '../../libs/tracker-postbacks/src/rules/macros.rule';
import type * as Reading from '../../libs/tracker-postbacks/src/rules/reading.rule';
import type * as Recipes from '../../libs/tracker-postbacks/src/rules/recipe';
import type * as Secrets from '../../libs/tracker-postbacks/src/rules/secret.rule';
import type * as Verdicts from '../../libs/tracker-postbacks/src/rules/verdict.rule';

/** The library's pure rules, which its public API does not export. */
const load = createRequire(__filename);
const root = dirname(load.resolve('nestjs-tracker-postbacks'));
const rules = join(root, 'rules');

export const { roleMacro, fieldMacro } = load(join(rules, 'macros.rule.js')) as typeof Macros;
export const { read } = load(join(rules, 'reading.rule.js')) as typeof Reading;
export const { maskedMacros } = load(join(rules, 'link-macros.rule.js')) as typeof LinkMacros;
export const { takeSecret } = load(join(rules, 'secret.rule.js')) as typeof Secrets;
export const { EMPTY_RECIPE } = load(join(rules, 'recipe.js')) as typeof Recipes;
export const { judge } = load(join(rules, 'verdict.rule.js')) as typeof Verdicts;

const { draftConfigs, draftSettings } = load(
  join(root, 'integrations/integration-draft.js'),
) as typeof Drafts;
const { integrationRecipe } = load(join(root, 'integrations/integration-recipe.js')) as typeof Compiled;
const { postbackUrl } = load(join(root, 'integrations/postback-url.js')) as typeof Urls;
const { BUILT_IN_PRESETS } = load(join(root, 'networks/presets/index.js')) as typeof Presets;

/** Every ready URL of every preset with its recipe: as pasted, and with each macro filled by a plain value. */
export function presetRequests(): readonly { readonly target: string; readonly recipe: Recipes.Recipe }[] {
  return BUILT_IN_PRESETS.flatMap((preset) => {
    const settings = draftSettings({}, preset);
    const configs = draftConfigs(preset, settings);
    const recipe = integrationRecipe(settings, configs, preset);
    return configs.flatMap((config) => {
      const target = postbackUrl('/api/postbacks/0/tracker-postback', settings, config, preset, null);
      return [target, target.replace(/=[^&=]*[{[#$][^&]*/g, '=67wgwWkaR0bQ')].map((url) => ({
        target: url,
        recipe,
      }));
    });
  });
}
