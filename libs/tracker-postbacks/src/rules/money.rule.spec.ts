import * as fc from 'fast-check';
import { sumOfAmounts, negated } from './decimal.rule';
import { MONEY_CASES } from './money.cases';
import { readAmount, readCurrency } from './money.rule';

describe('readAmount', () => {
  it.each(MONEY_CASES)('reads %j under mark %j as %j', (sent, decimalMark, amount, currencyHint, warning) => {
    expect(readAmount(sent, decimalMark)).toEqual({ amount, currencyHint, warning });
  });

  it.each([
    ['12.50', '.', '12.50', null],
    ['12.50', ',', '12.50', 'decimal_mark_differs'],
    ['1,234,567', ',', '1234567', 'decimal_mark_differs'],
    ['1,234,567', '.', '1234567', null],
    ['US$ 5', null, '5', null],
    ['- $ 5', null, '-5', null],
    ['-$-5', null, null, 'amount_unreadable'],
    ['-  5', null, null, 'amount_unreadable'],
    ['5  USD', null, null, 'amount_unreadable'],
    ['$5 CAD', null, '5', null],
    ['CAD 5 $', null, '5', null],
    ['$5 EUR', null, null, 'amount_unreadable'],
    ['5 units', null, null, 'amount_unreadable'],
    ['12,34,56', null, null, 'amount_unreadable'],
    ['123,45,678', null, null, 'amount_unreadable'],
    ['1,23,4567', null, null, 'amount_unreadable'],
    ['1 234,567.8', null, null, 'amount_unreadable'],
    ['0.1234567890123456789', null, null, 'amount_unreadable'],
    ['1'.repeat(65), null, null, 'amount_unreadable'],
    ['-', null, null, 'amount_unreadable'],
    ['', null, null, 'amount_unreadable'],
  ] as const)('reads %j under mark %j as %j (%j)', (sent, decimalMark, amount, warning) => {
    expect(readAmount(sent, decimalMark)).toMatchObject({ amount, warning });
  });

  it('is canonical, and reads its own result unchanged', () => {
    const sent = fc.stringMatching(/^[-+$ 0-9.,']{0,12}$/);
    fc.assert(
      fc.property(sent, fc.constantFrom('.' as const, ',' as const, null), (text, mark) => {
        const { amount } = readAmount(text, mark);
        if (amount === null) return;
        expect(amount).toMatch(/^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?$/);
        expect(amount).not.toMatch(/^-[0.]*$/);
        expect(readAmount(amount, '.').amount).toBe(amount);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('readCurrency', () => {
  it.each([
    // sent, hint, default, preset → currency, warning
    ['usd', null, 'EUR', 'RUB', 'USD', null],
    ['Usdt', null, null, null, 'USDT', null],
    ['rub,usd,eur', '$', 'EUR', 'RUB', null, 'currency_unreadable'],
    ['123', null, 'EUR', null, null, 'currency_unreadable'],
    ['x', null, 'EUR', null, null, 'currency_unreadable'],
    ['eur', '$', null, null, 'EUR', 'currency_differs'],
    ['cad', '$', null, null, 'CAD', null],
    ['usd', 'EUR', null, null, 'USD', 'currency_differs'],
    [null, 'EUR', 'USD', 'RUB', 'EUR', null],
    [null, '$', 'CAD', 'RUB', 'CAD', null],
    [null, '$', 'EUR', null, 'USD', null],
    [null, '$', null, null, 'USD', null],
    [null, null, 'EUR', 'RUB', 'EUR', null],
    [null, null, null, 'RUB', 'RUB', null],
    [null, null, null, null, null, null],
  ] as const)(
    'sent %j, mark %j, default %j, preset %j: %j (%j)',
    (sent, hint, defaultCurrency, presetCurrency, currency, warning) => {
      expect(readCurrency(sent, hint, { defaultCurrency, presetCurrency })).toEqual({ currency, warning });
    },
  );
});

describe('sumOfAmounts', () => {
  it.each([
    [[], '0'],
    [['12.50'], '12.50'],
    [['12.5', '0.125'], '12.625'],
    [['0.1', '0.2'], '0.3'],
    [['-10', '3.50'], '-6.50'],
    [['5', '-5.00'], '0.00'],
    [['-0.05'], '-0.05'],
    [
      ['999999999999999999.999999999999999999', '0.000000000000000001'],
      '1000000000000000000.000000000000000000',
    ],
  ])('of %j is %s', (amounts, sum) => {
    expect(sumOfAmounts(amounts)).toBe(sum);
  });
});

describe('negated', () => {
  it.each([
    ['12.50', '-12.50'],
    ['-12.50', '12.50'],
    ['0.00', '0.00'],
  ])('of %s is %s', (amount, expected) => {
    expect(negated(amount)).toBe(expected);
  });
});
