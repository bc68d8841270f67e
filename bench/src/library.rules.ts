import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Macros from '../../libs/tracker-postbacks/src/rules/macros.rule';
import type * as Reading from '../../libs/tracker-postbacks/src/rules/reading.rule';
import type * as Recipes from '../../libs/tracker-postbacks/src/rules/recipe';
import type * as Verdicts from '../../libs/tracker-postbacks/src/rules/verdict.rule';

/** The library's pure rules, which its public API does not export. */
const load = createRequire(__filename);
const rules = join(dirname(load.resolve('nestjs-tracker-postbacks')), 'rules');

export const { roleMacro, fieldMacro } = load(join(rules, 'macros.rule.js')) as typeof Macros;
export const { read } = load(join(rules, 'reading.rule.js')) as typeof Reading;
export const { EMPTY_RECIPE } = load(join(rules, 'recipe.js')) as typeof Recipes;
export const { judge } = load(join(rules, 'verdict.rule.js')) as typeof Verdicts;
