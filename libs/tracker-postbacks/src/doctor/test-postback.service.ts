import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ClickStore } from '../clicks/click.store';
import { newClickId } from '../clicks/click-id';
import { configRows } from '../integrations/integration-rows';
import { compileIntegration } from '../integrations/integration-recipe';
import { IntegrationStore } from '../integrations/integration-store';
import { type TrackerIntegration } from '../integrations/integration.entity';
import { HIDDEN_SECRET } from '../integrations/postback-url';
import { type Arrival } from '../postbacks/arrival';
import { IntakeUnavailableError } from '../postbacks/intake.errors';
import { IntakeService } from '../postbacks/intake.service';
import { type PostbackOutcome } from '../postbacks/postback-case';
import { type VerdictCode, type VerdictStatus, type WarningCode } from '../rules/codes';
import { messageOf } from '../rules/messages';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { type TrackerDoctorScope } from './doctor.service';
import { lintTarget } from './integration-target';
import { outcomeOf } from './lint-target';
import { samplePostback } from './sample-postback.rule';

/** What {@link TestPostbacks.send} is asked for. */
export interface SendTestPostback {
  /** An event name, or a word of the integration's event map. */
  readonly event: string;
  /** The chat that the test click is made for. @default one that does not exist */
  readonly chatId?: string | undefined;
  /** Run the handlers and tell the listeners; counts only with a `chatId`. @default false */
  readonly deliver?: boolean | undefined;
}

/** What was decided about a sample. */
export interface SampleVerdict {
  readonly status: VerdictStatus;
  readonly code: VerdictCode;
  readonly message: string;
  readonly event: string | null;
  readonly warnings: readonly {
    readonly code: WarningCode;
    readonly parameter: string | null;
    readonly message: string;
  }[];
}

/** What came of a sample. */
export interface TestPostback {
  /** What was sent; a secret stands as `•••`. */
  readonly url: string;
  readonly verdict: SampleVerdict;
  readonly postbackId: string;
  readonly conversionId: string | null;
  /** The test click. */
  readonly clickId: string;
  /** Handlers and listeners were given its events. */
  readonly delivered: boolean;
}

type Judged = Extract<PostbackOutcome, { kind: 'judged' }>;

/** Sends samples through the real pipeline, so that a URL can be seen to work before the first lead deposits. */
@Injectable()
export class TestPostbacks {
  constructor(
    @Inject(IntegrationStore) private readonly integrations: IntegrationStore,
    @Inject(ClickStore) private readonly clicks: ClickStore,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * Sends one event with a fresh test click. Everything it makes is marked as a test; without `chatId` and `deliver` no
   * event is made, so that neither handlers nor listeners hear of it.
   *
   * @throws {TrackerError} `not_found`; `event_invalid`; `storage_unavailable` where nothing could be stored
   */
  async send(
    id: string,
    { event, chatId, deliver = false }: SendTestPostback,
    scope: TrackerDoctorScope = {},
  ): Promise<TestPostback> {
    const row = await this.integrations.row(id, scope);
    const configs = (await configRows(this.integrations.manager, [row.id])).get(row.id) ?? [];
    const { preset, address, now } = this.integrations.context(row);
    const compiled = compileIntegration(row, configs, preset);
    const target = lintTarget({ row, compiled, configs, preset, address, others: new Map(), now });
    const word = event.trim().toLowerCase();
    if (outcomeOf(word, compiled.recipe) === null) throw eventInvalid(event);

    const click = await this.testClick(row, chatId ?? `test-${randomUUID()}`);
    const sample = samplePostback(word, target, { clickId: click, tid: `test-${click.toLowerCase()}` });
    const isDelivered = deliver && chatId !== undefined;
    const path = sample.pathEvent === null ? address : `${address}/${sample.pathEvent}`;
    const outcome = await this.accepted({
      integrationId: row.id,
      method: 'GET',
      request: {
        target: `${new URL(path).pathname}?${sample.query}`,
        pathEvent: sample.pathEvent,
        body: null,
      },
      rawSha256: null,
      headerSecret: null,
      address: null,
      forwardedFor: null,
      receivedAt: this.clock.now(),
      sample: { deliver: isDelivered },
    });
    const secret = target.isSecretValid === null ? '' : `&key=${HIDDEN_SECRET}`;
    return {
      url: `${path}?${sample.query}${secret}`,
      verdict: verdictOf(outcome, scope),
      postbackId: outcome.postbackId,
      conversionId: outcome.conversionId,
      clickId: click,
      // Events are made of what is recorded, and of what waits.
      delivered: isDelivered && (outcome.status === 'accepted' || outcome.status === 'unmatched'),
    };
  }

  /** A click of the integration's campaign, so that it matches whatever the integration is limited to. */
  private async testClick({ tenantId, campaignId }: TrackerIntegration, chatId: string): Promise<string> {
    const clickId = newClickId();
    const createdAt = this.clock.now();
    const click = {
      tenantId,
      clickId,
      chatId,
      campaignId,
      source: 'test',
      issueKey: null,
      createdAt,
    } as const;
    await this.clicks.insert([click]);
    return clickId;
  }

  private async accepted(arrival: Arrival): Promise<Judged> {
    const outcome = await this.intake.accept(arrival).catch((error: unknown) => {
      if (error instanceof IntakeUnavailableError) throw unavailable();
      throw error;
    });
    if (outcome.kind !== 'judged') throw unavailable();
    return outcome;
  }
}

function verdictOf(
  { status, code, args, parameter, event, warnings }: Judged,
  { locale = 'en' }: TrackerDoctorScope,
): SampleVerdict {
  return {
    status,
    code,
    message: messageOf(code, locale, args, parameter),
    event,
    warnings: warnings.map((warning) => ({
      code: warning.code,
      parameter: warning.parameter,
      message: messageOf(warning.code, locale, warning.args, warning.parameter),
    })),
  };
}

function eventInvalid(event: string): TrackerError {
  const message =
    'event has to be 1–64 Latin letters, digits, "_", "." or "-", beginning with a letter or digit, and no reserved word';
  return new TrackerError('event_invalid', 400, `"${event.slice(0, 64)}" cannot be an event: ${message}.`, [
    { field: 'event', message },
  ]);
}

function unavailable(): TrackerError {
  return new TrackerError(
    'storage_unavailable',
    503,
    'The sample could not be stored now. Send it again in a few seconds.',
  );
}
