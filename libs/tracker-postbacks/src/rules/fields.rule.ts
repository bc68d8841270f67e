import { fieldMacro } from './macros.rule';
import { type ParameterIndex } from './parameter-index';
import { type Parameter } from './parameters.rule';
import { type FlatRecord } from './reading';
import { type Recipe } from './recipe';
import { type Candidate } from './roles.rule';
import { cut, trimmed } from './text.rule';
import { type WarningList } from './warnings';

const FIELD_PREFIX = 'fields.';
const MAX_KEY = 64;
const MAX_VALUE = 4_096;
const MAX_FIELDS = 100;
const CONTROL = /[\0-\x1f\x7f-\x9f]/;
/** Null is a surname: only these exact spellings are nothing. */
const ABSENT: ReadonlySet<string> = new Set(['', 'null', 'undefined', 'N/A']);
/** Keys that could reach a prototype in a host that copies fields into an ordinary object. */
const PROTOTYPE_KEYS: ReadonlySet<string> = new Set([
  'prototype',
  ...Object.getOwnPropertyNames(Object.prototype),
]);

export function isFieldParameter(name: string): boolean {
  return (
    name.length >= FIELD_PREFIX.length && name.slice(0, FIELD_PREFIX.length).toLowerCase() === FIELD_PREFIX
  );
}

/**
 * Custom fields: `fields.<key>` first, then the parameters mapped to the key. Keys are case-sensitive, 1–64 characters;
 * an absent field is left out, so that nothing is ever cleared by it.
 */
export function readFields(
  parameters: readonly Parameter[],
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): FlatRecord {
  const fields = Object.create(null) as Record<string, string>;
  let count = 0;
  for (const [key, sources] of sourcesOf(parameters, index, recipe, warnings)) {
    const chosen = firstUsable(key, sources, recipe, warnings);
    if (chosen === null) continue;
    if (count >= MAX_FIELDS) {
      warnings.add('field_dropped', chosen.parameter, { value: key, limit: String(MAX_FIELDS) });
      continue;
    }
    const value = cut(chosen.value, MAX_VALUE);
    if (value !== chosen.value) warnings.add('field_cut', chosen.parameter, { limit: String(MAX_VALUE) });
    fields[key] = value;
    count += 1;
  }
  return fields;
}

/** The keys of each field in the order they are tried. */
function sourcesOf(
  parameters: readonly Parameter[],
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): ReadonlyMap<string, Parameter[][]> {
  const sources = new Map<string, Parameter[][]>();
  for (const parameter of parameters) {
    if (parameter.source === 'path' || !isFieldParameter(parameter.name)) continue;
    const key = parameter.name.slice(FIELD_PREFIX.length);
    if (isFieldKey(key)) {
      const [own] = sources.get(key) ?? [];
      if (own === undefined) sources.set(key, [[parameter]]);
      else own.push(parameter);
    } else {
      warnings.add('field_dropped', parameter.name, { value: key });
    }
  }
  for (const { key, parameter } of recipe.fields) {
    const spellings = index.spellingsOf(parameter).map((all) => [...all]);
    if (spellings.length > 0 && isFieldKey(key))
      sources.set(key, [...(sources.get(key) ?? []), ...spellings]);
  }
  return sources;
}

/** Whether a field may have this key. */
export function isFieldKey(key: string): boolean {
  return (
    key.length >= 1 &&
    key.length <= MAX_KEY &&
    !CONTROL.test(key) &&
    !key.split('.').some((part) => PROTOTYPE_KEYS.has(part))
  );
}

function firstUsable(
  key: string,
  sources: readonly (readonly Parameter[])[],
  recipe: Recipe,
  warnings: WarningList,
): Candidate | null {
  let winner: Candidate | null = null;
  for (const parameters of sources) {
    let isWinnersKey = winner === null;
    for (const parameter of parameters) {
      const candidate = usableValue(key, parameter, recipe, warnings);
      if (candidate === null) continue;
      if (winner === null) {
        winner = candidate;
        isWinnersKey = true;
      } else if (candidate.value !== winner.value) {
        warnings.add(isWinnersKey ? 'parameter_differs' : 'role_differs', candidate.parameter, {
          value: candidate.value,
          used: winner.value,
          by: winner.parameter,
        });
      }
    }
  }
  return winner;
}

function usableValue(
  key: string,
  { name, raw, value: untrimmed }: Parameter,
  recipe: Recipe,
  warnings: WarningList,
): Candidate | null {
  const value = trimmed(untrimmed);
  if (ABSENT.has(value)) return null;
  const place = { key, knownWords: recipe.knownFieldWords.get(key) ?? null, macroSyntax: recipe.macroSyntax };
  const macro = fieldMacro(raw, value, place);
  if (macro === 'macro') {
    warnings.add('macro_unreplaced', name, { value });
    return null;
  }
  if (macro === 'inside') warnings.add('macro_in_value', name, { value });
  return { parameter: name, value };
}
