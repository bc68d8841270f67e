import { isCounted, isEventName } from '../rules/event-word.rule';
import { MAP_DEPOSIT_STREAM, MAP_IGNORE, MAP_REVERSAL } from '../rules/recipe';
import { isMacroSyntax, macroNames } from './macro-syntax';
import { type NetworkPreset } from './network-preset';
import { shapeProblems } from './preset-shape';

export interface PresetProblem {
  /** Path within the preset: `eventMap.ftd`. */
  readonly field: string;
  readonly message: string;
}

const KEY = /^[a-z0-9][a-z0-9-]{0,63}$/;
const PARAMETER = /^[A-Za-z0-9_.~[\]-]{1,64}$/;
const CURRENCY = /^(?=.*[A-Z])[A-Z0-9]{2,12}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MAP_WORDS = new Set<string>([MAP_IGNORE, MAP_REVERSAL, MAP_DEPOSIT_STREAM]);

/** What would keep a preset from working; empty when nothing does. */
export function presetProblems(preset: NetworkPreset): readonly PresetProblem[] {
  const misshapen = shapeProblems(preset);
  return misshapen.length > 0
    ? misshapen
    : [...settingProblems(preset), ...eventMapProblems(preset), ...postbackProblems(preset)];
}

type Demand = (holds: boolean, field: string, message: string) => void;

function demands(check: (demand: Demand) => void): readonly PresetProblem[] {
  const problems: PresetProblem[] = [];
  check((holds, field, message) => {
    if (!holds) problems.push({ field, message });
  });
  return problems;
}

function settingProblems(preset: NetworkPreset): readonly PresetProblem[] {
  return demands((demand) => {
    demand(KEY.test(preset.key), 'key', 'has to be lower-case letters, digits and "-", at most 64');
    demand(preset.name.trim() !== '', 'name', 'must not be empty');
    demand(PARAMETER.test(preset.clickIdParameter), 'clickIdParameter', 'has to be 1-64 URL-safe characters');
    demand(
      preset.macroSyntax === null || isMacroSyntax(preset.macroSyntax),
      'macroSyntax',
      'has to hold exactly one x, like {x}',
    );
    demand(
      preset.currency === null || CURRENCY.test(preset.currency),
      'currency',
      'has to be a code like USD',
    );
    demand(DAY.test(preset.verifiedOn), 'verifiedOn', 'has to be a day like 2026-11-21');
    preset.event.forEach((source, index) => {
      const text = source.kind === 'composite' ? source.template : source.name;
      demand(text !== '', `event.${index}`, 'names no parameter');
      demand(
        source.kind !== 'composite' || macroNames(source.template, '{x}').length > 0,
        `event.${index}`,
        'has to hold parameters in braces, like {goal}_{status}',
      );
    });
    preset.clickIdSuffixes?.forEach((suffix, index) => {
      demand(suffix !== '', `clickIdSuffixes.${index}`, 'must not be empty');
    });
    const { negate = [], instead = {} } = preset.amountRule ?? {};
    for (const event of [...negate, ...Object.keys(instead)]) {
      demand(isEventName(event), 'amountRule', `names no event with "${event}"`);
    }
  });
}

function eventMapProblems(preset: NetworkPreset): readonly PresetProblem[] {
  const { event, macroSyntax, postbacks } = preset;
  const macros = new Set([
    ...postbacks.flatMap((postback) => macroNames(postback.event, macroSyntax)),
    ...(preset.knownWords.event ?? []),
    ...(preset.bareWords.event ?? []),
    ...event.flatMap((source) => (source.kind === 'parameter' ? [source.name] : [])),
  ]);
  return demands((demand) => {
    for (const [word, target] of Object.entries(preset.eventMap)) {
      const field = `eventMap.${word}`;
      const isKey = word === word.trim().toLowerCase() && word !== '';
      demand(isKey, field, 'has to be keyed by the word in lower case');
      demand(MAP_WORDS.has(target) || isEventName(target), field, `cannot lead to "${target}"`);
      demand(!macros.has(word), field, 'is also what an unreplaced macro looks like');
    }
  });
}

function postbackProblems(preset: NetworkPreset): readonly PresetProblem[] {
  const seen = new Set<string>();
  return demands((demand) => {
    preset.postbacks.forEach(({ event, name, snapshot }, index) => {
      const field = `postbacks.${index}.event`;
      const isMacro = macroNames(event, preset.macroSyntax).length > 0;
      demand(isMacro || isEventName(event), field, `cannot be "${event}"`);
      demand(!isMacro || !preset.eventInPath, field, 'cannot be a macro where events stand in the path');
      demand(!seen.has(event), field, `is there twice: "${event}"`);
      demand(name.trim() !== '', `postbacks.${index}.name`, 'must not be empty');
      const recorded = preset.eventMap[event] ?? event;
      demand(
        snapshot !== true || (!isMacro && isEventName(recorded) && !isCounted(recorded)),
        `postbacks.${index}.snapshot`,
        'has to be an aggregate with a custom event name of its own',
      );
      seen.add(event);
    });
  });
}
