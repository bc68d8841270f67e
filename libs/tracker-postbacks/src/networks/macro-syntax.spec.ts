import { inSyntax, isMacroSyntax, macroNames, macroOf, soleMacroName } from './macro-syntax';

describe('macro syntax', () => {
  test.each([
    ['{x}', 'sub1', '{sub1}'],
    ['[x]', 'afp1', '[afp1]'],
    ['${x}', 'ctag', '${ctag}'],
    ['#x#', 's2', '#s2#'],
    ['#X#', 's2', '#S2#'],
    ['{{X}}', 'external_id', '{{EXTERNAL_ID}}'],
    ['{x}', '$&', '{$&}'],
  ])('%s around %s is %s', (syntax, name, macro) => {
    expect(macroOf(syntax, name)).toBe(macro);
  });

  test.each([
    ['{x}', true],
    ['#X#', true],
    [':x', true],
    ['x', false],
    ['{}', false],
    ['{xx}', false],
    ['xXx', false],
    ['', false],
  ])('%p is a syntax: %p', (syntax, expected) => {
    expect(isMacroSyntax(syntax)).toBe(expected);
  });

  test.each([
    ['{amount}', '{x}', ['amount']],
    ['{transactionid}_{goal}', '{x}', ['transactionid', 'goal']],
    ['{{click_id}}', '{{x}}', ['click_id']],
    ['{{click_id}}', '{x}', ['click_id']],
    ['${amount}', '{x}', ['amount']],
    ['[afp1]', '[x]', ['afp1']],
    ['[afp1]', '{x}', []],
    ['#s2#', '#x#', ['s2']],
    ['#s2#', null, []],
    ['{Offer name}', null, ['Offer name']],
    [':sub:', ':x', ['sub:']],
    ['usd', '{x}', []],
    ['{}', '{x}', []],
    ['', null, []],
  ])('%p in %p names %j', (text, syntax, names) => {
    expect(macroNames(text, syntax)).toEqual(names);
  });

  test('only a text that is one macro has a sole name', () => {
    expect(soleMacroName('{user_id}', '{x}')).toBe('user_id');
    expect(soleMacroName('id-{user_id}', '{x}')).toBeNull();
    expect(soleMacroName('user_id', '{x}')).toBeNull();
  });

  test.each([
    ['{amount}', '[x]', '[amount]'],
    ['{a}_{b}', '#x#', '#a#_#b#'],
    ['usd', '[x]', 'usd'],
    ['{amount}', null, '{amount}'],
    ['{amount}', '{x}', '{amount}'],
  ])('%s in %p is written %s', (text, to, written) => {
    expect(inSyntax(text, '{x}', to)).toBe(written);
  });
});
