import { macroOf } from '../networks/macro-syntax';
import { type Role } from '../rules/recipe';
import { isAbsentFromRole } from '../rules/roles.rule';
import { type DraftParameter, type LintDraft, type LintMode } from './lint-draft';
import {
  brokenMacroName,
  hiddenMacros,
  holdsOurMacro,
  inUrl,
  isOfSyntax,
  ourMacroIn,
} from './macro-forms.rule';

type Place = (parameter: DraftParameter, draft: LintDraft) => DraftParameter | null;

/** Macros: readable, of the network's own syntax, with both ends, and the right one for the click id. */
export function lintMacros(draft: LintDraft): void {
  for (const step of [decoded, ourMacro, networkSyntax, withBraces, clickMacro] satisfies Place[]) {
    draft.rewrite((parameter) => (parameter.isOwn ? parameter : step(parameter, draft)));
  }
}

/** What a template must not leave fixed, since it would be the same for every lead. */
export function lintConstants(draft: LintDraft, mode: LintMode): void {
  draft.rewrite((parameter) => (parameter.isOwn ? parameter : currency(parameter, draft)));
  if (mode === 'received') return;
  for (const step of [clickConstant, tidConstant, costConstant] satisfies Place[]) {
    draft.rewrite((parameter) => (parameter.isOwn ? parameter : step(parameter, draft)));
  }
}

function decoded(parameter: DraftParameter, draft: LintDraft): DraftParameter {
  const plain = hiddenMacros(parameter.raw, draft.syntax);
  if (plain === null) return parameter;
  draft.report('macro_encoded', parameter.name, {
    value: parameter.raw,
    suggestion: inUrl(plain, draft.syntax),
  });
  return draft.revalued(parameter, plain);
}

function ourMacro(parameter: DraftParameter, draft: LintDraft): DraftParameter | null {
  if (!holdsOurMacro(parameter.value)) return parameter;
  const { purpose, name } = parameter;
  const role = purpose.kind === 'role' && purpose.role !== 'event' ? purpose.role : null;
  const expected = role === null ? null : draft.expected(role);
  draft.report('our_macro_on_postback', name, {
    value: ourMacroIn(parameter.value) ?? '',
    suggestion: expected ?? `clickid=${draft.target.clickIdMacro ?? ''}`,
  });
  return expected === null ? null : draft.revalued(parameter, expected);
}

function networkSyntax(parameter: DraftParameter, draft: LintDraft): DraftParameter | null {
  const { syntax } = draft;
  const { name, value } = parameter;
  // A name may be a macro too: `{status}=true`.
  const macros = isPlayed(parameter)
    ? draft.macros(value)
    : draft.macros(value).filter(({ text }) => text === value);
  if (macros.length === 0) return parameter;
  if (syntax === null) {
    draft.report('macro_not_supported', name, { value });
    return null;
  }
  const wrong = macros.filter(({ text }) => !isOfSyntax(text, syntax));
  if (wrong.length === 0) return parameter;
  const mended = wrong.reduce((text, macro) => text.replace(macro.text, macroOf(syntax, macro.name)), value);
  draft.report('macro_syntax', name, { value, syntax, suggestion: mended });
  return draft.revalued(parameter, mended);
}

/** Whether a value means anything to us: of a parameter without a purpose only whole macros are looked at. */
function isPlayed({ purpose }: DraftParameter): boolean {
  return purpose.kind === 'role' || purpose.kind === 'field';
}

function withBraces(parameter: DraftParameter, draft: LintDraft): DraftParameter {
  const { syntax, target } = draft;
  const { name, value } = parameter;
  if (syntax === null || draft.macros(value).length > 0) return parameter;
  const word = brokenMacroName(value) ?? value;
  if (!isMacroWord(word, parameter, draft) && word === value) return parameter;
  if (word !== value && !isPlayed(parameter)) return parameter;
  const { purpose } = parameter;
  const isClick = purpose.kind === 'role' && purpose.role === 'clickId';
  const isOwnName = purpose.kind === 'role' && isNameOf(word, name);
  const expected = isOwnName && purpose.role !== 'event' ? draft.expected(purpose.role) : null;
  const suggestion = (isClick ? target.clickIdMacro : expected) ?? macroOf(syntax, word);
  draft.report('macro_braces_lost', name, { value, suggestion });
  return draft.revalued(parameter, suggestion);
}

