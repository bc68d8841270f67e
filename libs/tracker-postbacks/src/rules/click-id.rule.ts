import { compiledOf } from './compiled-recipe';
import { type ParameterIndex } from './parameter-index';
import { type ClickReading } from './reading';
import { type Recipe } from './recipe';
import { firstUsable, keysOf, readComposite, warnOfOtherKeys } from './roles.rule';
import { cut, isLongerThan } from './text.rule';
import { type WarningList } from './warnings';

const MAX_ID = 255;
/** Longest text of a refused value that is kept. */
const MAX_KEPT = 255;

export interface IdsReading {
  readonly clickId: ClickReading;
  readonly tid: string | null;
  readonly tooLarge: { readonly parameter: string } | null;
}

/** The click id and the transaction id, each at most 255 characters. */
export function readIds(index: ParameterIndex, recipe: Recipe, warnings: WarningList): IdsReading {
  const clickId = readClickId(index, recipe, warnings);
  const tid = readTid(clickId, index, recipe, warnings);
  if (clickId.kind === 'value' && isLongerThan(clickId.value, MAX_ID)) {
    // The verdict is certain; what is left of the value is for the log.
    return {
      clickId: { ...clickId, value: cut(clickId.value, MAX_ID) },
      tid: tid?.value ?? null,
      tooLarge: { parameter: clickId.parameter },
    };
  }
  if (tid !== null && isLongerThan(tid.value, MAX_ID)) {
    return { clickId, tid: null, tooLarge: { parameter: tid.parameter } };
  }
  return { clickId, tid: tid?.value ?? null, tooLarge: null };
}

/**
 * The first usable click id; two values of one key are refused, since either could be another lead's. A value that is a
 * macro by rule 3 only, met before a usable one, is handed on to be looked up first; so is the whole of one that lost a
 * suffix.
 */
function readClickId(index: ParameterIndex, recipe: Recipe, warnings: WarningList): ClickReading {
  const keys = keysOf('clickId', index, recipe, warnings);
  const deciding = keys.findIndex((key) => key.usable.length > 0);
  const tried = deciding === -1 ? keys : keys.slice(0, deciding + 1);
  const macros = tried.flatMap((key) => key.macros);
  const bareWord = macros.find((macro) => macro.isWord)?.value ?? null;
  const usable = keys[deciding]?.usable ?? [];
  const [winner, other] = usable;
  if (winner === undefined) {
    const [macro] = macros;
    if (macro === undefined) return { kind: 'missing' };
    return { kind: 'macro', parameter: macro.parameter, value: macro.value, bareWord };
  }
  if (other !== undefined) {
    const values = usable.map(({ value }) => cut(value, MAX_KEPT));
    return { kind: 'conflict', parameter: winner.parameter, values };
  }
  warnOfOtherKeys(keys, winner, warnings);
  const value = withoutSuffix(winner.value, recipe.clickIdSuffixes ?? []);
  return {
    kind: 'value',
    value,
    parameter: winner.parameter,
    bareWord: value === winner.value ? bareWord : winner.value,
  };
}

/** The id before the first of the suffixes that the network is known to glue to it. */
function withoutSuffix(value: string, suffixes: readonly string[]): string {
  const starts = suffixes.map((suffix) => value.lastIndexOf(suffix)).filter((start) => start > 0);
  return starts.length === 0 ? value : value.slice(0, Math.min(...starts));
}

/**
 * The transaction id. `0`, `-` and the click id itself are the same for every deposit of a lead: taken for a
 * transaction, they would swallow all later ones.
 */
function readTid(
  clickId: ClickReading,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): { readonly value: string; readonly parameter: string } | null {
  const constants = new Set(['0', '-', clickId.kind === 'value' ? clickId.value : '0']);
  const { tidTemplates } = compiledOf(recipe);
  const words = { knownWords: recipe.knownWords.tid, bareWords: recipe.bareWords.tid };
  const all = [
    ...keysOf('tid', index, recipe, warnings),
    ...tidTemplates.map((template) => readComposite(template, index, words, warnings)),
  ];
  const keys = all.map((key) => {
    const constant = key.usable.filter(({ value }) => constants.has(value));
    for (const { parameter, value } of constant) warnings.add('tid_unusable', parameter, { value });
    return { ...key, usable: key.usable.filter((candidate) => !constant.includes(candidate)) };
  });
  return firstUsable(keys, warnings);
}
