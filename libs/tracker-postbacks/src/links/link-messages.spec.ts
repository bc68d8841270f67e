import { type LinkProblemReason } from '../rules/link-rendering.rule';
import { type BaseUrlProblem } from '../rules/link-template.rule';
import { type Locale } from '../rules/messages';
import {
  baseUrlMessage,
  findingFix,
  findingMessage,
  LINK_FINDING_CODES,
  renderingMessage,
} from './link-messages';

const BASE_URL_PROBLEMS = [
  'too_long',
  'control_characters',
  'not_http',
  'macro_in_address',
  'credentials',
  'white_space',
  'host_invalid',
] satisfies BaseUrlProblem[];
const REASONS = [
  'absent',
  'unknown',
  'circular',
  'too_deep',
  'too_long',
  'folder',
] satisfies LinkProblemReason[];

describe.each<Locale>(['en', 'ru'])('in %s', (locale) => {
  const texts: readonly (readonly [string, string])[] = [
    ...BASE_URL_PROBLEMS.map((problem) => [problem, baseUrlMessage(problem, locale)] as const),
    ...REASONS.map(
      (reason) => [reason, renderingMessage(reason, locale, { macro: '{{m}}', field: 'f' })] as const,
    ),
    ...LINK_FINDING_CODES.flatMap((code) => {
      const args = { macro: '{m}', parameter: 'fields.k', value: 'v', key: 'k' };
      return [
        [code, findingMessage(code, locale, args)] as const,
        [`${code} fix`, findingFix(code, locale, args)] as const,
        [`${code} field fix`, findingFix(code, locale, args, true)] as const,
      ];
    }),
  ];

  it.each(texts)('%s is one or more whole sentences', (_, text) => {
    expect(text).toMatch(/^[A-ZА-Я].*\.$/);
    expect(text).not.toMatch(/<(?:macro|field|parameter|value)>/);
    expect(/[а-я]/i.test(text)).toBe(locale === 'ru');
  });
});

it('never fills in what a value holds', () => {
  const args = { parameter: '<value>', value: '<parameter>' };
  expect(findingMessage('click_parameter_taken', 'en', args)).toContain(
    '"<value>", with the value "<parameter>"',
  );
});
