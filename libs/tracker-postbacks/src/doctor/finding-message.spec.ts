import { INTEGRATION_FINDINGS, URL_FINDINGS } from './finding-codes';
import { findingView } from './finding-message';

const ALL = [...URL_FINDINGS, ...INTEGRATION_FINDINGS];
const ARGS = { value: 'V', suggestion: 'S', event: 'E', name: 'N', syntax: '{x}' };

describe('findings in words', () => {
  test.each(ALL)('%s is told in English and in Russian, with a way to mend it', (code) => {
    for (const locale of ['en', 'ru'] as const) {
      const { message, fix } = findingView({ code, parameter: 'p', args: ARGS }, locale);
      expect(`${message} ${fix}`).not.toMatch(/\{(parameter|value|suggestion|event|name|syntax)\}/);
      expect(message.length).toBeGreaterThan(20);
      expect(fix.length).toBeGreaterThan(5);
      expect(/[а-яё]/i.test(message)).toBe(locale === 'ru');
    }
  });

  test('a pasted value is repeated up to 64 characters, and a placeholder in it stays as it is', () => {
    const long = 'x'.repeat(100);
    expect(
      findingView({ code: 'macro_syntax', parameter: 'p', args: { ...ARGS, value: long } }, 'en').message,
    ).not.toContain(long);
    expect(
      findingView({ code: 'macro_syntax', parameter: 'p', args: { ...ARGS, value: '{parameter}' } }, 'en')
        .message,
    ).toContain('"{parameter}"');
  });

  test('says where it has to be mended', () => {
    expect(findingView({ code: 'click_missing', parameter: null }, 'en').about).toBe('url');
    expect(findingView({ code: 'secret_none', parameter: null }, 'en').about).toBe('integration');
  });
});
