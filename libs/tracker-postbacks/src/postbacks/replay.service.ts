import { Inject, Injectable } from '@nestjs/common';
import { ClickDirectory } from '../clicks/click-directory';
import { IntegrationDirectory } from '../integrations/integration-directory';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TrackerError } from '../tracker-postbacks.errors';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { isLeftOut } from './batch-rows';
import { IntakeService } from './intake.service';
import { JudgingService } from './judging.service';
import { candidatesOf, LoadedClicks } from './loaded-clicks';
import { storedCase } from './postback-case';
import { PostbackStore } from './postback-store';
import { type StoredPostback } from './postback-store.types';
import { type ReplayCase, type ReplayPlan, ReplayPlanner, type ReplayState } from './replay-plan';

/** Rounds one replay may lose to postbacks of the same click that arrive meanwhile. */
const MAX_ROUNDS = 25;

/** What replaying one postback changed, or would change. */
export interface ReplayResult {
  readonly postbackId: string;
  readonly before: ReplayState;
  readonly after: ReplayState;
  readonly changed: boolean;
}

/** Judges stored postbacks again with today's recipe, one at a time and each in one statement. */
@Injectable()
export class ReplayService {
  constructor(
    @Inject(PostbackStore) private readonly store: PostbackStore,
    @Inject(IntegrationDirectory) private readonly integrations: IntegrationDirectory,
    @Inject(JudgingService) private readonly judging: JudgingService,
    @Inject(ClickDirectory) private readonly clicks: ClickDirectory,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /** Null where the postback is unknown, erased, or its integration is gone: nothing can be judged then. */
  replay(postbackId: string, dryRun: boolean): Promise<ReplayResult | null> {
    return this.carryOut(postbackId, dryRun, (planner, replayed) => planner.plan(replayed));
  }

  /** Counts a duplicate as a conversion of its own. Null where that cannot be: see {@link ReplayPlanner.count}. */
  count(postbackId: string, reason: string): Promise<ReplayResult | null> {
    return this.carryOut(postbackId, false, (planner, replayed) => planner.count(replayed, reason));
  }

  private async carryOut(
    postbackId: string,
    dryRun: boolean,
    planWith: (planner: ReplayPlanner, replayed: ReplayCase) => ReplayPlan | null,
  ): Promise<ReplayResult | null> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const [row] = await this.store.storedAny([postbackId]);
      const facts = row === undefined ? null : await this.facts(row);
      if (facts === null) return null;
      const plan = planWith(new ReplayPlanner(facts.clicks, this.clock.now()), facts.replayed);
      if (plan === null) return null;
      const { before } = facts.replayed;
      const result = { postbackId, before, after: plan.after, changed: plan.write !== null };
      if (dryRun || plan.write === null) return result;
      const { lanes, postbacks } = plan.write;
      const { won, kept, deliveries, reversals } = await this.store.write(plan.write);
      if (lanes.every(({ seq }) => won.has(seq)) && !postbacks.some((one) => isLeftOut(one, kept))) {
        this.intake.tell(plan.events, deliveries);
        if (reversals.length > 0) await this.intake.judgeStored(reversals);
        return result;
      }
    }
    throw new TrackerError(
      'click_busy',
      409,
      `Postback ${postbackId} could not be judged again: its click is changing all the time. Try again later.`,
    );
  }

  /** What the verdict depends on, all read after the row; null when its integration is gone. */
  private async facts(
    row: StoredPostback,
  ): Promise<{ readonly replayed: ReplayCase; readonly clicks: LoadedClicks } | null> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const integration = (await this.integrations.get([row.integrationId])).get(row.integrationId);
      if (integration === undefined) return null;
      const read = this.judging.read(storedCase(row), integration);
      const candidates = candidatesOf(read);
      const { tenantId: t, clickId: c } = row;
      const own =
        c === null || candidates.some((asked) => asked.c === c) ? [] : [{ t, c, i: integration.id }];
      const { clicks, revisions } = await this.store.load([...candidates, ...own], [integration.id]);
      if (revisions.get(integration.id) !== integration.revision) {
        this.integrations.refresh(revisions);
        continue;
      }
      const loaded = new LoadedClicks(clicks);
      if (loaded.find(read) === null && (await this.clicks.resolve(candidates)) === 'found') continue;
      const ownClick = clicks.find(({ clickId }) => clickId === c) ?? null;
      return { replayed: { read, before: stateOf(row), ownClick }, clicks: loaded };
    }
    return null;
  }
}

function stateOf({ status, code, event, conversionId, cost, currency }: StoredPostback): ReplayState {
  return { status, code, event, conversionId, cost, currency };
}
