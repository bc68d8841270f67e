import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { ChatField } from './chat-field.entity';

@Injectable()
export class CustomFieldsService {
  async of(manager: EntityManager, chatId: string): Promise<Record<string, string>> {
    const rows = await manager.find(ChatField, { where: { chatId }, order: { key: 'ASC' } });
    return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  }

  /** Within the caller's transaction. What a later postback reported stays. */
  async write(
    manager: EntityManager,
    chatId: string,
    values: Readonly<Record<string, string>>,
    reportedAt: Date,
  ): Promise<void> {
    const keys = Object.keys(values);
    if (keys.length === 0) return;
    await manager.query(
      `INSERT INTO chat_fields (chat_id, key, value, reported_at)
       SELECT $1, field.key, field.value, $4 FROM unnest($2::text[], $3::text[]) AS field (key, value)
       ON CONFLICT (chat_id, key) DO UPDATE SET value = excluded.value, reported_at = excluded.reported_at
       WHERE chat_fields.reported_at <= excluded.reported_at`,
      [chatId, keys, Object.values(values), reportedAt],
    );
  }
}
