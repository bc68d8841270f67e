import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CustomFieldsService } from '../custom-fields/custom-fields.service';
import { type ChatView } from './chat.dto';
import { Chat } from './chat.entity';
import { ChatHistoryLine } from './chat-history.entity';
import { depositTotals } from './deposit.ledger';

@Injectable()
export class ChatsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly customFields: CustomFieldsService,
  ) {}

  create(name: string | null): Promise<Chat> {
    return this.dataSource.manager.save(Chat, { name });
  }

  /** The newest chat of that name, if any. */
  findByName(name: string): Promise<Chat | null> {
    return this.dataSource.manager.findOne(Chat, { where: { name }, order: { createdAt: 'DESC' } });
  }

  async get(id: string): Promise<ChatView> {
    // One snapshot: a reader who sees the history line of a sale sees the status that came with it.
    return await this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      const chat = await manager.findOne(Chat, { where: { id } });
      if (chat === null) throw new NotFoundException(`There is no chat ${id}.`);
      const history = await manager.find(ChatHistoryLine, {
        where: { chatId: chat.id },
        order: { at: 'ASC', id: 'ASC' },
      });
      return {
        id: chat.id,
        status: chat.status,
        customFields: await this.customFields.of(manager, chat.id),
        ...(await depositTotals(manager, chat.id)),
        history: history.map(({ at, type, text, eventId }) => ({
          at: at.toISOString(),
          type,
          text,
          eventId,
        })),
      };
    });
  }
}
