import { meansTheSame, readEventWord, type EventMeaning } from './event-word.rule';
import { roleMacro } from './macros.rule';
import { type ParameterIndex } from './parameter-index';
import { type Parameter } from './parameters.rule';
import { type EventReading } from './reading';
import { CANONICAL, type EventSource, type Recipe } from './recipe';
import {
  isAbsentFromRole,
  readComposite,
  readKey,
  type Candidate,
  type KeyReading,
  type MacroHit,
} from './roles.rule';
import { cut, trimmed } from './text.rule';
import { type WarningList } from './warnings';

const FLAG_VALUES: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'on']);
/** A path segment has no name of its own that a network could leave unreplaced but this one. */
const PATH_NAME = 'event';
/** Longest word kept as it was reported. */
const MAX_WORD = 255;

interface EventKey extends KeyReading {
  /** The recipe declares it for the event; the canonical parameter and the path stand in the URL itself. */
  readonly isDeclared: boolean;
}

interface EventChoice {
  readonly candidate: Candidate;
  readonly meaning: EventMeaning;
}

/**
 * What happened, from `tracker.event`, the path, then the recipe's own sources in their order. The first usable word
 * wins; a declared one that means `ignore` or `reversal` wins over the URL's own word, since `tracker.event=sale` with
 * `status=rejected` is no sale.
 */
export function readEvent(
  path: Parameter | null,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): EventReading {
  const keys = eventKeysOf(path, index, recipe, warnings);
  const deciding = keys.find((key) => key.usable.length > 0);
  const [candidate, other] = deciding?.usable ?? [];
  if (deciding === undefined || candidate === undefined) return nothingUsable(keys);
  if (other !== undefined) {
    const values = deciding.usable.map(({ value }) => cut(value, MAX_WORD));
    return { kind: 'conflict', parameter: candidate.parameter, values };
  }
  const chosen = { candidate, meaning: meaningOf(candidate, recipe) };
  const decided = (deciding.isDeclared ? null : overruling(keys, chosen, recipe, warnings)) ?? chosen;
  if (decided === chosen) warnOfOthers(keys, chosen, recipe, warnings);
  const word = decided.candidate.value.toLowerCase();
  const { warning } = readEventWord(word, recipe.eventMap);
  if (warning !== null) warnings.add(warning, decided.candidate.parameter, { value: word });
  return readingOf(decided);
}

function meaningOf({ value }: Candidate, recipe: Recipe): EventMeaning {
  return readEventWord(value.toLowerCase(), recipe.eventMap).meaning;
}

function nothingUsable(keys: readonly EventKey[]): EventReading {
  const [macro] = keys.flatMap((key) => key.macros);
  if (macro === undefined) return { kind: 'missing' };
  return { kind: 'macro', parameter: macro.parameter, value: macro.value };
}

/** A declared word that takes the event back or sets it aside, against the word in the URL itself. */
function overruling(
  keys: readonly EventKey[],
  chosen: EventChoice,
  recipe: Recipe,
  warnings: WarningList,
): EventChoice | null {
  for (const candidate of keys.filter((key) => key.isDeclared).flatMap((key) => key.usable)) {
    const meaning = meaningOf(candidate, recipe);
    if (meaning.kind !== 'ignored' && meaning.kind !== 'reversal') continue;
    if (meansTheSame(meaning, chosen.meaning)) continue;
    warnings.add('event_overruled', candidate.parameter, {
      value: candidate.value,
      used: chosen.candidate.value,
      by: chosen.candidate.parameter,
    });
    return { candidate, meaning };
  }
  return null;
}

function warnOfOthers(
  keys: readonly EventKey[],
  chosen: EventChoice,
  recipe: Recipe,
  warnings: WarningList,
): void {
  for (const candidate of keys.flatMap((key) => key.usable)) {
    if (meansTheSame(meaningOf(candidate, recipe), chosen.meaning)) continue;
    warnings.add('event_differs', candidate.parameter, {
      value: candidate.value,
      used: chosen.candidate.value,
      by: chosen.candidate.parameter,
    });
  }
}

function readingOf({ candidate, meaning }: EventChoice): EventReading {
  const { parameter } = candidate;
  const word = cut(candidate.value.toLowerCase(), MAX_WORD);
  return meaning.kind === 'event'
    ? { kind: 'event', name: meaning.name, word, parameter }
    : { kind: meaning.kind, word, parameter };
}

function eventKeysOf(
  path: Parameter | null,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): readonly EventKey[] {
  const keys: EventKey[] = [];
  const place = { knownWords: recipe.knownWords.event, bareWords: recipe.bareWords.event };
  const addKey = (parameters: readonly Parameter[], name: string, isDeclared: boolean): void => {
    const { usable, macros } = readKey(parameters, { ...place, parameter: name }, warnings, lowerCased);
    keys.push({ usable, macros, isDeclared });
  };
  for (const name of CANONICAL.event) {
    for (const parameters of index.spellingsOf(name)) addKey(parameters, name, false);
  }
  if (path !== null) addKey([path], PATH_NAME, false);
  for (const source of recipe.event) {
    if (source.kind === 'parameter') {
      for (const parameters of index.spellingsOf(source.name)) addKey(parameters, source.name, true);
    } else if (source.kind === 'flag') {
      keys.push({ ...readFlag(source, index, recipe, warnings), isDeclared: true });
    } else {
      const composite = readComposite(source.template, index, place, warnings, lowerCased);
      keys.push({ ...composite, isDeclared: true });
    }
  }
  return keys;
}

/** A flag is set by `1`, `true`, `yes`, `on` or its own name; its name is then the word. */
function readFlag(
  { name }: Extract<EventSource, { kind: 'flag' }>,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): KeyReading {
  const place = { parameter: null, knownWords: recipe.knownWords.event, bareWords: recipe.bareWords.event };
  const usable: Candidate[] = [];
  const macros: MacroHit[] = [];
  for (const parameter of index.spellingsOf(name).flat()) {
    const value = trimmed(parameter.value);
    const lower = lowerCased(value);
    if (FLAG_VALUES.has(lower) || lower === lowerCased(name)) {
      if (usable.length === 0) usable.push({ parameter: parameter.name, value: name });
    } else if (!isAbsentFromRole(value) && roleMacro(parameter.raw, value, place) !== 'none') {
      warnings.add('macro_unreplaced', parameter.name, { value });
      macros.push({ parameter: parameter.name, value, isWord: false });
    }
  }
  return { usable, macros };
}

function lowerCased(text: string): string {
  return text.toLowerCase();
}
