import { type MessageArguments, type VerdictCodeOf, type Warning } from './codes';
import { classOf, isDepositEvent } from './event-class.rule';
import { type FlatRecord, type Reading } from './reading';
import { type DuplicateNews, type JudgingPolicy, type PastConversion, type Verdict } from './verdict';

/** Which event a postback is read as, for the question whether it repeats one. */
export interface DuplicateQuestion {
  readonly readAs: string;
  readonly isStream: boolean;
  readonly reading: Reading;
  readonly policy: JudgingPolicy;
  readonly receivedAt: number;
}

export interface FoundDuplicate {
  readonly of: PastConversion;
  readonly code: VerdictCodeOf<'duplicate'>;
}

/** The recorded conversion that this postback reports again; null when there is none. */
export function findDuplicate(
  live: readonly PastConversion[],
  { readAs, isStream, reading, policy, receivedAt }: DuplicateQuestion,
): FoundDuplicate | null {
  const found = (
    code: VerdictCodeOf<'duplicate'>,
    isSame: (past: PastConversion) => boolean,
  ): FoundDuplicate | null => {
    const of = live.find(isSame);
    return of === undefined ? null : { of, code };
  };
  const eventClass = classOf(readAs);
  if (reading.tid !== null) {
    return found(
      'same_transaction',
      (past) => past.tid === reading.tid && classOf(past.event) === eventClass,
    );
  }
  if (readAs === 'registration' || readAs === 'conf') {
    return found('once_per_click', (past) => past.event === readAs);
  }
  if (readAs === 'sale') return found('once_per_click', (past) => past.tidlessSale);
  const windowMs = policy.duplicateWindowSeconds * 1000;
  return found(
    'same_request',
    (past) =>
      past.requestHash === reading.requestHash &&
      (isStream ? classOf(past.event) === eventClass : past.event === readAs) &&
      // Judged late, the earlier of two requests may come second: the distance is what counts.
      Math.abs(receivedAt - past.receivedAt) < windowMs,
  );
}

/** A deposit reported again, longer after its reversal than a mere repetition would come. */
export function isReapproval(
  { of, code }: FoundDuplicate,
  policy: JudgingPolicy,
  receivedAt: number,
): boolean {
  return (
    isDepositEvent(of.event) &&
    code !== 'same_request' &&
    of.reversedAt !== null &&
    receivedAt - of.reversedAt > policy.duplicateWindowSeconds * 1000
  );
}

export const NO_NEWS: DuplicateNews = { fields: null, amount: null };

/** What a duplicate's message names: the recorded event with its ordinal, and the tid. */
export function named(of: PastConversion): MessageArguments {
  return { event: `${of.event}#${of.ordinal}`, ...(of.tid === null ? {} : { value: of.tid }) };
}

export function duplicate(
  { of, code }: FoundDuplicate,
  reading: Reading,
  warnings: readonly Warning[],
): Extract<Verdict, { status: 'duplicate' }> {
  const changed = Object.entries(reading.fields).filter(([key, value]) => of.fields[key] !== value);
  const { cost, currency } = reading;
  const differs =
    of.cost !== null &&
    ((cost !== null && !sameAmount(of.cost, cost)) ||
      (currency !== null && of.currency !== null && currency !== of.currency));
  return {
    status: 'duplicate',
    code,
    of,
    parameter: code === 'same_transaction' ? 'tracker.tid' : null,
    args: named(of),
    warnings: differs
      ? [
          ...warnings,
          {
            code: 'amount_differs',
            parameter: 'tracker.cost',
            args: {
              recorded: money(of.cost, of.currency),
              value: money(cost ?? of.cost, currency),
            },
          },
        ]
      : warnings,
    news: {
      fields: changed.length === 0 ? null : flat(changed),
      amount: of.cost === null && cost !== null ? { cost, currency: currency ?? of.currency } : null,
    },
  };
}

/** `12.50` and `12.5` are one amount. */
function sameAmount(a: string, b: string): boolean {
  return withoutTrailingZeros(a) === withoutTrailingZeros(b);
}

function withoutTrailingZeros(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount;
}

function money(amount: string, currency: string | null): string {
  return currency === null ? amount : `${amount} ${currency}`;
}

function flat(entries: readonly (readonly [string, string])[]): FlatRecord {
  const record = Object.create(null) as Record<string, string>;
  for (const [key, value] of entries) record[key] = value;
  return record;
}
