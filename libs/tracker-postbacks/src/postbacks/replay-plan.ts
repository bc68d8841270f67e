import { type VerdictCode, type VerdictStatus } from '../rules/codes';
import { type Verdict } from '../rules/verdict';
import { newConversion } from '../rules/conversion.rule';
import { judge } from '../rules/verdict.rule';
import { type ClickLookup } from './batch-plan';
import { eventRow, judgedRow } from './batch-rows';
import { ConversionLedger, type Lane, type LedgerConversion } from './conversion-ledger';
import { type PlannedCase, type PlannedEvent } from './planned-case';
import { type PostbackOutcome, type ReadCase } from './postback-case';
import { type BatchWrite, type LoadedClick } from './postback-store.types';

/** What a postback's verdict comes to, in the words of the log. */
export interface ReplayState {
  readonly status: VerdictStatus;
  readonly code: VerdictCode;
  readonly event: string | null;
  readonly conversionId: string | null;
  readonly cost: string | null;
  readonly currency: string | null;
}

export interface ReplayPlan {
  readonly after: ReplayState;
  /** Null when nothing changes. */
  readonly write: BatchWrite | null;
  readonly events: readonly PlannedEvent[];
}

/** A stored postback with what it came to so far. */
export interface ReplayCase {
  readonly read: ReadCase;
  readonly before: ReplayState;
  /** The click that its own conversion or reversal is on, where it has one. */
  readonly ownClick: LoadedClick | null;
}

interface Own {
  readonly lane: Lane;
  /** The conversion this postback made. */
  readonly made: LedgerConversion | null;
  /** The conversion this postback took back. */
  readonly reversed: LedgerConversion | null;
}

/**
 * Judges a stored postback with today's recipe and its own time of arrival, as if its own earlier result did not exist,
 * and lays out the difference: amended where it comes to the same conversion, set aside and replaced where it comes to
 * another, and nothing at all where it would now be refused or be a duplicate of another postback.
 */
export class ReplayPlanner {
  private readonly ledger = new ConversionLedger();
  private readonly events: PlannedEvent[] = [];

  constructor(
    private readonly clicks: ClickLookup,
    private readonly now: number,
  ) {}

  plan({ read, before, ownClick }: ReplayCase): ReplayPlan {
    const { reading, integration } = read;
    const unchanged: ReplayPlan = { after: before, write: null, events: [] };
    if (reading === null) return unchanged;
    const found = this.clicks.find(read);
    const click = found?.click ?? null;
    const lane = click === null ? null : this.ledger.lane(click, integration.id);
    const own = ownClick === null ? null : this.ownOf(read, this.ledger.lane(ownClick, integration.id));
    const verdict = judge({
      reading,
      admission: read.case.admission,
      policy: { ...integration, integrationId: integration.id },
      click,
      history: lane === null ? [] : historyWithout(lane, own),
      receivedAt: read.case.receivedAt,
      asOf: own?.made == null ? 'now' : 'arrival',
    });
    const result = this.apply(read, before, verdict, lane, own);
    if (result === null) {
      return { ...unchanged, after: own === null ? stateOf(verdict, read) : before };
    }
    const warnings = found?.warning == null ? verdict.warnings : [...verdict.warnings, found.warning];
    const outcome: PostbackOutcome = {
      kind: 'judged',
      postbackId: read.case.id,
      integration,
      status: verdict.status,
      code: verdict.code,
      parameter: verdict.parameter,
      args: verdict.args,
      event: result.event,
      conversionId: result.conversionId,
      warnings,
    };
    return this.planOf(read, click, outcome, { ...stateOf(verdict, read), ...result }, own?.lane.click);
  }

  private planOf(
    read: ReadCase,
    click: LoadedClick | null,
    outcome: PostbackOutcome,
    after: ReplayState,
    ownClick?: LoadedClick,
  ): ReplayPlan {
    const lane = click !== null && this.ledger.isTouched(click) ? click.seq : null;
    const laneOfEvents = lane ?? ownClick?.seq ?? null;
    const planned: PlannedCase = { read, lane, outcome, events: this.events };
    return {
      after,
      events: this.events,
      write: {
        atomic: true,
        lanes: this.ledger.changedClicks(),
        postbacks: [judgedRow(planned, click, this.now)],
        conversions: this.ledger.newConversions(),
        patches: this.ledger.changedConversions(),
        events: this.events.map((event, n) => eventRow(event, laneOfEvents, read, this.now, n)),
      },
    };
  }