/** Whether a bare word is what a macro of this integration is called, for this very role or field. */
function isMacroWord(word: string, { purpose, name }: DraftParameter, { target }: LintDraft): boolean {
  const { recipe } = target;
  if (purpose.kind === 'field') {
    const known = recipe.knownFieldWords.get(purpose.key);
    return known === undefined ? word === purpose.key : known.has(word);
  }
  if (purpose.kind !== 'role') return false;
  const { role } = purpose;
  // A network may send a bare word by design; a flag is set by its own name.
  if (recipe.bareWords[role].has(word)) return false;
  if (role === 'event') return recipe.knownWords.event.has(word) && !recipe.eventMap.has(word.toLowerCase());
  return recipe.knownWords[role].has(word) || isNameOf(word, name);
}

function isNameOf(word: string, parameter: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replace(/^tracker\./, '');
  return bare(word) === bare(parameter);
}

/** The macro that asks for another parameter than the one our links put the click id into. */
function clickMacro(parameter: DraftParameter, draft: LintDraft): DraftParameter {
  const { target, syntax } = draft;
  const { value, name } = parameter;
  if (!isRole(parameter, 'clickId') || target.clickIdMacro === null || syntax === null) return parameter;
  const [macro] = draft.macros(value);
  if (
    macro === undefined ||
    draft.macros(target.clickIdMacro).some((own) => sameName(own.name, macro.name))
  ) {
    return parameter;
  }
  const words = [...target.recipe.knownWords.clickId];
  if (words.some((word) => sameName(word, macro.name))) return parameter;
  draft.report('click_macro_differs', name, {
    value: macro.text,
    name: target.clickIdParameter,
    suggestion: target.clickIdMacro,
  });
  return draft.revalued(parameter, target.clickIdMacro);
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function isRole({ purpose }: DraftParameter, role: Role): boolean {
  return purpose.kind === 'role' && purpose.role === role;
}

function isConstant({ value }: DraftParameter, draft: LintDraft): boolean {
  return !isAbsentFromRole(value) && draft.macros(value).length === 0;
}

function clickConstant(parameter: DraftParameter, draft: LintDraft): DraftParameter {
  const { clickIdMacro } = draft.target;
  if (!isRole(parameter, 'clickId') || clickIdMacro === null || !isConstant(parameter, draft))
    return parameter;
  draft.report('click_constant', parameter.name, { value: parameter.value, suggestion: clickIdMacro });
  return draft.revalued(parameter, clickIdMacro);
}

function tidConstant(parameter: DraftParameter, draft: LintDraft): DraftParameter | null {
  if (!isRole(parameter, 'tid') || isAbsentFromRole(parameter.value)) return parameter;
  const { clickIdMacro } = draft.target;
  const isClick = clickIdMacro !== null && parameter.value === clickIdMacro;
  if (!isClick && !isConstant(parameter, draft)) return parameter;
  const expected = draft.config()?.tid ?? null;
  draft.report('tid_constant', parameter.name, {
    value: parameter.value,
    ...(expected === null ? {} : { suggestion: expected }),
  });
  return expected === null ? null : draft.revalued(parameter, expected);
}

function costConstant(parameter: DraftParameter, draft: LintDraft): DraftParameter {
  if (!isRole(parameter, 'cost') || !isConstant(parameter, draft)) return parameter;
  const expected = draft.expected('cost');
  if (expected === null || draft.macros(expected).length === 0) return parameter;
  draft.report('cost_constant', parameter.name, { value: parameter.value, suggestion: expected });
  return draft.revalued(parameter, expected);
}

const CURRENCY = /^(?=.*[A-Z])[A-Z0-9]{2,12}$/;

function currency(parameter: DraftParameter, draft: LintDraft): DraftParameter | null {
  if (!isRole(parameter, 'currency') || !isConstant(parameter, draft)) return parameter;
  if (CURRENCY.test(parameter.value.toUpperCase())) return parameter;
  const { defaultCurrency, presetCurrency } = draft.target.recipe;
  const suggestion = draft.expected('currency') ?? (defaultCurrency ?? presetCurrency)?.toLowerCase() ?? null;
  draft.report('currency_invalid', parameter.name, {
    value: parameter.value,
    suggestion: `tracker.currency=${suggestion ?? 'usd'}`,
  });
  return suggestion === null ? null : draft.revalued(parameter, suggestion);
}
