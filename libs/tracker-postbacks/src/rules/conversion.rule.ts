import { type Warning } from './codes';
import { duplicate, findDuplicate, isReapproval } from './duplicate.rule';
import { classOf, tidKeyOf } from './event-class.rule';
import { type JudgeInput, type Verdict } from './verdict';

/** Records a conversion, unless it is known: which event and ordinal it becomes depends on the click's history. */
export function judgeConversion(
  { reading, policy, history, receivedAt }: JudgeInput,
  warnings: readonly Warning[],
): Verdict {
  const { event, tid } = reading;
  if (event.kind !== 'event' && event.kind !== 'deposit_stream') {
    throw new TypeError(`An event of kind "${event.kind}" makes no conversion.`);
  }
  const isStream = event.kind === 'deposit_stream';
  const readAs = isStream ? 'resale' : event.name;
  const live = history.filter(({ voidedAt }) => voidedAt === null);

  const earlier = findDuplicate(live, { readAs, isStream, reading, policy, receivedAt });
  if (earlier !== null) {
    const known = duplicate(earlier, reading, warnings);
    return isReapproval(earlier, policy, receivedAt)
      ? { ...known, status: 'accepted', code: 'ok', effect: 'reinstated', parameter: event.parameter }
      : known;
  }

  const hasOpenSale = live.some((past) => past.event === 'sale' && past.reversedAt === null);
  const mayBeFirst = isStream || readAs === 'sale';
  const recorded = mayBeFirst ? (hasOpenSale ? 'resale' : 'sale') : readAs;
  return {
    status: 'accepted',
    code: 'ok',
    effect: 'recorded',
    parameter: event.parameter,
    args: { event: recorded },
    warnings,
    conversion: {
      event: recorded,
      reportedEvent: event.word,
      ordinal:
        1 + Math.max(0, ...history.filter((past) => past.event === recorded).map((past) => past.ordinal)),
      tid,
      tidKey: tid === null ? null : tidKeyOf(policy.integrationId, classOf(recorded), tid),
      tidlessSale: readAs === 'sale' && tid === null,
    },
  };
}
