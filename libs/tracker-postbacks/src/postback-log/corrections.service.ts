import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { FilterReader } from '../admin/filter-reader';
import { decodeCursor, encodeCursor } from '../admin/page';
import { uuidOrNull } from '../admin/validation';
import { TrackerAudit } from '../audit/audit.service';
import { IntegrationDirectory } from '../integrations/integration-directory';
import { PublicAddress } from '../integrations/public-address';
import { IntakeUnavailableError } from '../postbacks/intake.errors';
import { IntakeService } from '../postbacks/intake.service';
import { type PostbackOutcome } from '../postbacks/postback-case';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type ReplayResult, ReplayService } from '../postbacks/replay.service';
import { quotable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerClock, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { postbackCriteria } from './postback-criteria';
import { POSTBACK_FILTERS, type PostbackFilters } from './postback-filters';
import { PostbackSearch } from './postback-search';

/** Postbacks that one call replays at most. */
export const REPLAYS_A_CALL = 500;

/** What replaying a filtered set did, or would do. */
export interface ReplayReport {
  readonly dryRun: boolean;
  /** Postbacks that the filter finds, those of earlier calls left out. */
  readonly matched: number;
  readonly processed: number;
  /** Put it into `filter.cursor` to go on; null when the set is through. */
  readonly next: string | null;
  readonly results: readonly ReplayResult[];
}

/** A conversion recorded by hand. */
export interface RecordConversion {
  readonly integrationId: string;
  readonly clickId: string;
  /** An event name, or a word of the integration's event map. */
  readonly event: string;
  readonly cost?: string | undefined;
  readonly currency?: string | undefined;
  readonly tid?: string | undefined;
  readonly fields?: Readonly<Record<string, string>> | undefined;
}

/**
 * What a person does about postbacks that went wrong: have them judged again by today's recipe, let quarantined ones
 * in, count what the rules take for a repetition, or send an event by hand. Every change is audited.
 */
@Injectable()
export class TrackerCorrections {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(ReplayService) private readonly replays: ReplayService,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(IntegrationDirectory) private readonly integrations: IntegrationDirectory,
    @Inject(PostbackSearch) private readonly search: PostbackSearch,
    @Inject(PublicAddress) private readonly address: PublicAddress,
    @Inject(TrackerAudit) private readonly audit: TrackerAudit,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * Judges one stored postback with today's recipe and its own time of arrival, as if its earlier result did not exist.
   * The same conversion is amended, another one replaces it, a first one is recorded; where it would be refused or be
   * a duplicate of another postback nothing changes.
   *
   * @param options `dryRun` answers what would happen and changes nothing
   * @throws TrackerError `not_found`, or `erased` (410)
   */
  async replay(
    id: string,
    { dryRun = false }: { readonly dryRun?: boolean } = {},
    scope: TrackerScope = {},
  ): Promise<ReplayResult> {
    const { id: known } = await this.row(id, scope);
    const result = await this.replays.replay(known, dryRun);
    if (result === null) throw gone(id);
    if (!dryRun) await this.audited('postback.replayed', known, { ...result }, scope);
    return result;
  }

  /**
   * Replays what a filter of the log finds, oldest first, at most {@link REPLAYS_A_CALL} a call.
   *
   * @throws TrackerError `validation_failed` naming the filter that cannot be read
   */
  async replayAll(
    filter: PostbackFilters,
    { dryRun = false }: { readonly dryRun?: boolean } = {},
    scope: TrackerScope = {},
  ): Promise<ReplayReport> {
    const query = await this.found(filter, scope);
    if (query === null) return { dryRun, matched: 0, processed: 0, next: null, results: [] };
    const matched = await query.getCount();
    const rows = await query.orderBy('postback.id', 'ASC').limit(REPLAYS_A_CALL).getMany();
    const results: ReplayResult[] = [];
    for (const { id } of rows) {
      const result = await this.replays.replay(id, dryRun);
      if (result === null) continue;
      results.push(result);
      if (!dryRun && result.changed) await this.audited('postback.replayed', id, { ...result }, scope);
    }
    const last = rows.at(-1);
    const next = matched > rows.length && last !== undefined ? encodeCursor(last.id) : null;
    return { dryRun, matched, processed: rows.length, next, results };
  }

  /**
   * Lets a quarantined postback in and has it judged.
   * @throws TrackerError `not_found`, `erased` (410), or `not_quarantined` (409)
   */
  async release(id: string, scope: TrackerScope = {}): Promise<void> {
    const row = await this.row(id, scope);
    if (row.status === 'quarantined') {
      await this.intake.judgeStored([row.id], { release: true });
      await this.audited('postback.released', row.id, { code: row.code }, scope);
      return;
    }
    throw new TrackerError(
      'not_quarantined',
      409,
      `Postback ${row.id} is ${row.status}; only a quarantined one is released.`,
    );
  }

  /**
   * Counts a duplicate as a conversion of its own, with a reason that the click's timeline shows.
   * @throws TrackerError `not_found`, `erased` (410), or `not_a_duplicate` (409)
   */
  async count(id: string, reason: string, scope: TrackerScope = {}): Promise<ReplayResult> {
    const row = await this.row(id, scope);
    const result = row.status === 'duplicate' ? await this.replays.count(row.id, reason) : null;
    if (result === null) {
      throw new TrackerError(
        'not_a_duplicate',
        409,
        `Postback ${row.id} is ${row.status}; only a duplicate is counted by hand.`,
      );
    }
    await this.audited(
      'postback.counted',
      row.id,
      { reason, conversionId: result.after.conversionId },
      scope,
    );
    return result;
  }

  /**
   * Records an event by hand, by the same rules as if the network had sent it.
   * @throws TrackerError `not_found` for an unknown integration, `storage_unavailable` when nothing could be stored
   */
  async record(
    conversion: RecordConversion,
    scope: TrackerScope = {},
  ): Promise<Extract<PostbackOutcome, { kind: 'judged' }>> {
    const id = uuidOrNull(conversion.integrationId);
    const integration = id === null ? undefined : (await this.integrations.get([id])).get(id);
    if (integration === undefined || integration.tenantId !== (scope.tenantId ?? DEFAULT_TENANT)) {
      throw new TrackerError(
        'not_found',
        404,
        `There is no integration "${quotable(conversion.integrationId)}".`,
      );
    }
    const parameters = new URLSearchParams({
      'tracker.event': conversion.event,
      clickid: conversion.clickId,
    });
    if (conversion.cost !== undefined) parameters.set('tracker.cost', conversion.cost);
    if (conversion.currency !== undefined) parameters.set('tracker.currency', conversion.currency);
    if (conversion.tid !== undefined) parameters.set('tracker.tid', conversion.tid);
    for (const [key, value] of Object.entries(conversion.fields ?? {}))
      parameters.set(`fields.${key}`, value);
    const outcome = await this.intake
      .accept({
        integrationId: integration.id,
        method: 'MANUAL',
        request: {
          target: `${new URL(this.address.ofIntegration(integration.id)).pathname}?${parameters.toString()}`,
          pathEvent: null,
          body: null,
        },
        rawSha256: null,
        headerSecret: null,
        address: null,
        forwardedFor: null,
        receivedAt: this.clock.now(),
        byHand: true,
      })
      .catch((error: unknown) => {
        if (error instanceof IntakeUnavailableError) throw unavailable();
        throw error;
      });
    if (outcome.kind !== 'judged') throw unavailable();
    await this.audited(
      'conversion.recorded',
      outcome.conversionId ?? outcome.postbackId,
      { ...conversion },
      scope,
    );
    return outcome;
  }

  private audited(
    action: 'postback.replayed' | 'postback.released' | 'postback.counted' | 'conversion.recorded',
    subjectId: string,
    details: Readonly<Record<string, unknown>>,
    scope: TrackerScope,
  ): Promise<void> {
    return this.audit.record({ action, subjectId, details }, scope);
  }

  private async row(id: string, { tenantId = DEFAULT_TENANT }: TrackerScope): Promise<TrackerPostback> {
    const uuid = uuidOrNull(id);
    const row =
      uuid === null
        ? null
        : await this.dataSource.getRepository(TrackerPostback).findOneBy({ tenantId, id: uuid });
    if (row === null) throw new TrackerError('not_found', 404, `There is no postback "${quotable(id)}".`);
    if (row.erasedAt !== null) throw gone(id);
    return row;
  }

  private async found(
    filter: PostbackFilters,
    { tenantId = DEFAULT_TENANT }: TrackerScope,
  ): Promise<SelectQueryBuilder<TrackerPostback> | null> {
    const reader = new FilterReader({ ...filter, cursor: undefined }, POSTBACK_FILTERS);
    const query = await this.search.all(tenantId, postbackCriteria(reader, this.clock.now()));
    const { cursor } = filter;
    if (typeof cursor === 'string') query?.andWhere('postback.id > :after', { after: decodeCursor(cursor) });
    return query?.andWhere('postback.erasedAt IS NULL') ?? null;
  }
}

function gone(id: string): TrackerError {
  return new TrackerError(
    'erased',
    410,
    `Postback "${quotable(id)}" was erased, or its integration is gone: there is nothing left to judge.`,
  );
}

function unavailable(): TrackerError {
  return new TrackerError(
    'storage_unavailable',
    503,
    'Nothing could be stored now. Try again in a few seconds.',
  );
}
