import { createHash } from 'node:crypto';
import { type MessageArguments, type VerdictCodeOf, type Warning } from './codes';
import { type FlatRecord, type Reading } from './reading';

/** What is already known of one integration and click. Reversed and voided conversions are part of it. */
export interface PastConversion {
  readonly id: string;
  readonly event: string;
  readonly ordinal: number;
  readonly tid: string | null;
  readonly tidlessSale: boolean;
  readonly requestHash: string;
  /** Milliseconds since the epoch, like every time here. */
  readonly receivedAt: number;
  readonly reversedAt: number | null;
  readonly voidedAt: number | null;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly fields: FlatRecord;
}

/** The click that a postback belongs to. */
export interface KnownClick {
  readonly clickId: string;
  readonly chatId: string;
  readonly campaignId: string | null;
}

/** The part of an integration that judging needs. */
export interface JudgingPolicy {
  readonly integrationId: string;
  readonly campaignId: string | null;
  readonly status: 'active' | 'paused';
  readonly deletedAt: number | null;
  readonly allowedEvents: ReadonlySet<string> | null;
  readonly duplicateWindowSeconds: number;
}

/** A conversion as judging decides it; the store adds ids. */
export interface NewConversion {
  readonly event: string;
  readonly reportedEvent: string;
  readonly ordinal: number;
  readonly tid: string | null;
  readonly tidKey: string | null;
  readonly tidlessSale: boolean;
}

/** What a duplicate brought that the recorded conversion did not know. */
export interface DuplicateNews {
  /** Field values other than those last known; null when there are none. */
  readonly fields: FlatRecord | null;
  /** Fills an amount that was recorded as unreadable or missing; null when there is nothing to fill. */
  readonly amount: { readonly cost: string; readonly currency: string | null } | null;
}

interface Judged {
  readonly warnings: readonly Warning[];
  /** The parameter that the verdict's message is about. */
  readonly parameter: string | null;
  readonly args?: MessageArguments;
}

/** What was decided about one postback. */
export type Verdict = Judged &
  (
    | { readonly status: 'accepted'; readonly code: 'ok'; readonly conversion: NewConversion }
    | {
        readonly status: 'duplicate';
        readonly code: VerdictCodeOf<'duplicate'>;
        readonly of: PastConversion;
        readonly news: DuplicateNews;
      }
    | { readonly status: 'unmatched'; readonly code: VerdictCodeOf<'unmatched'> }
    | { readonly status: 'ignored'; readonly code: VerdictCodeOf<'ignored'> }
    | { readonly status: 'rejected'; readonly code: VerdictCodeOf<'rejected'> }
    | { readonly status: 'quarantined'; readonly code: VerdictCodeOf<'quarantined'> }
  );

/** Everything one verdict depends on. */
export interface JudgeInput {
  readonly reading: Reading;
  /** How secret and address were judged on arrival. */
  readonly admission: VerdictCodeOf<'quarantined'> | null;
  readonly policy: JudgingPolicy;
  readonly click: KnownClick | null;
  /** Conversions of this integration and click, in any order. */
  readonly history: readonly PastConversion[];
  readonly receivedAt: number;
}

type Refusal = Extract<Verdict, { status: 'unmatched' | 'ignored' | 'rejected' | 'quarantined' }>;
type Problem = Pick<Refusal, 'status' | 'code'> & { parameter: string | null; args?: MessageArguments };

/**
 * Decides one postback. The tests run in a fixed order; the first that fails gives the code and the later ones become
 * warnings: secret and address, size, the integration's state, event, click id, campaign, reversal, duplicate.
 */
export function judge(input: JudgeInput): Verdict {
  const { reading, admission } = input;
  if (admission !== null) {
    return { status: 'quarantined', code: admission, parameter: null, warnings: reading.warnings };
  }
  const [first, ...rest] = problemsOf(input);
  const warnings = [
    ...reading.warnings,
    ...rest.map(({ code, parameter, args }) => ({
      code,
      parameter,
      ...(args === undefined ? {} : { args }),
    })),
  ];
  if (first !== undefined) return { ...first, warnings } as Refusal;
  return judgeConversion(input, warnings);
}

/** The class within which a transaction id counts once: `sale` and `resale` are both deposits. */
export function classOf(event: string): string {
  return event === 'sale' || event === 'resale' ? 'deposit' : event;
}

/** A fixed-length key for one tid of one integration and class; length-prefixed, so that no two tuples collide. */
export function tidKeyOf(integrationId: string, eventClass: string, tid: string): string {
  const tuple = [integrationId, eventClass, tid].map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHash('sha256').update(tuple).digest('hex');
}

