import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerClock, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { ChatMerge, type MergedChats } from './chat-merge';
import { ClickAnnouncements } from './click-announcements';
import { issueKeyOf, newClickId } from './click-id';
import {
  type ChatOfClick,
  checkClickIds,
  checkMerge,
  checkClicks,
  idProblem,
  MAX_CLICKS,
  type NamedClick,
} from './click-input';
import { ClickStore } from './click.store';
import {
  type TrackerClickView,
  type IssuedClick,
  type ReassignedChat,
  type RegisteredClicks,
} from './clicks.dto';

/** An insert that loses finds the winner on the next look; more than a few losses in a row are a fault. */
const ATTEMPTS = 5;

/** What {@link TrackerClicks.issue} is asked for. */
export interface IssueClick extends ChatOfClick {
  /** Make a new id although the chat has one for this campaign. @default false */
  readonly fresh?: boolean | undefined;
}

/**
 * The ids that tie a lead's postbacks to his chat. Every call is for one tenant: the scope's, or `default`.
 *
 * @example
 * const { clickId } = await clicks.issue({ chatId: chat.id });
 * const link = `https://1w.example/?sub1=${clickId}`;
 */
@Injectable()
export class TrackerClicks {
  constructor(
    @Inject(ClickStore) private readonly store: ClickStore,
    @Inject(ClickAnnouncements) private readonly announcements: ClickAnnouncements,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
    @Inject(ChatMerge) private readonly merger: ChatMerge,
  ) {}

  /**
   * A short unguessable click id for a chat: twelve case-sensitive letters and digits. The chat's newest id for this
   * campaign where there is one, unless `fresh`; concurrent calls, also of several processes, answer the same id.
   *
   * @throws TrackerError `validation_failed` where chat or campaign id is empty, over 255 characters or holds NUL
   */
  async issue(click: IssueClick, scope: TrackerScope = {}): Promise<IssuedClick> {
    checkClicks([{ chatId: click.chatId, campaignId: click.campaignId }], () => '');
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const { chatId } = click;
    const campaignId = click.campaignId ?? null;
    const fresh = click.fresh === true;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const known = fresh ? null : await this.store.newestIssued(tenantId, chatId, campaignId);
      if (known !== null) return { clickId: known };
      const clickId = newClickId();
      const issueKey = fresh ? null : issueKeyOf(tenantId, chatId, campaignId);
      const createdAt = this.clock.now();
      const row = { tenantId, clickId, chatId, campaignId, source: 'issued', issueKey, createdAt } as const;
      if ((await this.store.insert([row])).length === 1) {
        await this.announcements.announce([{ tenantId, clickId }]);
        return { clickId };
      }
    }
    throw new Error(
      `No click id could be issued in ${ATTEMPTS} attempts: its issue key belongs to another chat's click.`,
    );
  }

  /**
   * Makes click ids of the host or of another tracker known, up to 1,000 in a call, and judges the postbacks that
   * waited for them. A click is never moved: one that another chat has is among `conflicts`, one that this chat has
   * is `alreadyKnown` and keeps its campaign. Of an id repeated within one call the first counts. Calling it again is
   * harmless and mends a call that broke off.
   *
   * @throws TrackerError `validation_failed` where an id is empty, over 255 characters or holds NUL; nothing is stored
   */
  async register(
    clicks: NamedClick | { readonly clicks: readonly NamedClick[] },
    scope: TrackerScope = {},
  ): Promise<RegisteredClicks> {
    const several = 'clicks' in clicks;
    const sent = several ? clicks.clicks : [clicks];
    checkClicks(sent, (index) => (several ? `clicks.${index}.` : ''));
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;

    const first = new Map<string, NamedClick>();
    for (const click of sent) if (!first.has(click.clickId)) first.set(click.clickId, click);
    const inserted = await this.insertNamed(tenantId, [...first.values()]);
    const known = await this.store.chatsOf(
      tenantId,
      [...first.keys()].filter((clickId) => !inserted.has(clickId)),
    );

    const conflicts = new Set<string>();
    let alreadyKnown = 0;
    for (const click of sent) {
      const { clickId, chatId } = click;
      if (inserted.has(clickId) && first.get(clickId) === click) continue;
      const owner = inserted.has(clickId) ? first.get(clickId)?.chatId : known.get(clickId);
      if (owner === chatId) alreadyKnown += 1;
      else conflicts.add(clickId);
    }
    const toAnnounce = [...inserted, ...[...known.keys()].filter((clickId) => !conflicts.has(clickId))];
    const rejudged = await this.announcements.announce(toAnnounce.map((clickId) => ({ tenantId, clickId })));
    return { registered: inserted.size, alreadyKnown, conflicts: [...conflicts], rejudged };
  }

  /** The click with exactly this id, or null. */
  async find(clickId: string, scope: TrackerScope = {}): Promise<TrackerClickView | null> {
    if (idProblem(clickId) !== null) return null;
    const click = await this.store.find(scope.tenantId ?? DEFAULT_TENANT, clickId);
    if (click === null) return null;
    const { chatId, campaignId, source, test, createdAt, erasedAt } = click;
    return {
      clickId: click.clickId,
      chatId: erasedAt === null ? chatId : null,
      campaignId,
      source,
      test,
      createdAt: createdAt.toISOString(),
      erasedAt: erasedAt?.toISOString() ?? null,
    };
  }

  /**
   * For two chats that turned out to be one lead: clicks, conversions and postbacks of the one become the other's. No
   * event is emitted again, and events that wait for a handler keep the chat they were recorded for. Afterwards
   * {@link issue} answers the newest id of both for the chat that stays. Calling it again is harmless.
   *
   * @returns how many rows were moved; zeros where the chat has no clicks
   * @throws TrackerError `validation_failed` where an id is empty, over 255 characters or holds NUL, or both are the same
   */
  async reassign(chats: MergedChats, scope: TrackerScope = {}): Promise<ReassignedChat> {
    checkMerge(chats);
    return this.merger.merge(chats, scope);
  }

  /**
   * Judges the postbacks that wait for these clicks, at once. For hosts with a `ClickResolver`, whose new clicks do not
   * pass through {@link register}.
   *
   * @returns how many postbacks were judged
   */
  async announce(
    clickIds: readonly string[],
    scope: TrackerScope = {},
  ): Promise<{ readonly rejudged: number }> {
    checkClickIds(clickIds);
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const clicks = [...new Set(clickIds)].map((clickId) => ({ tenantId, clickId }));
    let rejudged = 0;
    for (let start = 0; start < clicks.length; start += MAX_CLICKS) {
      rejudged += await this.announcements.announce(clicks.slice(start, start + MAX_CLICKS));
    }
    return { rejudged };
  }

  private async insertNamed(tenantId: string, clicks: readonly NamedClick[]): Promise<ReadonlySet<string>> {
    if (clicks.length === 0) return new Set();
    const createdAt = this.clock.now();
    const inserted = await this.store.insert(
      clicks.map(({ clickId, chatId, campaignId = null }) => ({
        tenantId,
        clickId,
        chatId,
        campaignId,
        source: 'registered',
        issueKey: null,
        createdAt,
      })),
    );
    return new Set(inserted.map(({ clickId }) => clickId));
  }
}
