import { HIDDEN_SECRET } from '../integrations/postback-url';
import { isAbsentFromRole } from '../rules/roles.rule';
import { percentDecoded } from '../rules/text.rule';
import { type Finding, type UrlFindingCode } from './finding-codes';
import { type LintTarget } from './lint-target';
import { holdsOurMacro, macrosIn } from './macro-forms.rule';
import { nameOf, type UrlParameter, valueOf } from './pasted-url.rule';

/** The macro that a registration link carries, and the one that is the same. */
const OUR_MACROS = ['{{tracker.clickid}}', '{{chat.tracker.clickid}}'] as const;
const OUR_MACRO = OUR_MACROS[0];
/** What the CRM fills in on a link: `{{tracker.…}}`, `{{chat.…}}`, `{{fields.…}}`, `{{variables.…}}`. */
const FILLED_IN = /^\{\{(?:tracker|chat|fields|variables)\.[^{}]+\}\}$/;
const APPENDED = /\?(?=[^=?&#]+=)/;

export interface LinkLint {
  readonly findings: readonly Finding[];
  readonly correctedUrl: string;
}

/** Everything wrong with a registration link: the URL that a lead opens, with our click id for the network to keep. */
export function lintLink(text: string, codes: readonly UrlFindingCode[], target: LintTarget): LinkLint {
  const findings: Finding[] = codes.map((code) => ({ code, parameter: null }));
  const report = (code: UrlFindingCode, parameter: string | null, args?: Finding['args']): void => {
    if (findings.some((known) => known.code === code && known.parameter === parameter)) return;
    findings.push({ code, parameter, ...(args === undefined ? {} : { args }) });
  };
  const withScheme = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (withScheme !== text) report('scheme_missing', null);
  const { address, query, fragment } = linkParts(withScheme);
  let parameters: readonly LinkParameter[] = split(query, report).map((parameter) =>
    withoutSecret(parameter, target),
  );
  parameters = mendedMacros(parameters, report);
  parameters = withoutNetworkMacros(parameters, target, report);
  parameters = withClickId(parameters, target, report);
  const mended = parameters
    .map(({ rawName, raw }) => (raw === null ? rawName : `${rawName}=${raw}`))
    .join('&');
  return { findings, correctedUrl: `${address}${mended === '' ? '' : `?${mended}`}${fragment}` };
}

interface LinkParameter {
  readonly rawName: string;
  /** Null where there is no `=`. */
  readonly raw: string | null;
}

type Report = (code: UrlFindingCode, parameter: string | null, args?: Finding['args']) => void;

/** On a link `#` begins the fragment, which no server sees. */
function linkParts(text: string): {
  readonly address: string;
  readonly query: string;
  readonly fragment: string;
} {
  const hash = text.indexOf('#');
  const fragment = hash === -1 ? '' : text.slice(hash);
  const whole = hash === -1 ? text : text.slice(0, hash);
  const mark = whole.indexOf('?');
  return mark === -1
    ? { address: whole, query: '', fragment }
    : { address: whole.slice(0, mark), query: whole.slice(mark + 1), fragment };
}

function split(query: string, report: Report): readonly LinkParameter[] {
  return query
    .split('&')
    .filter((text) => text !== '')
    .flatMap((text) => {
      const pieces = text.replace(/^\?+/, '').split(APPENDED);
      if (pieces.length > 1 || text.startsWith('?'))
        report('second_question_mark', pieces[0]?.split('=')[0] ?? null);
      return pieces;
    })
    .map((text) => {
      const equals = text.indexOf('=');
      return equals === -1
        ? { rawName: text, raw: null }
        : { rawName: text.slice(0, equals), raw: text.slice(equals + 1) };
    });
}

function plain(parameter: LinkParameter): UrlParameter {
  return { rawName: parameter.rawName, raw: parameter.raw ?? '' };
}

/** A link of a partner may well hold a `key` of its own; only our secret is not to be repeated. */
function withoutSecret(parameter: LinkParameter, { isSecretValid }: LintTarget): LinkParameter {
  return isSecretValid?.(valueOf(plain(parameter))) === true
    ? { ...parameter, raw: HIDDEN_SECRET }
    : parameter;
}

/** `{tracker.clickid}`, `%7B%7Btracker.clickid%7D%7D`, `{{tracker.click_id}}` and the like. */
function mendedMacros(parameters: readonly LinkParameter[], report: Report): readonly LinkParameter[] {
  return parameters.map((parameter) => {
    const { raw } = parameter;
    if (raw === null) return parameter;
    const decoded = percentDecoded(percentDecoded(raw) ?? raw) ?? raw;
    if (!holdsOurMacro(decoded) || OUR_MACROS.some((macro) => macro === raw)) return parameter;
    const isOursInside = OUR_MACROS.some((macro) => raw.includes(macro));
    if (isOursInside) return parameter;
    report('link_macro_damaged', nameOf(plain(parameter)), { value: raw, suggestion: OUR_MACRO });
    return { ...parameter, raw: OUR_MACRO };
  });
}

function withoutNetworkMacros(
  parameters: readonly LinkParameter[],
  { recipe, configs }: LintTarget,
  report: Report,
): readonly LinkParameter[] {
  return parameters.filter((parameter) => {
    const name = nameOf(plain(parameter));
    const value = valueOf(plain(parameter));
    const macros = macrosIn(value, recipe.macroSyntax).filter(({ text }) => !FILLED_IN.test(text));
    if (macros.length === 0) return true;
    const key = name.toLowerCase().startsWith('fields.') ? name.slice('fields.'.length) : null;
    const event = configs[0]?.event ?? 'registration';
    report('network_macro_on_link', name, {
      value,
      suggestion: key === null ? event : `{ "key": "${key}", "macro": "${value}" } → fields.${key}=${value}`,
    });
    return false;
  });
}

function withClickId(
  parameters: readonly LinkParameter[],
  { clickIdParameter }: LintTarget,
  report: Report,
): readonly LinkParameter[] {
  const suggestion = `${clickIdParameter}=${OUR_MACRO}`;
  const isClick = (parameter: LinkParameter): boolean => nameOf(plain(parameter)) === clickIdParameter;
  const holdsOurs = (parameter: LinkParameter): boolean => holdsOurMacro(parameter.raw ?? '');
  const right = parameters.find((parameter) => isClick(parameter) && holdsOurs(parameter));
  if (right !== undefined) return parameters;
  const taken = parameters.find(isClick);
  const elsewhere = parameters.find(holdsOurs);
  if (taken !== undefined) {
    const value = valueOf(plain(taken));
    if (isAbsentFromRole(value)) report('link_macro_missing', clickIdParameter, { suggestion });
    else report('link_click_parameter_taken', clickIdParameter, { value, suggestion });
    return parameters.map((parameter) => (parameter === taken ? { ...taken, raw: OUR_MACRO } : parameter));
  }
  if (elsewhere !== undefined) {
    report('link_click_parameter', nameOf(plain(elsewhere)), { name: clickIdParameter, suggestion });
    return parameters.map((parameter) =>
      parameter === elsewhere ? { rawName: clickIdParameter, raw: OUR_MACRO } : parameter,
    );
  }
  report('link_macro_missing', clickIdParameter, { suggestion });
  return [...parameters, { rawName: clickIdParameter, raw: OUR_MACRO }];
}
