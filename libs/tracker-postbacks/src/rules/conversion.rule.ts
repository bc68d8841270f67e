import { type Warning } from './codes';
import { duplicate, findDuplicate, isReapproval } from './duplicate.rule';
import { classOf, tidKeyOf } from './event-class.rule';
import { type Reading } from './reading';
import { type JudgeInput, type NewConversion, type PastConversion, type Verdict } from './verdict';

/** Records a conversion, unless it is known: which event and ordinal it becomes depends on the click's history. */
export function judgeConversion(input: JudgeInput, warnings: readonly Warning[]): Verdict {
  const { reading, policy, history, receivedAt } = input;
  const { readAs, isStream, parameter } = depositOrEvent(reading);
  const earlier = findDuplicate(history.filter(isLive), { readAs, isStream, reading, policy, receivedAt });
  if (earlier !== null) {
    const known = duplicate(earlier, reading, warnings);
    return isReapproval(earlier, policy, receivedAt)
      ? { ...known, status: 'accepted', code: 'ok', effect: 'reinstated', parameter }
      : known;
  }
  const conversion = newConversion(input);
  return {
    status: 'accepted',
    code: 'ok',
    effect: 'recorded',
    parameter,
    args: { event: conversion.event },
    warnings,
    conversion,
  };
}

/** The conversion that a reading makes, whether or not it repeats one that is known. */
export function newConversion({ reading, policy, history, receivedAt, asOf }: JudgeInput): NewConversion {
  const { readAs, isStream, word } = depositOrEvent(reading);
  const at = asOf === 'arrival' ? receivedAt : null;
  const hasOpenSale = history.some((past) => past.event === 'sale' && isLive(past) && isOpen(past, at));
  const mayBeFirst = isStream || readAs === 'sale';
  const event = mayBeFirst ? (hasOpenSale ? 'resale' : 'sale') : readAs;
  const { tid } = reading;
  return {
    event,
    reportedEvent: word,
    ordinal:
      1 + history.reduce((most, past) => (past.event === event ? Math.max(most, past.ordinal) : most), 0),
    tid,
    tidKey: tid === null ? null : tidKeyOf(policy.integrationId, classOf(event), tid),
    tidlessSale: readAs === 'sale' && tid === null,
  };
}

function depositOrEvent({ event }: Reading): {
  readonly readAs: string;
  readonly isStream: boolean;
  readonly word: string;
  readonly parameter: string;
} {
  if (event.kind !== 'event' && event.kind !== 'deposit_stream') {
    throw new TypeError(`An event of kind "${event.kind}" makes no conversion.`);
  }
  const isStream = event.kind === 'deposit_stream';
  const { word, parameter } = event;
  return { readAs: isStream ? 'resale' : event.name, isStream, word, parameter };
}

function isLive({ voidedAt }: PastConversion): boolean {
  return voidedAt === null;
}

/** Open at a time; null means now. */
function isOpen({ receivedAt, reversedAt }: PastConversion, at: number | null): boolean {
  if (at === null) return reversedAt === null;
  return receivedAt <= at && (reversedAt === null || reversedAt > at);
}
