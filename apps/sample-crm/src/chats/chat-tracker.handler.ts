import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { isUUID } from 'class-validator';
import {
  type AnyTrackerEvent,
  OnTrackerEvent,
  TrackerAmendedEvent,
  TrackerFieldsEvent,
  TrackerReinstatedEvent,
  TrackerReversalEvent,
  TrackerUnmatchedEvent,
} from 'nestjs-tracker-postbacks';
import { DataSource, type EntityManager } from 'typeorm';
import { CustomFieldsService } from '../custom-fields/custom-fields.service';
import { Chat, type Milestone, MILESTONES } from './chat.entity';
import { type ChatEvent } from './chat.event';
import { bookDeposit, depositTotals } from './deposit.ledger';
import { historyText } from './history.text';

const DEPOSITS: readonly string[] = ['sale', 'resale'];
const MILESTONE_OF: ReadonlyMap<string, Milestone> = new Map([
  ['registration', 'registered'],
  ['conf', 'confirmed'],
]);

/**
 * Brings what networks report into the chats. One handler for every event, because events of one click come in order
 * per handler: a reversal must not overtake its sale.
 */
@Injectable()
export class ChatTrackerHandler {
  private readonly logger = new Logger(ChatTrackerHandler.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly customFields: CustomFieldsService,
  ) {}

  @OnTrackerEvent('*', { name: 'chats' })
  async apply(event: AnyTrackerEvent): Promise<void> {
    if (event instanceof TrackerUnmatchedEvent) return;
    await this.dataSource.transaction(async (manager) => {
      const chat = await lockChat(manager, event.chatId);
      if (chat === null) {
        // Throwing would only retry: a chat that is gone does not come back.
        this.logger.warn(`${event.name} ${event.id} is for the chat ${event.chatId}, which does not exist.`);
        return;
      }
      if (!(await addHistory(manager, chat, event))) return;
      await this.writeFields(manager, chat, event);
      await book(manager, chat, event);
      await updateStatus(manager, chat, event);
    });
  }

  private async writeFields(manager: EntityManager, chat: Chat, event: ChatEvent): Promise<void> {
    if (event instanceof TrackerReversalEvent) return;
    const { fields } = event instanceof TrackerAmendedEvent ? event.after : event;
    await this.customFields.write(manager, chat.id, fields, event.receivedAt);
  }
}

/** Two clicks of one chat are handled side by side; the lock puts them in a row. */
function lockChat(manager: EntityManager, id: string): Promise<Chat | null> {
  if (!isUUID(id)) return Promise.resolve(null);
  return manager.findOne(Chat, { where: { id }, lock: { mode: 'pessimistic_write' } });
}

/** @returns false when this event has been applied before: handlers are called at least once */
async function addHistory(manager: EntityManager, chat: Chat, event: ChatEvent): Promise<boolean> {
  const added: unknown[] = await manager.query(
    `INSERT INTO chat_history (chat_id, event_id, type, text, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (event_id) DO NOTHING RETURNING id`,
    [chat.id, event.id, event.name, historyText(event), event.receivedAt],
  );
  return added.length === 1;
}

async function book(manager: EntityManager, chat: Chat, event: ChatEvent): Promise<void> {
  if (event instanceof TrackerFieldsEvent || !DEPOSITS.includes(event.event)) return;
  const { cost, currency } = event instanceof TrackerAmendedEvent ? event.after : event;
  const entry = { conversionId: event.conversionId, chatId: chat.id, amount: cost, currency };
  if (event instanceof TrackerReversalEvent) await bookDeposit(manager, 'takenBack', entry);
  else if (event instanceof TrackerReinstatedEvent) await bookDeposit(manager, 'reinstated', entry);
  else if (event instanceof TrackerAmendedEvent) await bookDeposit(manager, 'amended', entry);
  else await bookDeposit(manager, 'made', entry);
}

async function updateStatus(manager: EntityManager, chat: Chat, event: ChatEvent): Promise<void> {
  const reached = MILESTONE_OF.get(event.name) ?? 'new';
  const milestone =
    MILESTONES.indexOf(reached) > MILESTONES.indexOf(chat.milestone) ? reached : chat.milestone;
  const { deposits } = await depositTotals(manager, chat.id);
  await manager.update(Chat, { id: chat.id }, { milestone, status: deposits > 0 ? 'depositor' : milestone });
}