  /**
   * Counts a duplicate as a conversion of its own: a person knows better. Its tid stays outside the unique key, which
   * belongs to the conversion it was a duplicate of. Null when the postback is no duplicate today.
   */
  count({ read, before }: ReplayCase, reason: string): ReplayPlan | null {
    const { reading, integration } = read;
    const click = this.clicks.find(read)?.click;
    if (reading === null || click === undefined) return null;
    const lane = this.ledger.lane(click, integration.id);
    const input = {
      reading,
      admission: read.case.admission,
      policy: { ...integration, integrationId: integration.id },
      click,
      history: lane.history,
      receivedAt: read.case.receivedAt,
    };
    if (reading.event.kind === 'reversal' || judge(input).status !== 'duplicate') return null;
    const conversion = { ...newConversion(input), tidKey: null, tidlessSale: false };
    const conversionId = this.ledger.record(read, reading, conversion, lane, this.events, { reason });
    const { event } = conversion;
    return this.planOf(
      read,
      click,
      {
        kind: 'judged',
        postbackId: read.case.id,
        integration,
        status: 'accepted',
        code: 'ok',
        parameter: null,
        args: { event },
        event,
        conversionId,
        warnings: reading.warnings,
      },
      { ...before, status: 'accepted', code: 'ok', event, conversionId },
    );
  }

  /** Answers what the postback comes to now, or null when nothing changes. */
  private apply(
    read: ReadCase,
    before: ReplayState,
    verdict: Verdict,
    lane: Lane | null,
    own: Own | null,
  ): Pick<ReplayState, 'event' | 'conversionId'> | null {
    if (verdict.status === 'accepted' && lane !== null) return this.accept(read, before, verdict, lane, own);
    const isNews = verdict.status === 'unmatched' && own === null && before.code !== verdict.code;
    // A postback that has already counted is not uncounted by being unreadable today.
    return isNews && before.conversionId === null ? { event: eventOf(read), conversionId: null } : null;
  }

  private accept(
    read: ReadCase,
    before: ReplayState,
    verdict: Extract<Verdict, { status: 'accepted' }>,
    lane: Lane,
    own: Own | null,
  ): Pick<ReplayState, 'event' | 'conversionId'> | null {
    const { reading } = read;
    if (reading === null) return null;
    const made = own?.made ?? null;
    if (verdict.effect === 'recorded') {
      const { event } = verdict.conversion;
      if (own !== null && made !== null && own.lane === lane && made.event === event) {
        return this.ledger.amend(read, reading, made, lane, this.events)
          ? { event, conversionId: made.id }
          : null;
      }
      this.undo(read, own);
      const replacement = this.ledger.record(read, reading, verdict.conversion, lane, this.events);
      if (own !== null && made !== null) this.ledger.link(made, replacement, own.lane);
      return { event, conversionId: replacement };
    }
    // "Counts again" is what a duplicate does to another postback's conversion.
    if (verdict.effect === 'reinstated' || verdict.of.id === own?.reversed?.id) return null;
    if (before.status === 'accepted' && own === null) return null;
    this.undo(read, own);
    this.ledger.turn(read, verdict, lane, this.events);
    return { event: 'reversal', conversionId: verdict.of.id };
  }

  /** Takes this postback's own earlier result away. */
  private undo(read: ReadCase, own: Own | null): void {
    if (own === null) return;
    if (own.made !== null) this.ledger.void(read, own.made, this.now, own.lane, this.events);
    if (own.reversed !== null) this.ledger.reinstate(read, own.reversed, own.lane, this.events);
  }

  private ownOf({ case: { id } }: ReadCase, lane: Lane): Own {
    return {
      lane,
      made: lane.history.find(({ postbackId, voidedAt }) => postbackId === id && voidedAt === null) ?? null,
      reversed:
        lane.history.find(({ reversedBy, reversedAt }) => reversedBy === id && reversedAt !== null) ?? null,
    };
  }
}

function historyWithout(lane: Lane, own: Own | null): readonly LedgerConversion[] {
  if (own === null) return lane.history;
  return lane.history
    .filter(({ id }) => id !== own.made?.id)
    .map((past) =>
      past.id === own.reversed?.id
        ? { ...past, reversedAt: null, reversalHash: null, reversedBy: null }
        : past,
    );
}

function eventOf({ reading }: ReadCase): string | null {
  return reading?.event.kind === 'event' ? reading.event.name : null;
}

function stateOf(verdict: Verdict, read: ReadCase): ReplayState {
  return {
    status: verdict.status,
    code: verdict.code,
    event: eventOf(read),
    conversionId: verdict.status === 'duplicate' ? verdict.of.id : null,
    cost: read.reading?.cost ?? null,
    currency: read.reading?.currency ?? null,
  };
}
