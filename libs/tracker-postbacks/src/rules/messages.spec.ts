import { VERDICT_CODES, WARNING_CODES, type WarningCode } from './codes';
import { messageOf } from './messages';

const CODES: readonly WarningCode[] = [...Object.values(VERDICT_CODES).flat(), ...WARNING_CODES];
const ARGS = {
  value: 'V',
  values: 'A, B',
  used: 'U',
  by: 'B',
  event: 'sale#1',
  recorded: '12.50 USD',
  mark: '.',
  limit: '100',
};
/** Our words in curly brackets that are no example of a macro. */
const LEFT_OVER = /\{(?:parameter|value|values|used|by|event|recorded|mark|limit|count)\}|undefined|null/;

describe.each(CODES)('%s', (code) => {
  it.each(['en', 'ru'] as const)('says in %s what was wrong and how to mend it', (locale) => {
    const full = messageOf(code, locale, ARGS, 'tracker.event');
    expect(full).not.toMatch(LEFT_OVER);
    expect(full).not.toContain('\u2026 \u2026');
    expect(full).toMatch(/^["\u00ab{A-Z\u0410-\u042f].*\.$/);
    expect(/[\u0400-\u04ff]/.test(full)).toBe(locale === 'ru');
    expect(messageOf(code, locale)).not.toMatch(LEFT_OVER);
    expect(messageOf(code, locale, {}, null)).not.toMatch(LEFT_OVER);
  });
});

it('names the parameter and the value', () => {
  const text = messageOf('macro_unreplaced', 'en', { value: '{sub1}' }, 'clickid');
  expect(text).toContain('"{sub1}" in "clickid"');
});

it('repeats at most 64 characters of a value, on one line', () => {
  const text = messageOf('event_invalid', 'en', { value: `a\n${'x'.repeat(200)}` }, 'p'.repeat(200));
  expect(text).toContain(`"a ${'x'.repeat(62)}\u2026"`);
  expect(text).toContain(`"${'p'.repeat(64)}\u2026"`);
});

it('never fills in what a value holds', () => {
  expect(messageOf('event_invalid', 'en', { value: '{parameter}' }, '{value}')).toContain(
    '"{parameter}" of "{value}"',
  );
});
