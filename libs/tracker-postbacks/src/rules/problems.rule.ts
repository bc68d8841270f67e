import { type MessageArguments } from './codes';
import { type Reading } from './reading';
import { type JudgeInput, type KnownClick, type Refusal } from './verdict';

export type Problem = Pick<Refusal, 'status' | 'code'> & {
  readonly parameter: string | null;
  readonly args?: MessageArguments;
};

/** Everything that keeps a postback from being judged on its click's history, in the order of the tests. */
export function problemsOf({ reading, policy, click }: JudgeInput): Problem[] {
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
    const found =
      click === null ? clickProblem(reading.clickId) : knownClickProblem(click, policy.campaignId);
    if (found !== null) problems.push(found);
  }
  return problems;
}

function eventProblem(event: Reading['event'], allowed: ReadonlySet<string> | null): Problem | null {
  switch (event.kind) {
    case 'missing':
      return { status: 'rejected', code: 'event_missing', parameter: 'tracker.event' };
    case 'macro':
    case 'conflict':
      return unusable(event);
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

/** An event or click id of which nothing usable was sent. */
function unusable(reading: Extract<Reading['event' | 'clickId'], { kind: 'macro' | 'conflict' }>): Problem {
  const { parameter } = reading;
  return reading.kind === 'macro'
    ? { status: 'rejected', code: 'macro_unreplaced', parameter, args: { value: reading.value } }
    : {
        status: 'rejected',
        code: 'conflicting_parameter',
        parameter,
        args: { values: reading.values.join(', ') },
      };
}

function notAllowed(parameter: string, value: string): Problem {
  return { status: 'ignored', code: 'event_not_allowed', parameter, args: { value } };
}

function clickProblem(click: Reading['clickId']): Problem {
  switch (click.kind) {
    case 'missing':
      return { status: 'unmatched', code: 'click_missing', parameter: 'clickid' };
    case 'macro':
    case 'conflict':
      return unusable(click);
    case 'value':
      return {
        status: 'unmatched',
        code: 'click_unknown',
        parameter: click.parameter,
        args: { value: click.value },
      };
  }
}

function knownClickProblem(click: KnownClick, campaignId: string | null): Problem | null {
  if (click.erased) return { status: 'ignored', code: 'click_erased', parameter: null };
  return campaignId === null || click.campaignId === campaignId
    ? null
    : { status: 'ignored', code: 'campaign_mismatch', parameter: null, args: { value: campaignId } };
}