function problemsOf({ reading, policy, click }: JudgeInput): Problem[] {
  const problems: Problem[] = [];
  if (reading.tooLarge !== null) {
    problems.push({ status: 'rejected', code: 'too_large', parameter: reading.tooLarge.parameter });
  }
  if (policy.deletedAt !== null) {
    problems.push({ status: 'ignored', code: 'integration_deleted', parameter: null });
  } else if (policy.status === 'paused') {
    problems.push({ status: 'ignored', code: 'integration_paused', parameter: null });
  }
  const event = eventProblem(reading.event, policy.allowedEvents);
  if (event !== null) problems.push(event);
  if (reading.tooLarge === null) {
    const found = click === null ? clickProblem(reading.clickId) : campaignProblem(click, policy.campaignId);
    if (found !== null) problems.push(found);
  }
  if (problems.length === 0 && reading.event.kind === 'reversal') {
    problems.push({ status: 'unmatched', code: 'nothing_to_reverse', parameter: reading.event.parameter });
  }
  return problems;
}

function eventProblem(event: Reading['event'], allowed: ReadonlySet<string> | null): Problem | null {
  switch (event.kind) {
    case 'missing':
      return { status: 'rejected', code: 'event_missing', parameter: 'tracker.event' };
    case 'macro':
      return {
        status: 'rejected',
        code: 'macro_unreplaced',
        parameter: event.parameter,
        args: { value: event.value },
      };
    case 'conflict':
      return {
        status: 'rejected',
        code: 'conflicting_parameter',
        parameter: event.parameter,
        args: { values: event.values.join(', ') },
      };
    case 'invalid':
      return {
        status: 'rejected',
        code: 'event_invalid',
        parameter: event.parameter,
        args: { value: event.word },
      };
    case 'ignored':
      return {
        status: 'ignored',
        code: 'event_ignored',
        parameter: event.parameter,
        args: { value: event.word },
      };
    case 'reversal':
      return null;
    case 'deposit_stream':
      return allowed === null || allowed.has('sale') || allowed.has('resale')
        ? null
        : notAllowed(event.parameter, event.word);
    case 'event':
      return allowed === null || allowed.has(event.name) ? null : notAllowed(event.parameter, event.name);
  }
}

function notAllowed(parameter: string, value: string): Problem {
  return { status: 'ignored', code: 'event_not_allowed', parameter, args: { value } };
}

function clickProblem(click: Reading['clickId']): Problem {
  switch (click.kind) {
    case 'missing':
      return { status: 'unmatched', code: 'click_missing', parameter: 'clickid' };
    case 'macro':
      return {
        status: 'rejected',
        code: 'macro_unreplaced',
        parameter: click.parameter,
        args: { value: click.value },
      };
    case 'conflict':
      return {
        status: 'rejected',
        code: 'conflicting_parameter',
        parameter: click.parameter,
        args: { values: click.values.join(', ') },
      };
    case 'value':
      return {
        status: 'unmatched',
        code: 'click_unknown',
        parameter: click.parameter,
        args: { value: click.value },
      };
  }
}

function campaignProblem(click: KnownClick, campaignId: string | null): Problem | null {
  return campaignId === null || click.campaignId === campaignId
    ? null
    : { status: 'ignored', code: 'campaign_mismatch', parameter: null, args: { value: campaignId } };
}

function judgeConversion(
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
  if (earlier !== null) return duplicate(earlier, reading, warnings);

  const hasOpenSale = live.some((past) => past.event === 'sale' && past.reversedAt === null);
  const mayBeFirst = isStream || readAs === 'sale';
  const recorded = mayBeFirst ? (hasOpenSale ? 'resale' : 'sale') : readAs;
  return {
    status: 'accepted',
    code: 'ok',
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

interface DuplicateQuestion {
  readonly readAs: string;
  readonly isStream: boolean;
  readonly reading: Reading;
  readonly policy: JudgingPolicy;
  readonly receivedAt: number;
}

interface FoundDuplicate {
  readonly of: PastConversion;
  readonly code: VerdictCodeOf<'duplicate'>;
}

function findDuplicate(
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

function duplicate({ of, code }: FoundDuplicate, reading: Reading, warnings: readonly Warning[]): Verdict {
  const changed = Object.entries(reading.fields).filter(([key, value]) => of.fields[key] !== value);
  const fillsAmount = of.cost === null && reading.cost !== null;
  const differs =
    of.cost !== null &&
    ((reading.cost !== null && !sameAmount(of.cost, reading.cost)) ||
      (reading.currency !== null && of.currency !== null && reading.currency !== of.currency));
  return {
    status: 'duplicate',
    code,
    of,
    parameter: code === 'same_transaction' ? 'tracker.tid' : null,
    args: { event: `${of.event}#${of.ordinal}`, ...(of.tid === null ? {} : { value: of.tid }) },
    warnings: differs
      ? [
          ...warnings,
          {
            code: 'amount_differs',
            parameter: 'tracker.cost',
            args: {
              recorded: money(of.cost, of.currency),
              value: money(reading.cost ?? of.cost, reading.currency),
            },
          },
        ]
      : warnings,
    news: {
      fields: changed.length === 0 ? null : flat(changed),
      amount:
        fillsAmount && reading.cost !== null
          ? { cost: reading.cost, currency: reading.currency ?? of.currency }
          : null,
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
