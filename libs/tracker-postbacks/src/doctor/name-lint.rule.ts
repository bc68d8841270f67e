import { distance } from 'fastest-levenshtein';
import { APPENDED_QUERY } from '../rules/damage.rule';
import { isFieldKey } from '../rules/fields.rule';
import { isMacroName } from '../rules/macros.rule';
import { type Role, ROLES } from '../rules/recipe';
import { type DraftParameter, type LintDraft } from './lint-draft';
import { inUrl } from './macro-forms.rule';

export interface Misspelling {
  readonly parameter: string;
  readonly suggestion: string;
}

const NAMES: readonly (readonly [name: string, role: Role])[] = [
  ['tracker.event', 'event'],
  ['clickid', 'clickId'],
  ['tracker.clickid', 'clickId'],
  ['tracker.cost', 'cost'],
  ['tracker.currency', 'currency'],
  ['tracker.tid', 'tid'],
];
/** Names that people give to a role from other trackers; taken for it only while nothing else plays it. */
const ALIASES: ReadonlyMap<string, Role> = new Map([
  ...['cid', 'click', 'subid', 'externalid', 'external_id', 'sub_id'].map(
    (name) => [name, 'clickId'] as const,
  ),
  ...['payout', 'amount', 'revenue', 'sum', 'price'].map((name) => [name, 'cost'] as const),
  ...['txid', 'transaction_id', 'transactionid'].map((name) => [name, 'tid'] as const),
]);
/** What is left of `&amp;` where the `&` itself was taken for a separator. */
const AMPERSAND_REST = /^(?:(?:amp|#x26|#38);)+/i;
/** Longer names are nobody's misspelling of ours. */
const MAX_NAME = 72;
const FIELD = /^([a-z]{4,7})([._:-])(.+)$/i;

/** A second `?` inside a value or before a name. */
export function splitAppended(draft: LintDraft): void {
  draft.rewrite((parameter) => {
    const { rawName, raw, purpose } = parameter;
    if (rawName.startsWith('?')) {
      draft.report('second_question_mark', rawName);
      return draft.renamed(parameter, rawName.replace(/^\?+/, ''));
    }
    if (AMPERSAND_REST.test(rawName)) {
      draft.report('html_entity', null);
      return draft.renamed(parameter, rawName.replace(AMPERSAND_REST, ''));
    }
    const isAppendable = purpose.kind === 'role' && purpose.role !== 'cost';
    if (!isAppendable || !APPENDED_QUERY.test(raw)) return parameter;
    draft.report('second_question_mark', parameter.name);
    const [value = '', ...appended] = raw.split(/\?(?=[^=?&]+=)/);
    return [
      { ...draft.renamed({ ...parameter, raw: value }, rawName) },
      ...appended.map((text) => {
        const equals = text.indexOf('=');
        return draft.renamed({ ...parameter, raw: text.slice(equals + 1) }, text.slice(0, equals));
      }),
    ];
  });
}

/** Names that nothing reads and that look like one that is read. */
export function lintNames(draft: LintDraft): readonly Misspelling[] {
  const misspelt: Misspelling[] = [];
  const vacant = new Set(ROLES.filter((role) => draft.ofRole(role).length === 0));
  if (draft.pathEvent !== null) vacant.delete('event');
  draft.rewrite((parameter) => {
    if (parameter.isOwn || isMacroName(parameter.name)) return parameter;
    const suggestion = suggestionFor(parameter, vacant);
    if (suggestion === null) return parameter;
    misspelt.push({ parameter: parameter.name, suggestion });
    draft.report('parameter_misspelt', parameter.name, { suggestion });
    const renamed = draft.renamed(parameter, inUrl(suggestion, draft.syntax));
    if (renamed.purpose.kind === 'role') vacant.delete(renamed.purpose.role);
    return renamed;
  });
  renameCurrency(draft);
  dropBadFields(draft);
  dropRepeated(draft);
  return misspelt;
}

/** @param vacant roles that no parameter plays yet: only for those can a name be meant */
function suggestionFor({ name, purpose }: DraftParameter, vacant: ReadonlySet<Role>): string | null {
  if (purpose.kind !== 'none' || name.length > MAX_NAME) return null;
  const lower = name.toLowerCase();
  const missing = NAMES.filter(([, role]) => vacant.has(role));
  const [closest] = missing
    .map(([known]) => ({ known, far: farFrom(lower, known) }))
    .filter(({ far }) => far <= Math.min(2, Math.floor(lower.length / 3)))
    .sort((a, b) => a.far - b.far);
  if (closest !== undefined) return closest.known;
  const [, prefix = '', , fieldKey = ''] = FIELD.exec(name) ?? [];
  if (prefix !== '' && distance(prefix.toLowerCase(), 'fields') <= 2 && isFieldKey(fieldKey)) {
    return `fields.${fieldKey}`;
  }
  const role = ALIASES.get(lower);
  return missing.find((known) => known[1] === role)?.[0] ?? null;
}

/** Edits between two names, `event` being as good as `tracker.event` and `tracker_event`. */
function farFrom(name: string, known: string): number {
  const bare = known.replace(/^tracker\./, '');
  if (name === bare) return 0;
  return distance(name, known);
}

function renameCurrency(draft: LintDraft): void {
  const isDocumented = draft.ofRole('currency').some(({ name }) => name.toLowerCase() === 'tracker.currency');
  if (isDocumented) return;
  let isRenamed = false;
  draft.rewrite((parameter) => {
    const { name, value, isOwn } = parameter;
    if (isRenamed || isOwn || name.toLowerCase() !== 'currency' || value === '') return parameter;
    isRenamed = true;
    draft.report('currency_name', name, { value });
    return draft.renamed(parameter, 'tracker.currency');
  });
}

function dropBadFields(draft: LintDraft): void {
  draft.rewrite((parameter) => {
    const { purpose, name } = parameter;
    if (purpose.kind !== 'field' || isFieldKey(purpose.key)) return parameter;
    draft.report('field_key_invalid', name);
    return null;
  });
}

/** Of one name the first value that is any stays, as it does when a postback is read. */
function dropRepeated(draft: LintDraft): void {
  const first = new Map<string, DraftParameter>();
  for (const parameter of draft.parameters) {
    const held = first.get(identity(parameter));
    if (held === undefined || held.value === '') first.set(identity(parameter), parameter);
  }
  draft.rewrite((parameter) => {
    const kept = first.get(identity(parameter));
    if (kept === parameter || kept === undefined) return parameter;
    if (parameter.value !== '' && parameter.value !== kept.value) {
      draft.report('parameter_repeated', parameter.name);
    }
    return null;
  });
}

/** Field keys are case-sensitive, all other names are not. */
function identity({ name, purpose }: DraftParameter): string {
  return purpose.kind === 'field' ? name : name.toLowerCase();
}
