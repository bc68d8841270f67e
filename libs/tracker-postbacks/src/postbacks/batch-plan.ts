import { uuidV7 } from '../database/uuid-v7';
import { type ConversionFacts, type EventKind, type EventPayload } from '../events/event-payload';
import { type Warning } from '../rules/codes';
import { type FlatRecord } from '../rules/reading';
import { type DuplicateNews, type NewConversion, type PastConversion, type Verdict } from '../rules/verdict';
import { judge } from '../rules/verdict.rule';
import { eventRow, judgedRow, wordOf } from './batch-rows';
import { type BatchPlan, type PlannedCase, type PlannedEvent } from './planned-case';
import { type ReadCase } from './postback-case';
import { type ConversionPatch, type ConversionRow, type LoadedClick } from './postback-store.types';

interface Lane {
  readonly click: LoadedClick;
  readonly history: PastConversion[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Finds the click of a case among those loaded: a bare word that exists first, then the id, then with `+` restored. */
export interface ClickLookup {
  find(read: ReadCase): { readonly click: LoadedClick; readonly warning: Warning | null } | null;
}

/**
 * Judges a batch in order of arrival on one snapshot of clicks and history, each verdict seeing those before it, and
 * lays out the rows that say so.
 */
export class BatchPlanner {
  private readonly lanes = new Map<string, Lane>();
  private readonly writing = new Map<string, LoadedClick>();
  private readonly conversions = new Map<string, Mutable<ConversionRow>>();
  private readonly patches = new Map<string, ConversionPatch>();
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
      lane: click !== null && this.writing.has(click.seq) ? click.seq : null,
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
        lanes: [...this.writing.values()]
          .map(({ seq, revision }) => ({ seq, revision }))
          .sort((a, b) => (BigInt(a.seq) < BigInt(b.seq) ? -1 : 1)),
        postbacks: cases.map((planned, index) =>
          judgedRow(planned, this.decided[index]?.click ?? null, this.now),
        ),
        conversions: [...this.conversions.values()],
        patches: [...this.patches.values()],
        events: cases
          .flatMap(({ events, lane, read }) => events.map((event) => eventRow(event, lane, read, this.now)))
          .map((row, n) => ({ ...row, n })),
      },
    };
  }

  private decide(read: ReadCase): void {
    const { reading, integration } = read;
    if (reading === null) return;
    const found = this.clicks.find(read);
    const click = found?.click ?? null;
    const lane = click === null ? null : this.laneOf(click, integration.id);
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
        conversionId = this.record(read, verdict.conversion, lane, events);
        event = verdict.conversion.event;
      } else {
        conversionId = verdict.of.id;
        if (verdict.effect === 'reinstated') event = verdict.of.event;
        this.turn(read, verdict, lane, events);
      }
    } else if (verdict.status === 'duplicate' && lane !== null) {
      conversionId = verdict.of.id;
      event = reading.event.kind === 'reversal' ? 'reversal' : verdict.of.event;
      this.learn(read, verdict.of, verdict.news, lane, events);
    } else if (verdict.code === 'nothing_to_reverse' && click !== null) {
      // It waits for a conversion of this click: neither may be stored without having seen the other.
      this.writing.set(click.seq, click);
      if (read.case.storedAs !== 'unmatched') {
        events.push(this.event('unmatched', read, click, { code: verdict.code }));
      }
    } else if (verdict.status === 'unmatched' && read.case.storedAs !== 'unmatched') {
      events.push(this.event('unmatched', read, null, { code: verdict.code }));
    }
    this.decided.push({ read, click, verdict, event, conversionId, events });
  }

  private laneOf(click: LoadedClick, integrationId: string): Lane {
    const key = `${integrationId}/${click.seq}`;
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = {
        click,
        history: (click.history ?? []).map((past) => ({
          ...past,
          fields: past.fields === null ? {} : (JSON.parse(past.fields) as FlatRecord),
        })),
      };
      this.lanes.set(key, lane);
    }
    return lane;
  }

  private record(
    read: ReadCase,
    conversion: NewConversion,
    { click, history }: Lane,
    events: PlannedEvent[],
  ): string {
    const { reading, integration } = read;
    if (reading === null) throw new TypeError('Only a case that could be read is accepted.');
    const { receivedAt } = read.case;
    const row: ConversionRow = {
      id: uuidV7(receivedAt),
      tenant_id: integration.tenantId,
      integration_id: integration.id,
      click_seq: click.seq,
      click_id: click.clickId,
      chat_id: click.chatId,
      campaign_id: click.campaignId,
      event: conversion.event,
      reported_event: conversion.reportedEvent.slice(0, 255),
      ordinal: conversion.ordinal,
      tid: conversion.tid,
      tid_key: conversion.tidKey,
      tidless_sale: conversion.tidlessSale,
      request_hash: reading.requestHash,
      cost: reading.cost,
      currency: reading.currency,
      cost_raw: reading.costRaw?.slice(0, 255) ?? null,
      fields: JSON.stringify(reading.fields),
      received_at: receivedAt,
      postback_id: read.case.id,
      reversed_at: null,
      reversed_by: null,
      reversal_hash: null,
      test: click.test || read.case.test,
    };
    this.conversions.set(row.id, row);
    this.writing.set(click.seq, click);
    history.push({
      id: row.id,
      event: row.event,
      ordinal: row.ordinal,
      tid: row.tid,
      tidlessSale: row.tidless_sale,
      requestHash: row.request_hash,
      receivedAt,
      reversedAt: null,
      reversalHash: null,
      voidedAt: null,
      cost: row.cost,
      currency: row.currency,
      fields: reading.fields,
    });
    events.push(
      this.event(conversion.event, read, click, {
        conversionId: row.id,
        event: row.event,
        ordinal: row.ordinal,
        reportedEvent: row.reported_event,
      }),
    );
    return row.id;
  }

  /** Takes a conversion back, or lets it count again. */
  private turn(
    read: ReadCase,
    verdict: Extract<Verdict, { effect: 'reversed' | 'reinstated' }>,
    lane: Lane,
    events: PlannedEvent[],
  ): void {
    const { of, effect } = verdict;
    const reversal =
      effect === 'reversed'
        ? { reversedAt: verdict.reversedAt, reversalHash: read.reading?.requestHash ?? null }
        : { reversedAt: null, reversalHash: null };
    const turned = this.change(of, reversal, effect === 'reversed' ? read.case.id : null, null, lane);
    const { cost, currency, tid, fields } = of;
    events.push(
      this.event(effect === 'reversed' ? 'reversal' : 'reinstated', read, lane.click, {
        ...identity(of),
        cost,
        currency,
        tid,
        fields,
        ...(effect === 'reversed' ? { code: 'reported' } : {}),
      }),
    );
    if (effect === 'reinstated') this.learn(read, turned, verdict.news, lane, events);
  }

  /** A duplicate may know fields or an amount that the conversion did not. */
  private learn(
    read: ReadCase,
    of: PastConversion,
    news: DuplicateNews,
    lane: Lane,
    events: PlannedEvent[],
  ): void {
    if (news.fields === null && news.amount === null) return;
    const learned = {
      ...(news.amount ?? {}),
      ...(news.fields === null ? {} : { fields: { ...of.fields, ...news.fields } }),
    };
    const costRaw = news.amount === null ? null : (read.reading?.costRaw?.slice(0, 255) ?? null);
    const known = this.change(of, learned, undefined, costRaw, lane);
    if (news.amount !== null) {
      const change = { before: factsOf(of), after: factsOf(known) };
      events.push(this.event('amended', read, lane.click, { ...identity(of), ...factsOf(known), ...change }));
    }
    if (news.fields !== null) {
      events.push(this.event('fields', read, lane.click, { ...identity(of), fields: news.fields }));
    }
  }

  /**
   * @param reversedBy undefined leaves it as it is
   */
  private change(
    of: PastConversion,
    changes: Partial<PastConversion>,
    reversedBy: string | null | undefined,
    costRaw: string | null,
    { click, history }: Lane,
  ): PastConversion {
    const changed: PastConversion = { ...of, ...changes };
    history[history.indexOf(of)] = changed;
    this.writing.set(click.seq, click);
    const facts = {
      cost: changed.cost,
      currency: changed.currency,
      fields: JSON.stringify(changed.fields),
      reversed_at: changed.reversedAt,
      reversal_hash: changed.reversalHash,
    };
    const fresh = this.conversions.get(of.id);
    if (fresh !== undefined) {
      // An UPDATE does not see rows that the same statement inserts.
      Object.assign(fresh, facts, {
        cost_raw: costRaw ?? fresh.cost_raw,
        reversed_by: reversedBy === undefined ? fresh.reversed_by : reversedBy,
      });
      return changed;
    }
    const earlier = this.patches.get(of.id);
    this.patches.set(of.id, {
      id: of.id,
      click_seq: click.seq,
      ...facts,
      cost_raw: costRaw ?? earlier?.cost_raw ?? null,
      reversed_by: reversedBy === undefined ? (earlier?.reversed_by ?? null) : reversedBy,
      keeps_reversed_by: reversedBy === undefined && (earlier?.keeps_reversed_by ?? true),
    });
    return changed;
  }

  private event(
    name: EventKind,
    { case: { id, receivedAt, test }, integration, reading }: ReadCase,
    click: LoadedClick | null,
    more: Partial<EventPayload>,
  ): PlannedEvent {
    const clickReading = reading?.clickId;
    return {
      id: uuidV7(receivedAt),
      name,
      payload: {
        conversionId: null,
        event: null,
        ordinal: null,
        reportedEvent: reading === null ? null : wordOf(reading.event),
        postbackId: id,
        integrationId: integration.id,
        network: integration.network,
        tenantId: integration.tenantId,
        campaignId: click?.campaignId ?? null,
        clickId: click?.clickId ?? (clickReading?.kind === 'value' ? clickReading.value : null),
        chatId: click?.chatId ?? null,
        tid: reading?.tid ?? null,
        cost: reading?.cost ?? null,
        currency: reading?.currency ?? null,
        fields: reading?.fields ?? {},
        params: reading?.params ?? {},
        receivedAt,
        test: test || (click?.test ?? false),
        ...more,
      },
    };
  }
}

function identity({
  id,
  event,
  ordinal,
}: PastConversion): Pick<EventPayload, 'conversionId' | 'event' | 'ordinal'> {
  return { conversionId: id, event, ordinal };
}

function factsOf({ cost, currency, tid, fields }: PastConversion): ConversionFacts {
  return { cost, currency, tid, fields };
}

/** The event as far as it could be read; a `sale/resale` word is neither until it is judged. */
function eventNameOf({ reading }: ReadCase): string | null {
  if (reading?.event.kind === 'event') return reading.event.name;
  return reading?.event.kind === 'reversal' ? 'reversal' : null;
}
