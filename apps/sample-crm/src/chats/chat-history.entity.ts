import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A line of a chat's history, and the receipt for the tracker event that it tells of. */
@Entity({ name: 'chat_history' })
@Index('chat_history_event', ['eventId'], { unique: true })
@Index('chat_history_chat', ['chatId', 'at', 'id'])
export class ChatHistoryLine {
  @PrimaryGeneratedColumn({ name: 'id', type: 'bigint' })
  id!: string;

  @Column('uuid', { name: 'chat_id' })
  chatId!: string;

  /** The tracker event; unique, so that an event delivered twice is applied once. */
  @Column('uuid', { name: 'event_id' })
  eventId!: string;

  @Column('varchar', { name: 'type', length: 64 })
  type!: string;

  @Column('text', { name: 'text' })
  text!: string;

  @Column('timestamptz', { name: 'at' })
  at!: Date;
}
