import { Inject, Injectable } from '@nestjs/common';
import { ClickDirectory } from '../clicks/click-directory';
import { type NearMiss } from '../clicks/near-miss.rule';
import { NearMisses } from '../clicks/near-misses';
import { uuidV7 } from '../database/uuid-v7';
import { type CompiledIntegration } from '../integrations/integration-recipe';
import { HIDDEN_SECRET } from '../integrations/postback-url';
import { BatchPlanner } from '../postbacks/batch-plan';
import { JudgingService } from '../postbacks/judging.service';
import { candidatesOf, LoadedClicks } from '../postbacks/loaded-clicks';
import { type ReadCase } from '../postbacks/postback-case';
import { PostbackStore } from '../postbacks/postback-store';
import { type LoadedClick } from '../postbacks/postback-store.types';
import { type VerdictCode, type VerdictStatus, type Warning } from '../rules/codes';
import { type Locale, messageOf } from '../rules/messages';
import { type PostbackRequest, type Reading } from '../rules/reading';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { type LintTarget } from './lint-target';

/** What would be decided about a URL if it arrived now. */
export interface DryRunVerdict {
  readonly status: VerdictStatus;
  readonly code: VerdictCode;
  readonly message: string;
  readonly event: string | null;
  /** The recorded conversion that it repeats or takes back. */
  readonly conversionId: string | null;
  /** Where the click id is unknown: known ids that it may have meant. */
  readonly nearMisses: readonly NearMiss[];
}

/** The integration that is asked. */
interface DryPatient {
  readonly compiled: CompiledIntegration;
  readonly target: LintTarget;
}

/** Judges a request with the code that judges postbacks, on what is known now, and stores nothing. */
@Injectable()
export class DryJudge {
  constructor(
    @Inject(JudgingService) private readonly judging: JudgingService,
    @Inject(PostbackStore) private readonly store: PostbackStore,
    @Inject(ClickDirectory) private readonly clickDirectory: ClickDirectory,
    @Inject(NearMisses) private readonly nearMisses: NearMisses,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /** Judges as intake would, on what is known now, and stores nothing. */
  async judge(
    request: PostbackRequest,
    secrets: readonly string[],
    { compiled, target }: DryPatient,
    locale: Locale,
  ): Promise<{ verdict: DryRunVerdict; reading: Reading; warnings: readonly Warning[] } | null> {
    const now = this.clock.now();
    const { isSecretValid } = target;
    const isAdmitted =
      isSecretValid === null ||
      secrets.includes(HIDDEN_SECRET) ||
      secrets.some((secret) => isSecretValid(secret));
    const read = this.judging.read(
      {
        id: uuidV7(now),
        integrationId: compiled.id,
        method: 'GET',
        request,
        rawSha256: null,
        address: null,
        forwardedFor: null,
        admission: isAdmitted ? null : 'secret_wrong',
        receivedAt: now,
        storedAs: null,
        attempts: 0,
        test: false,
      },
      compiled,
    );
    if (read.reading === null) return null;
    const clicks = await this.clicksOf(read);
    const outcome = new BatchPlanner(new LoadedClicks(clicks), now).plan([read]).cases[0]?.outcome;
    if (outcome?.kind !== 'judged') return null;
    const { status, code, args, parameter, event } = outcome;
    const recorded = new Set(
      clicks.flatMap(({ history }) => history ?? []).map((conversion) => conversion.id),
    );
    const unknown =
      code === 'click_unknown' && read.reading.clickId.kind === 'value' ? read.reading.clickId : null;
    return {
      reading: read.reading,
      warnings: outcome.warnings,
      verdict: {
        status,
        code,
        message: messageOf(code, locale, args, parameter),
        event,
        conversionId:
          outcome.conversionId !== null && recorded.has(outcome.conversionId) ? outcome.conversionId : null,
        nearMisses: unknown === null ? [] : await this.nearMisses.of(compiled.tenantId, unknown.value),
      },
    };
  }

  /** What intake would find, the host's resolver included, whose clicks get no rows here. */
  private async clicksOf(read: ReadCase): Promise<readonly LoadedClick[]> {
    const wanted = candidatesOf(read);
    const { clicks } = await this.store.load(wanted, []);
    if (clicks.length > 0) return clicks;
    const resolved = await this.clickDirectory.peek(wanted);
    return resolved.map(({ tenant_id, click_id, chat_id, campaign_id }) => ({
      integrationId: read.integration.id,
      seq: '0',
      tenantId: tenant_id,
      clickId: click_id,
      chatId: chat_id,
      campaignId: campaign_id,
      revision: 0,
      erased: false,
      test: false,
      history: null,
    }));
  }
}
