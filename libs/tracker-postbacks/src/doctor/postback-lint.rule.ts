import { HIDDEN_SECRET } from '../integrations/postback-url';
import { aboutOf, type Finding, type UrlFindingCode } from './finding-codes';
import { lintAddress } from './address-lint.rule';
import { LintDraft, type LintMode } from './lint-draft';
import { type LintTarget } from './lint-target';
import { lintNames, type Misspelling, splitAppended } from './name-lint.rule';
import { type PastedUrl, pastedUrl, queryOf, withoutSecrets } from './pasted-url.rule';
import { cleanPasted } from './pasted-text.rule';
import { lintEvent, lintRequired } from './required-lint.rule';
import { lintConstants, lintMacros } from './value-lint.rule';

/** What the lint of a postback URL came to. */
export interface PostbackLint {
  readonly findings: readonly Finding[];
  readonly misspelt: readonly Misspelling[];
  readonly correctedUrl: string;
}

/** More rounds than any damage takes; what is not mended by then is replaced whole. */
const MAX_ROUNDS = 5;

/**
 * Everything wrong with a postback URL and the URL that has none of it. A repair may uncover the next fault (a URL that
 * gets its macro back is a template, which wants an amount), so it is repeated until nothing is found any more.
 *
 * @param url without its secrets
 * @param as null decides by what the URL holds
 */
export function lintPostback(
  url: PastedUrl,
  secrets: readonly string[],
  codes: readonly UrlFindingCode[],
  target: LintTarget,
  as: LintMode | null,
): PostbackLint {
  const first = lintOnce(url, secrets, target, as);
  const findings: Finding[] = [...codes.map((code) => ({ code, parameter: null })), ...first.findings];
  let last = first;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const wrong = [as, null].map((mode) => again(last.correctedUrl, target, mode)).find(isWrong);
    if (wrong === undefined) return { findings, misspelt: first.misspelt, correctedUrl: last.correctedUrl };
    for (const finding of wrong.findings) {
      if (!findings.some(({ code, parameter }) => code === finding.code && parameter === finding.parameter)) {
        findings.push(finding);
      }
    }
    last = wrong;
  }
  return { findings, misspelt: first.misspelt, correctedUrl: readyUrl(url, target) };
}

function again(correctedUrl: string, target: LintTarget, as: LintMode | null): PostbackLint {
  const pasted = cleanPasted(correctedUrl);
  const { url, secrets } = withoutSecrets(
    pastedUrl(pasted.kind === 'invalid' ? target.address : pasted.text),
  );
  const lint = lintOnce(url, secrets, target, as);
  if (pasted.kind === 'invalid') return lint;
  return {
    ...lint,
    findings: [...pasted.codes.map((code) => ({ code, parameter: null })), ...lint.findings],
  };
}

function isWrong({ findings }: PostbackLint): boolean {
  return findings.some(({ code }) => aboutOf(code) === 'url');
}

/**
 * A template where the event or the click-id role holds a macro, or where the URL is one of the integration's own ready
 * ones: those of a network that appends its parameters hold no macro.
 */
export function modeOf(draft: LintDraft): LintMode {
  const holdsMacro = [...draft.ofRole('event'), ...draft.ofRole('clickId')].some(
    ({ value }) => draft.macros(value).length > 0,
  );
  return holdsMacro ||
    (draft.pathEvent !== null && draft.macros(draft.pathEvent).length > 0) ||
    isReady(draft)
    ? 'template'
    : 'received';
}

function isReady(draft: LintDraft): boolean {
  return draft.target.readyUrls.includes(printed(draft));
}

function lintOnce(
  url: PastedUrl,
  secrets: readonly string[],
  target: LintTarget,
  as: LintMode | null,
): PostbackLint {
  const draft = new LintDraft(target, url.parameters, url.pathEvent);
  lintAddress(url, draft);
  splitAppended(draft);
  lintSecret(secrets, draft);
  const misspelt = lintNames(draft);
  lintMacros(draft);
  const mode = as ?? modeOf(draft);
  if (target.eventInPath && mode === 'template' && draft.parameters.length > 0) {
    draft.report('query_not_possible', null, { name: target.networkName });
    draft.pathEvent ??= draft.event();
    draft.parameters = [];
  }
  lintEvent(draft, mode);
  lintConstants(draft, mode);
  lintRequired(draft, mode);
  return { findings: draft.findings, misspelt, correctedUrl: printed(draft) };
}

/** No secret is ever repeated: it has left the URL, and comes back as `•••`. */
function lintSecret(secrets: readonly string[], draft: LintDraft): void {
  draft.parameters = draft.parameters.filter(({ purpose }) => purpose.kind !== 'secret');
  const { isSecretValid, eventInPath } = draft.target;
  if (isSecretValid === null) {
    if (secrets.length > 0) draft.report('secret_unused', 'key');
    return;
  }
  if (secrets.includes(HIDDEN_SECRET)) draft.report('secret_hidden', 'key');
  else if (secrets.length === 0 && !eventInPath) draft.report('secret_missing', 'key');
  else if (!secrets.some(isSecretValid)) draft.report('secret_wrong', 'key');
}

function printed({ target, parameters, pathEvent }: LintDraft): string {
  const secret = target.isSecretValid === null ? [] : [{ rawName: 'key', raw: HIDDEN_SECRET }];
  const query = queryOf([...parameters, ...secret]);
  const address = pathEvent === null ? target.address : `${target.address}/${pathEvent}`;
  return query === '' ? address : `${address}?${query}`;
}

function readyUrl(url: PastedUrl, target: LintTarget): string {
  const config = new LintDraft(target, url.parameters, url.pathEvent).config();
  const at = config === null ? 0 : target.configs.indexOf(config);
  return target.readyUrls[at] ?? target.address;
}
