import { type Warning } from '../rules/codes';
import { type Verdict } from '../rules/verdict';
import { judge } from '../rules/verdict.rule';
import { eventRow, judgedRow } from './batch-rows';
import { ConversionLedger } from './conversion-ledger';
import { type BatchPlan, type PlannedCase, type PlannedEvent } from './planned-case';
import { type ReadCase } from './postback-case';
import { eventFrom } from './postback-event';
import { type LoadedClick } from './postback-store.types';

/** Finds the click of a case among those loaded: a bare word that exists first, then the id, then with `+` restored. */
export interface ClickLookup {
  find(read: ReadCase): { readonly click: LoadedClick; readonly warning: Warning | null } | null;
}

/**
 * Judges a batch in order of arrival on one snapshot of clicks and history, each verdict seeing those before it, and
 * lays out the rows that say so.
 */
export class BatchPlanner {
  private readonly ledger = new ConversionLedger();
  private readonly decided: {
    read: ReadCase;
    click: LoadedClick | null;
    verdict: Verdict;
    event: string | null;
    conversionId: string | null;
    events: PlannedEvent[];
  }[] = [];

  constructor(
    private readonly clicks: ClickLookup,
    private readonly now: number,
    private readonly asksResolver = false,
  ) {}

  plan(reads: readonly ReadCase[]): BatchPlan {
    const failed: { read: ReadCase; error: unknown }[] = [];
    for (const read of reads) {
      try {
        this.decide(read);
      } catch (error) {
        failed.push({ read, error });
      }
    }
    const cases = this.decided.map(({ read, click, verdict, event, conversionId, events }): PlannedCase => ({
      read,
      lane: click !== null && this.ledger.isTouched(click) ? click.seq : null,
      events,
      outcome: {
        kind: 'judged',
        postbackId: read.case.id,
        integration: read.integration,
        status: verdict.status,
        code: verdict.code,
        parameter: verdict.parameter,
        args: verdict.args,
        event,
        conversionId,
        warnings: verdict.warnings,
      },
    }));
    return {
      cases,
      failed,
      write: {
        lanes: this.ledger.changedClicks(),
        postbacks: cases.map((planned, index) =>
          judgedRow(planned, this.decided[index]?.click ?? null, this.now, this.asksResolver),
        ),
        conversions: this.ledger.newConversions(),
        patches: this.ledger.changedConversions(),
        events: cases
          .flatMap(({ events, lane, read }) => events.map((event) => ({ event, lane, read })))
          .map(({ event, lane, read }, n) => eventRow(event, lane, read, this.now, n)),
      },
    };
  }

  private decide(read: ReadCase): void {
    const { reading, integration } = read;
    if (reading === null) return;
    const found = this.clicks.find(read);
    const click = found?.click ?? null;
    const lane = click === null ? null : this.ledger.lane(click, integration.id);
    const judged = judge({
      reading,
      admission: read.case.admission,
      policy: { ...integration, integrationId: integration.id },
      click,
      history: lane?.history ?? [],
      receivedAt: read.case.receivedAt,
    });
    const verdict: Verdict =
      found?.warning == null ? judged : { ...judged, warnings: [...judged.warnings, found.warning] };
    const events: PlannedEvent[] = [];
    let conversionId: string | null = null;
    let event = eventNameOf(read);
    if (verdict.status === 'accepted' && lane !== null) {
      if (verdict.effect === 'recorded') {
        conversionId = this.ledger.record(read, reading, verdict.conversion, lane, events);
        event = verdict.conversion.event;
      } else {
        conversionId = verdict.of.id;
        if (verdict.effect === 'reinstated') event = verdict.of.event;
        this.ledger.turn(read, verdict, lane, events);
      }
    } else if (verdict.status === 'duplicate' && lane !== null) {
      conversionId = verdict.of.id;
      event = reading.event.kind === 'reversal' ? 'reversal' : verdict.of.event;
      this.ledger.learn(read, verdict.of, verdict.news, lane, events);
    } else if (verdict.code === 'nothing_to_reverse' && click !== null) {
      // It waits for a conversion of this click: neither may be stored without having seen the other.
      this.ledger.touch(click);
      if (read.case.storedAs !== 'unmatched') {
        events.push(eventFrom('unmatched', read, click, { code: verdict.code }));
      }
    } else if (verdict.status === 'unmatched' && read.case.storedAs !== 'unmatched') {
      events.push(eventFrom('unmatched', read, null, { code: verdict.code }));
    }
    if (read.case.silent === true) events.length = 0;
    this.decided.push({ read, click, verdict, event, conversionId, events });
  }
}

/** The event as far as it could be read; a `sale/resale` word is neither until it is judged. */
function eventNameOf({ reading }: ReadCase): string | null {
  if (reading?.event.kind === 'event') return reading.event.name;
  return reading?.event.kind === 'reversal' ? 'reversal' : null;
}
