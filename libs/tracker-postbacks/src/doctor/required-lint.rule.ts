import { distance } from 'fastest-levenshtein';
import { readEventWord } from '../rules/event-word.rule';
import { isAbsentFromRole } from '../rules/roles.rule';
import { percentDecoded } from '../rules/text.rule';
import { type LintDraft, type LintMode } from './lint-draft';
import { outcomeOf } from './lint-target';
import { isMacroName } from '../rules/macros.rule';

const CLASSIC = ['registration', 'conf', 'sale', 'resale'] as const;
/** Anything said about a missing event has to name one. */
const LAST_RESORT = 'registration';

/** The event word: finished, spelled right, one that can be recorded; `about: integration` where only the map is at fault. */
export function lintEvent(draft: LintDraft, mode: LintMode): void {
  draft.rewrite((parameter) => {
    if (parameter.isOwn || parameter.name.toLowerCase() !== 'tracker.event') return parameter;
    const word = lintWord(parameter.value, parameter.name, draft);
    return word === parameter.value ? parameter : draft.revalued(parameter, word);
  });
  const { pathEvent } = draft;
  const isOwnPath = draft.target.configs.some(({ event }) => event === pathEvent);
  if (pathEvent !== null && !isOwnPath) {
    draft.pathEvent = lintWord(percentDecoded(pathEvent) ?? pathEvent, ':event', draft);
  }
  if (draft.event() === null && draft.ofRole('event').length === 0 && !appendsEvent(draft)) {
    const event = draft.config()?.event ?? LAST_RESORT;
    draft.report('event_missing', 'tracker.event', { suggestion: event });
    if (draft.target.eventInPath && mode === 'template') draft.pathEvent = event;
    else draft.insert('event', event);
  }
  lintOutcome(draft);
}

/** Click id and amount, without which a postback is worth little. */
export function lintRequired(draft: LintDraft, mode: LintMode): void {
  const { target } = draft;
  const { clickIdMacro, eventInPath } = target;
  // Where the network appends its own parameters, nothing is missing from the URL.
  if (clickIdMacro !== null && !eventInPath && draft.ofRole('clickId').length === 0) {
    draft.report('click_missing', 'clickid', { suggestion: clickIdMacro });
    draft.insert('clickId', clickIdMacro);
  }
  const event = draft.event();
  const outcome = event === null ? null : outcomeOf(event, target.recipe);
  const isDeposit = outcome === 'sale' || outcome === 'resale' || outcome === 'sale/resale';
  if (mode === 'received' || !isDeposit || eventInPath || draft.ofRole('cost').length > 0) return;
  const cost = draft.config()?.cost ?? null;
  if (cost === null) return;
  draft.report('amount_missing', 'tracker.cost', { suggestion: cost });
  draft.insert('cost', cost);
  const currency = draft.config()?.currency ?? null;
  if (currency !== null && draft.ofRole('currency').length === 0) draft.insert('currency', currency);
}

function appendsEvent({ target }: LintDraft): boolean {
  return target.recipe.event.length > 0 && (target.clickIdMacro === null || target.eventInPath);
}

function lintWord(value: string, parameter: string, draft: LintDraft): string {
  const { recipe, configs } = draft.target;
  const word = value.toLowerCase();
  if (isAbsentFromRole(value) || draft.macros(value).length > 0) return value;
  const { meaning, warning } = readEventWord(word, recipe.eventMap);
  if (warning === 'event_unfinished' && meaning.kind === 'event') {
    draft.report('event_unfinished', parameter, { value, suggestion: meaning.name });
    return meaning.name;
  }
  const known = unique([...configs.map(({ event }) => event), ...CLASSIC, ...recipe.eventMap.keys()]).filter(
    (event) => !isMacroName(event) && outcomeOf(event, recipe) !== null,
  );
  if (meaning.kind === 'invalid') {
    const [closest = LAST_RESORT] = [...known].sort((a, b) => distance(word, a) - distance(word, b));
    const isAlike = distance(word, closest) <= word.length / 2;
    const suggestion = isAlike ? closest : (draft.config()?.event ?? LAST_RESORT);
    draft.report('event_invalid', parameter, { value, suggestion });
    return suggestion;
  }
  if (meaning.kind !== 'event' || recipe.eventMap.has(word) || known.includes(word) || warning !== null)
    return value;
  const near = known.find((event) => event.length > 3 && distance(word, event) <= (event.length < 6 ? 1 : 2));
  if (near === undefined) return value;
  draft.report('event_misspelt', parameter, { value, suggestion: near });
  return near;
}

/** What the integration makes of a word that is in itself right. */
function lintOutcome(draft: LintDraft): void {
  const { recipe, configs } = draft.target;
  const event = draft.event();
  if (event === null || draft.macros(event).length > 0) return;
  const word = event.toLowerCase();
  const isKnown =
    recipe.eventMap.has(word) ||
    configs.some((config) => config.event.toLowerCase() === word) ||
    CLASSIC.some((classic) => classic === outcomeOf(word, recipe)) ||
    outcomeOf(word, recipe) === 'reversal';
  if (!isKnown) draft.report('event_unmapped', 'tracker.event', { value: word });
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
