import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerAudit } from '../audit/audit.service';
import { tableName } from '../database/table-name';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
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
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(ChatRows) private readonly rows: ChatRows,
    @Inject(TrackerAudit) private readonly audit: TrackerAudit,
  ) {}

  async merge({ fromChatId, toChatId }: MergedChats, scope: TrackerScope): Promise<ReassignedChat> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const table = tableName(this.dataSource, TrackerClick);
    return this.dataSource.transaction(async (manager) => {
      // Locked before anything is counted: a batch that is being written for one of them is waited for and then seen.
      const clicks: readonly { readonly seq: string; readonly clickId: string }[] = await manager.query(
        `SELECT seq::text AS seq, click_id AS "clickId" FROM ${table}
         WHERE tenant_id = $1 AND chat_id = $2 ORDER BY seq FOR UPDATE`,
        [tenantId, fromChatId],
      );
      if (clicks.length === 0) return { clicks: 0, conversions: 0, postbacks: 0 };
      // The revision makes batches lose that were judged for the old chat. The key says "the one id of the old chat":
      // it would keep that chat from ever getting another, and the chat that stays finds its clicks without it.
      await manager.query(
        `UPDATE ${table} SET chat_id = $1, issue_key = NULL, revision = revision + 1
         WHERE seq IN (SELECT value::bigint FROM json_array_elements_text($2::json))`,
        [toChatId, JSON.stringify(clicks.map(({ seq }) => seq))],
      );
      const moved = await this.rows.move(manager, { tenantId, toChatId, clicks });
      const counts = { clicks: clicks.length, ...moved };
      const details = { fromChatId, ...counts };
      await this.audit.record({ action: 'chat.reassigned', subjectId: toChatId, details }, scope, manager);
      return counts;
    });
  }
}
