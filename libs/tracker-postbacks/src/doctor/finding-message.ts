import { type Locale } from '../rules/messages';
import { quotable } from '../rules/text.rule';
import { aboutOf, type Finding, type FindingCode } from './finding-codes';
import { type FindingTexts } from './finding-text';
import { INTEGRATION_FINDING_TEXTS } from './integration-finding.texts';
import { LINK_FINDING_TEXTS } from './link-finding.texts';
import { PARAMETER_FINDING_TEXTS } from './parameter-finding.texts';
import { PASTE_FINDING_TEXTS } from './paste-finding.texts';

/** A finding in words. */
export interface FindingView {
  readonly code: FindingCode;
  readonly about: 'url' | 'integration';
  readonly parameter: string | null;
  readonly message: string;
  readonly fix: string;
}

const TEXTS: Readonly<Record<FindingCode, FindingTexts>> = {
  ...PASTE_FINDING_TEXTS,
  ...PARAMETER_FINDING_TEXTS,
  ...LINK_FINDING_TEXTS,
  ...INTEGRATION_FINDING_TEXTS,
};
const PLACEHOLDER = /\{(parameter|value|suggestion|name|syntax)\}/g;
const NOTHING = '…';

/** What was found, why it matters and how to mend it; pasted values are repeated up to 64 characters. */
export function findingView({ code, parameter, args }: Finding, locale: Locale): FindingView {
  const filled = (text: string): string =>
    // One pass: a value that looks like a placeholder stays as it was pasted.
    text.replace(PLACEHOLDER, (_, name: string) => {
      const value = name === 'parameter' ? parameter : args?.[name];
      // A suggestion is our own text, and a URL must not be cut; it may also be nothing at all.
      if (name === 'suggestion' && typeof value === 'string') return value;
      return value === undefined || value === null || value === '' ? NOTHING : quotable(value);
    });
  const { message, fix } = TEXTS[code][locale];
  return { code, about: aboutOf(code), parameter, message: filled(message), fix: filled(fix) };
}
