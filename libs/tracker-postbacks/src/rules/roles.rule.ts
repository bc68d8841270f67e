import { compiledOf, templateParts } from './compiled-recipe';
import { roleMacro, type RolePlace } from './macros.rule';
import { type ParameterIndex } from './parameter-index';
import { type Parameter } from './parameters.rule';
import { type Recipe, type Role } from './recipe';
import { trimmed } from './text.rule';
import { type WarningList } from './warnings';

/** Words that networks send for "nothing", in a role, without regard to case. */
const ABSENT: ReadonlySet<string> = new Set([
  '',
  'null',
  'undefined',
  'n/a',
  'none',
  'nil',
  '(not set)',
  '[object object]',
]);
const LONGEST_ABSENT = 15;

/** A value that may play a role. */
export interface Candidate {
  /** The parameter as the request names it. */
  readonly parameter: string;
  /** Decoded once and trimmed. */
  readonly value: string;
}

export interface MacroHit extends Candidate {
  /** Caught by rule 3 only: it may be a real value after all. */
  readonly isWord: boolean;
}

/** What one key of a role brought: usable values, each once, and macros. */
export interface KeyReading {
  readonly usable: readonly Candidate[];
  readonly macros: readonly MacroHit[];
}

const NO_VALUES: readonly Candidate[] = [];
const NO_MACROS: readonly MacroHit[] = [];
const NOTHING: KeyReading = { usable: NO_VALUES, macros: NO_MACROS };

export function isAbsentFromRole(value: string): boolean {
  return value.length <= LONGEST_ABSENT && ABSENT.has(value.toLowerCase());
}

/** Compares what two values of a role mean; the default is byte for byte. */
export type Normaliser = (value: string) => string;
const asItIs: Normaliser = (value) => value;

/** Sorts the values of one key into usable ones, macros (with a warning) and absent ones. */
export function readKey(
  parameters: readonly Parameter[],
  place: RolePlace,
  warnings: WarningList,
  normalised: Normaliser = asItIs,
): KeyReading {
  const [first] = parameters;
  // Nearly every key is there once: nothing has to be collected for it.
  if (first !== undefined && parameters.length === 1) {
    const found = readParameter(first, place, warnings);
    if (found === null) return NOTHING;
    return 'isWord' in found
      ? { usable: NO_VALUES, macros: [found] }
      : { usable: [found], macros: NO_MACROS };
  }
  const usable: Candidate[] = [];
  const seen = new Set<string>();
  const macros: MacroHit[] = [];
  for (const parameter of parameters) {
    const found = readParameter(parameter, place, warnings);
    if (found === null) continue;
    if ('isWord' in found) {
      macros.push(found);
      continue;
    }
    const key = normalised(found.value);
    if (!seen.has(key)) usable.push(found);
    seen.add(key);
  }
  return { usable, macros };
}

/** A usable value, a macro (with a warning), or null for what is absent. */
function readParameter(
  { name, raw, value: untrimmed }: Parameter,
  place: RolePlace,
  warnings: WarningList,
): Candidate | MacroHit | null {
  const value = trimmed(untrimmed);
  if (isAbsentFromRole(value)) return null;
  const macro = roleMacro(raw, value, place);
  if (macro === 'none') return { parameter: name, value };
  warnings.add('macro_unreplaced', name, { value });
  return { parameter: name, value, isWord: macro === 'word' };
}

/**
 * The keys of a role in the order they are tried: each name exactly, then in other cases. Keys that the request does
 * not have are left out.
 */
export function keysOf(
  role: Exclude<Role, 'event'>,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
  normalised: Normaliser = asItIs,
): readonly KeyReading[] {
  const keys: KeyReading[] = [];
  for (const place of compiledOf(recipe).places[role]) {
    for (const parameters of index.spellingsOf(place.parameter)) {
      keys.push(readKey(parameters, place, warnings, normalised));
    }
  }
  return keys;
}

/** A composite is there when each of its parameters has a usable value; two values of one make two composites. */
export function readComposite(
  template: string,
  index: ParameterIndex,
  words: Omit<RolePlace, 'parameter'>,
  warnings: WarningList,
  normalised: Normaliser = asItIs,
): KeyReading {
  let composites = [''];
  const macros: MacroHit[] = [];
  for (const part of templateParts(template)) {
    if (part.kind === 'text') {
      composites = composites.map((composite) => composite + part.text);
      continue;
    }
    const place = { ...words, parameter: part.name };
    const spellings = index
      .spellingsOf(part.name)
      .map((parameters) => readKey(parameters, place, warnings, normalised));
    const values = spellings.find((key) => key.usable.length > 0)?.usable ?? [];
    macros.push(...spellings.flatMap((key) => key.macros));
    // Two are enough to tell that they conflict.
    composites = composites.flatMap((composite) => values.map(({ value }) => composite + value)).slice(0, 2);
  }
  return { usable: composites.map((value) => ({ parameter: template, value })), macros };
}

/** The first usable value of a role, with a warning for every other one that differs. */
export function firstUsable(
  keys: readonly KeyReading[],
  warnings: WarningList,
  normalised: Normaliser = asItIs,
): Candidate | null {
  const deciding = keys.find((key) => key.usable.length > 0);
  const [winner, ...repeated] = deciding?.usable ?? [];
  if (winner === undefined) return null;
  for (const { parameter, value } of repeated) {
    warnings.add('parameter_differs', parameter, { value, used: winner.value });
  }
  warnOfOtherKeys(keys, winner, warnings, normalised);
  return winner;
}

/** Different keys of one role never conflict: the earlier wins, and the later ones are told of. */
export function warnOfOtherKeys(
  keys: readonly KeyReading[],
  winner: Candidate,
  warnings: WarningList,
  normalised: Normaliser = asItIs,
): void {
  const used = normalised(winner.value);
  for (const key of keys) {
    if (key.usable.includes(winner)) continue;
    const other = key.usable.find((candidate) => normalised(candidate.value) !== used);
    if (other !== undefined) {
      warnings.add('role_differs', other.parameter, {
        value: other.value,
        used: winner.value,
        by: winner.parameter,
      });
    }
  }
}
