import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ChatRows, type ChatMove } from '../clicks/chat-rows';
import { TrackerConversion } from '../conversions/conversion.entity';
import { jsonParameter } from '../database/json-parameter';
import { tableName } from '../database/table-name';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { TrackerPostback } from './postback.entity';

/** Conversions and postbacks of clicks that have come to another chat. */
@Injectable()
export class ChatRowsStore extends ChatRows {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {
    super();
  }

  override async move(
    manager: EntityManager,
    { tenantId, toChatId, clicks }: ChatMove,
  ): Promise<{ readonly conversions: number; readonly postbacks: number }> {
    // TypeORM answers [rows, count] to an UPDATE.
    const [, conversions] = await manager.query<[unknown, number]>(
      `UPDATE ${tableName(this.dataSource, TrackerConversion)} SET chat_id = $1
       WHERE click_seq IN (SELECT value::bigint FROM json_array_elements_text($2::json))`,
      [toChatId, JSON.stringify(clicks.map(({ seq }) => seq))],
    );
    // Rows without a chat are of nobody's chat still, whatever click id they name.
    const [, postbacks] = await manager.query<[unknown, number]>(
      `UPDATE ${tableName(this.dataSource, TrackerPostback)} SET chat_id = $1
       WHERE tenant_id = $2 AND chat_id IS NOT NULL
         AND click_id IN (SELECT value FROM json_array_elements_text($3::json))`,
      [toChatId, tenantId, jsonParameter(clicks.map(({ clickId }) => clickId))],
    );
    return { conversions, postbacks };
  }
}
