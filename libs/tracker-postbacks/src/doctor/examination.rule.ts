import { aboutOf, type Finding } from './finding-codes';
import { lintLink } from './link-lint.rule';
import { LintDraft, type LintMode } from './lint-draft';
import { type LintTarget } from './lint-target';
import { lintNames, type Misspelling, splitAppended } from './name-lint.rule';
import { cleanPasted } from './pasted-text.rule';
import { nameOf, type PastedUrl, pastedUrl, withoutSecrets } from './pasted-url.rule';
import { lintPostback, modeOf } from './postback-lint.rule';
import { lintMacros } from './value-lint.rule';

/** What a pasted text turned out to be, and everything wrong with it. */
export type Examination =
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'link'; readonly findings: readonly Finding[]; readonly correctedUrl: string }
  | {
      readonly kind: 'postback';
      readonly as: LintMode;
      /** Without its secrets. */
      readonly url: PastedUrl;
      readonly secrets: readonly string[];
      readonly findings: readonly Finding[];
      readonly misspelt: readonly Misspelling[];
      readonly correctedUrl: string;
    };

/** Looks at a pasted text as the doctor does: pure, it knows nothing of clicks and history. */
export function examine(text: string, target: LintTarget, as: LintMode | null = null): Examination {
  const pasted = cleanPasted(text);
  if (pasted.kind === 'invalid') return pasted;
  const { url, secrets } = withoutSecrets(pastedUrl(pasted.text));
  if (!isPostback(url, target)) {
    const { findings, correctedUrl } = settledLink(target, lintLink(pasted.text, pasted.codes, target));
    return {
      kind: 'link',
      correctedUrl,
      findings: [
        {
          code: 'registration_link',
          parameter: null,
          args: { suggestion: target.readyUrls[0] ?? target.address },
        },
        ...findings,
      ],
    };
  }
  return {
    kind: 'postback',
    as: as ?? modeOfPasted(url, target),
    url,
    secrets,
    ...lintPostback(url, secrets, pasted.codes, target, as),
  };
}

/** The id in a pasted postback URL, for looking up whose it is. */
export function pastedIntegrationId(text: string): string | null {
  const pasted = cleanPasted(text);
  return pasted.kind === 'invalid' ? null : pastedUrl(pasted.text).integrationId;
}

/** A postback URL is recognised by its path, its host or our own parameter names; anything else is a link for leads. */
function isPostback(url: PastedUrl, { address }: LintTarget): boolean {
  return (
    url.host === null ||
    url.integrationId !== null ||
    url.host === new URL(address).host ||
    /tracker-?postback/i.test(url.path ?? '') ||
    url.parameters.some((parameter) => /^tracker[._-]/i.test(nameOf(parameter)))
  );
}

function settledLink(
  target: LintTarget,
  first: { readonly findings: readonly Finding[]; readonly correctedUrl: string },
): typeof first {
  let last = first;
  for (let round = 0; round < 3; round += 1) {
    const again = lintLink(last.correctedUrl, [], target);
    if (!again.findings.some(({ code }) => aboutOf(code) === 'url')) break;
    last = again;
  }
  return { findings: first.findings, correctedUrl: last.correctedUrl };
}

function modeOfPasted(url: PastedUrl, target: LintTarget): LintMode {
  const draft = new LintDraft(target, url.parameters, url.pathEvent);
  splitAppended(draft);
  lintNames(draft);
  lintMacros(draft);
  return modeOf(draft);
}
