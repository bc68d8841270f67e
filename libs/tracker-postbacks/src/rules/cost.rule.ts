import { negated, sumOfAmounts } from './decimal.rule';
import { isDeposit } from './event-word.rule';
import { readAmount, readCurrency, type AmountReading } from './money.rule';
import { type ParameterIndex } from './parameter-index';
import { type EventReading } from './reading';
import { type AmountRule, type Recipe } from './recipe';
import { firstUsable, keysOf, readKey, type Candidate, type KeyReading } from './roles.rule';
import { cut } from './text.rule';
import { type WarningList } from './warnings';

/** Longest text kept of what an amount was read from. */
const MAX_RAW = 255;
const NO_WORDS: ReadonlySet<string> = new Set();

export interface CostReading {
  readonly cost: string | null;
  readonly costRaw: string | null;
  readonly currency: string | null;
}

/** The cost and its currency. A postback that says nothing about money gets no currency by default either. */
export function readCost(
  event: EventReading,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): CostReading {
  const keys = keysOf('cost', index, recipe, warnings);
  const sent = ownAmount(event, index, recipe, warnings) ?? firstUsable(keys, warnings);
  const amounts = [
    ...(sent === null ? [] : [{ sent, read: readSent(sent, recipe, warnings) }]),
    ...addedAmounts(recipe.amountRule, index, recipe, warnings),
  ];
  const upperCased = (value: string): string => value.toUpperCase();
  const currencySent = firstUsable(
    keysOf('currency', index, recipe, warnings, upperCased),
    warnings,
    upperCased,
  );
  const [first] = amounts;
  if (first === undefined && isDepositReading(event)) warnings.add('amount_missing', null);
  return {
    cost: costOf(
      amounts.map(({ read }) => read.amount),
      event,
      recipe.amountRule,
    ),
    costRaw: first === undefined ? null : cut(first.sent.value, MAX_RAW),
    currency:
      first === undefined && currencySent === null
        ? null
        : currencyOf(currencySent, first?.read.currencyHint ?? null, recipe, warnings),
  };
}

function isDepositReading(event: EventReading): boolean {
  return event.kind === 'deposit_stream' || (event.kind === 'event' && isDeposit(event.name));
}

function readSent({ parameter, value }: Candidate, recipe: Recipe, warnings: WarningList): AmountReading {
  const read = readAmount(value, recipe.decimalMark);
  if (read.warning !== null) {
    warnings.add(read.warning, parameter, { value, mark: recipe.decimalMark ?? '' });
  }
  return read;
}

/** The amount of an event that has a parameter of its own; null where it has none, or nothing usable stands there. */
function ownAmount(
  event: EventReading,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): Candidate | null {
  const { instead } = recipe.amountRule ?? {};
  if (instead === undefined || event.kind !== 'event' || !Object.hasOwn(instead, event.name)) return null;
  const keys = (instead[event.name] ?? []).flatMap((name) => amountKeys(name, index, recipe, warnings));
  return firstUsable(keys, warnings);
}

function addedAmounts(
  rule: AmountRule | null | undefined,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): { readonly sent: Candidate; readonly read: AmountReading }[] {
  return (rule?.add ?? []).flatMap((name) => {
    const sent = firstUsable(amountKeys(name, index, recipe, warnings), warnings);
    return sent === null ? [] : [{ sent, read: readSent(sent, recipe, warnings) }];
  });
}

function amountKeys(
  name: string,
  index: ParameterIndex,
  recipe: Recipe,
  warnings: WarningList,
): readonly KeyReading[] {
  const place = { parameter: name, knownWords: recipe.knownWords.cost, bareWords: NO_WORDS };
  return index.spellingsOf(name).map((parameters) => readKey(parameters, place, warnings));
}

function costOf(
  amounts: readonly (string | null)[],
  event: EventReading,
  rule: AmountRule | null | undefined,
): string | null {
  const [first] = amounts;
  // A sum with an unreadable part would be a wrong amount.
  if (first === undefined || amounts.includes(null)) return null;
  const cost = amounts.length === 1 ? first : sumOfAmounts(amounts.filter((amount) => amount !== null));
  const isNegated = event.kind === 'event' && rule?.negate?.includes(event.name) === true;
  return cost !== null && isNegated ? negated(cost) : cost;
}

function currencyOf(
  sent: Candidate | null,
  currencyHint: string | null,
  recipe: Recipe,
  warnings: WarningList,
): string | null {
  const { currency, warning } = readCurrency(sent?.value ?? null, currencyHint, recipe);
  if (warning !== null) {
    warnings.add(warning, sent?.parameter ?? null, { value: sent?.value ?? '', mark: currencyHint ?? '' });
  }
  return currency;
}
