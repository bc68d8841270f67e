import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { TrackerAudit } from '../audit/audit.service';
import { portions } from '../database/portions';
import { lockingRows } from '../database/row-lock';
import { TrackerDatabase } from '../database/tracker-database';
import { withoutConflict } from '../database/without-conflict';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerScope } from '../tracker-postbacks.options';
import { ChatRows } from './chat-rows';
import { TrackerClick } from './click.entity';
import { type ReassignedChat } from './clicks.dto';

/** Two chats of the host that turned out to be one lead. */
export interface MergedChats {
  /** The chat that goes. */
  readonly fromChatId: string;
  /** The chat that stays. */
  readonly toChatId: string;
}

/** Moves everything of one chat to another. */
@Injectable()
export class ChatMerge {
  constructor(
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(ChatRows) private readonly rows: ChatRows,
    @Inject(TrackerAudit) private readonly audit: TrackerAudit,
  ) {}

  merge(chats: MergedChats, scope: TrackerScope): Promise<ReassignedChat> {
    return withoutConflict(() => this.database.transaction((manager) => this.move(manager, chats, scope)));
  }

  private async move(
    manager: EntityManager,
    { fromChatId, toChatId }: MergedChats,
    scope: TrackerScope,
  ): Promise<ReassignedChat> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    // Locked before anything is counted: a batch that is being written for one of them is waited for and then seen.
    const clicks = await lockingRows(
      this.database.engine,
      manager
        .createQueryBuilder(TrackerClick, 'click')
        .select(['click.seq', 'click.clickId'])
        .where('click.tenantId = :tenantId AND click.chatId = :fromChatId', { tenantId, fromChatId })
        .orderBy('click.seq'),
    ).getMany();
    if (clicks.length === 0) return { clicks: 0, conversions: 0, postbacks: 0 };
    // The revision makes batches lose that were judged for the old chat. The key says "the one id of the old chat":
    // it would keep that chat from ever getting another, and the chat that stays finds its clicks without it.
    const changed = { chatId: toChatId, issueKey: null, revision: () => 'revision + 1' };
    for (const portion of portions(clicks)) {
      await manager.update(TrackerClick, { seq: In(portion.map(({ seq }) => seq)) }, changed);
    }
    const moved = await this.rows.move(manager, { tenantId, toChatId, clicks });
    const counts = { clicks: clicks.length, ...moved };
    const details = { fromChatId, ...counts };
    await this.audit.record({ action: 'chat.reassigned', subjectId: toChatId, details }, scope, manager);
    return counts;
  }
}
