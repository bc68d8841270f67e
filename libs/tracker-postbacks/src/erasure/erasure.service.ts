import { Inject, Injectable, Logger } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { TrackerAudit } from '../audit/audit.service';
import { idProblem } from '../clicks/click-input';
import { TrackerDatabase } from '../database/tracker-database';
import { withoutConflict } from '../database/without-conflict';
import { Journal } from '../journal/journal';
import { IntakeService } from '../postbacks/intake.service';
import { PostbackEraser } from '../postbacks/postback-eraser';
import { quotable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerScope } from '../tracker-postbacks.options';
import { type ErasureSubject, ErasureStore } from './erasure.store';

/** Of one transaction: the clicks are locked for its length, and postbacks of theirs wait. */
const CLICKS_AT_ONCE = 100;
const POSTBACKS_AT_ONCE = 1_000;

/** What one transaction erased. */
interface Pass {
  readonly clickIds: readonly string[];
  readonly postbacks: number;
  readonly conversions: number;
  /** Whether anything was there that had not been erased before. */
  readonly isNew: boolean;
  readonly isLast: boolean;
}

/**
 * Takes out everything personal that postbacks brought about a lead: requests, addresses, transaction ids, fields, the
 * payload of events, errors of handlers. What is left counts as before and is nobody's: conversions keep event, money and
 * time. The click id itself stays known, so that late postbacks are recognised (`ignored/click_erased`) and stored without
 * their content. Handlers are given nothing that is erased; what the host wrote with earlier events is the host's to erase.
 *
 * @example
 * await erasure.eraseChat(chat.id, { actor: officer.email });
 */
@Injectable()
export class TrackerErasure {
  private readonly logger = new Logger('TrackerErasure');

  constructor(
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(ErasureStore) private readonly store: ErasureStore,
    @Inject(PostbackEraser) private readonly postbacks: PostbackEraser,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(TrackerAudit) private readonly audit: TrackerAudit,
  ) {}

  /**
   * Erases one click's data, also where the click was never registered and postbacks named it. A repetition changes nothing.
   *
   * @throws TrackerError `not_found` where this tenant has neither such a click nor a postback that names it
   */
  async eraseClick(clickId: string, scope: TrackerScope = {}): Promise<void> {
    const found = idProblem(clickId) === null && (await this.erase({ clickId }, scope));
    if (!found) throw new TrackerError('not_found', 404, `There is no click "${quotable(clickId)}".`);
  }

  /**
   * Erases the data of all clicks of a chat. A repetition changes nothing; clicks that the chat was given since are erased.
   *
   * @throws TrackerError `not_found` where this tenant has no click of this chat and never erased it
   */
  async eraseChat(chatId: string, scope: TrackerScope = {}): Promise<void> {
    const found =
      idProblem(chatId) === null &&
      ((await this.erase({ chatId }, scope)) || (await this.audit.knows('chat.erased', chatId, scope)));
    if (!found) throw new TrackerError('not_found', 404, `There is no chat "${quotable(chatId)}".`);
  }

  /** One transaction, or several bounded ones where there is much; answers whether there was anything to look at. */
  private async erase(subject: ErasureSubject, scope: TrackerScope): Promise<boolean> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const before = { postbacks: 0, conversions: 0, isNew: false };
    const clickIds = new Set<string>();
    const waits = 'clickId' in subject && (await this.journal.names(tenantId, namesOf([subject.clickId])));
    if (waits) await this.transaction((manager) => this.store.bury(manager, tenantId, subject.clickId));
    for (;;) {
      const pass = await this.transaction((manager) => this.pass(manager, subject, scope, before));
      for (const clickId of pass.clickIds) clickIds.add(clickId);
      if (pass.isLast) break;
      before.postbacks += pass.postbacks;
      before.conversions += pass.conversions;
      before.isNew ||= pass.isNew;
    }
    await this.journal.erase(tenantId, namesOf([...clickIds]));
    await this.judgeDeferred(tenantId, [...clickIds]);
    return clickIds.size > 0;
  }

  private async pass(
    manager: EntityManager,
    subject: ErasureSubject,
    scope: TrackerScope,
    before: Pick<Pass, 'postbacks' | 'conversions' | 'isNew'>,
  ): Promise<Pass> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    if ('clickId' in subject) await this.store.makeTombstone(manager, tenantId, subject.clickId);
    const clicks = await this.store.lock(manager, tenantId, subject, CLICKS_AT_ONCE);
    await this.store.mark(manager, clicks);
    const ids = await this.store.postbacksOf(manager, tenantId, clicks, POSTBACKS_AT_ONCE);
    await this.postbacks.erase(ids, manager);
    const isNew = ids.length > 0 || clicks.some(({ erasedAt }) => erasedAt === null);
    const done = { clickIds: clicks.map(({ clickId }) => clickId), postbacks: ids.length, isNew };
    if (ids.length === POSTBACKS_AT_ONCE) return { ...done, conversions: 0, isLast: false };

    const conversions = await this.store.blankConversions(manager, clicks);
    await this.store.forgetChat(manager, clicks);
    if ('chatId' in subject && clicks.length === CLICKS_AT_ONCE) {
      return { ...done, conversions, isLast: false };
    }
    if (isNew || before.isNew) {
      const [action, subjectId] =
        'clickId' in subject
          ? (['click.erased', subject.clickId] as const)
          : (['chat.erased', subject.chatId] as const);
      const details = {
        postbacks: before.postbacks + ids.length,
        conversions: before.conversions + conversions,
      };
      await this.audit.record({ action, subjectId, details }, scope, manager);
    }
    return { ...done, conversions, isLast: true };
  }

  /**
   * A deferred row has no click id yet. Judged now, it is found to be an erased click's and erased; where judging fails
   * again, that happens at its next turn.
   */
  private async judgeDeferred(tenantId: string, clickIds: readonly string[]): Promise<void> {
    if (clickIds.length === 0) return;
    try {
      await this.intake.judgeStored(await this.store.deferredNaming(tenantId, clickIds, POSTBACKS_AT_ONCE));
    } catch (error) {
      this.logger.warn(
        `Deferred postbacks of erased clicks could not be judged now and are judged later: ${String(error)}`,
      );
    }
  }

  private transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return withoutConflict(() => this.database.transaction(work));
  }
}

/** A click id with "+" may have arrived with a space in its place. */
function namesOf(clickIds: readonly string[]): readonly string[] {
  return [...new Set(clickIds.flatMap((clickId) => [clickId, clickId.replaceAll('+', ' ')]))];
}
