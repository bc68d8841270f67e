import { type VerdictCodeOf, type Warning } from './codes';
import { NO_NEWS, named } from './duplicate.rule';
import { isDepositEvent } from './event-class.rule';
import { type JudgeInput, type PastConversion, type Verdict } from './verdict';

/**
 * A reversal creates nothing. With a tid it takes back the conversion of that tid and never another; without one the
 * only open deposit, and where none or several are open it waits.
 */
export function judgeReversal(
  { reading, policy, history, receivedAt }: JudgeInput,
  warnings: readonly Warning[],
): Verdict {
  const parameter = 'parameter' in reading.event ? reading.event.parameter : null;
  const live = history.filter(({ voidedAt }) => voidedAt === null);
  const again = (of: PastConversion, code: VerdictCodeOf<'duplicate'>): Verdict => ({
    status: 'duplicate',
    code,
    of,
    parameter: code === 'same_transaction' ? 'tracker.tid' : null,
    args: named(of),
    warnings,
    news: NO_NEWS,
  });
  const takeBack = (of: PastConversion): Verdict => ({
    status: 'accepted',
    code: 'ok',
    effect: 'reversed',
    of,
    // A reversal that overtook its conversion takes it back from the moment it exists.
    reversedAt: Math.max(receivedAt, of.receivedAt),
    parameter,
    args: { event: 'reversal' },
    warnings,
  });
  const nothing: Verdict = {
    status: 'unmatched',
    code: 'nothing_to_reverse',
    parameter,
    ...(reading.tid === null ? {} : { args: { value: reading.tid } }),
    warnings,
  };

  if (reading.tid !== null) {
    const ofTid = live.filter(({ tid }) => tid === reading.tid);
    const meant = ofTid.find(({ event }) => isDepositEvent(event)) ?? ofTid[0];
    if (meant === undefined) return nothing;
    return meant.reversedAt === null ? takeBack(meant) : again(meant, 'same_transaction');
  }
  const windowMs = policy.duplicateWindowSeconds * 1000;
  const repeated = live.find(
    ({ reversedAt, reversalHash }) =>
      reversedAt !== null &&
      reversalHash === reading.requestHash &&
      Math.abs(receivedAt - reversedAt) < windowMs,
  );
  if (repeated !== undefined) return again(repeated, 'same_request');
  const open = live.filter(({ event, reversedAt }) => isDepositEvent(event) && reversedAt === null);
  return open.length === 1 && open[0] !== undefined ? takeBack(open[0]) : nothing;
}
