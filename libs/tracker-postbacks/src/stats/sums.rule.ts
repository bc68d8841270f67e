import { sumOfAmounts } from '../rules/decimal.rule';

/** What some conversions of one event and one currency come to. */
export interface ConversionGroup {
  readonly event: string;
  readonly currency: string | null;
  readonly reversed: boolean;
  readonly count: number;
  /** Exact sum of the amounts; null where none had one, and for period aggregates, which are never added up. */
  readonly sum: string | null;
}

/** Amounts of one event and currency, open and taken back. */
export interface EventSum {
  readonly event: string;
  readonly currency: string | null;
  readonly amount: string;
  readonly reversed: string;
}

/** How many there are of each event that are open, or that were taken back. */
export function countsOf(groups: readonly ConversionGroup[], reversed = false): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { event, count } of groups.filter((group) => group.reversed === reversed)) {
    counts.set(event, (counts.get(event) ?? 0) + count);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => order(a, b)));
}

/** By event, then by currency, amounts without one last. */
export function sumsOf(groups: readonly ConversionGroup[]): readonly EventSum[] {
  const addends = new Map<
    string,
    { event: string; currency: string | null; open: string[]; reversed: string[] }
  >();
  for (const { event, currency, reversed, sum } of groups) {
    if (sum === null) continue;
    const key = JSON.stringify([event, currency]);
    const known = addends.get(key) ?? { event, currency, open: [], reversed: [] };
    (reversed ? known.reversed : known.open).push(sum);
    addends.set(key, known);
  }
  return [...addends.values()]
    .map(({ event, currency, open, reversed }) => ({
      event,
      currency,
      amount: sumOfAmounts(open),
      reversed: sumOfAmounts(reversed),
    }))
    .sort((a, b) => order(a.event, b.event) || order(a.currency, b.currency));
}

/** By code unit, null last. */
export function order(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
