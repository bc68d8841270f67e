import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull, Not } from 'typeorm';
import { ChatRows, type ChatMove } from '../clicks/chat-rows';
import { TrackerConversion } from '../conversions/conversion.entity';
import { portions } from '../database/portions';
import { TrackerPostback } from './postback.entity';

/** Conversions and postbacks of clicks that have come to another chat. */
@Injectable()
export class ChatRowsStore extends ChatRows {
  override async move(
    manager: EntityManager,
    { tenantId, toChatId: chatId, clicks }: ChatMove,
  ): Promise<{ readonly conversions: number; readonly postbacks: number }> {
    const moved = { conversions: 0, postbacks: 0 };
    for (const portion of portions(clicks)) {
      const clickSeq = In(portion.map(({ seq }) => seq));
      moved.conversions += (await manager.update(TrackerConversion, { clickSeq }, { chatId })).affected ?? 0;
      // Rows without a chat are of nobody's chat still, whatever click id they name.
      const named = { tenantId, clickId: In(portion.map(({ clickId }) => clickId)), chatId: Not(IsNull()) };
      moved.postbacks += (await manager.update(TrackerPostback, named, { chatId })).affected ?? 0;
    }
    return moved;
  }
}
