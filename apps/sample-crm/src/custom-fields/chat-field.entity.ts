import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A custom field of a lead, as the network last reported it. */
@Entity({ name: 'chat_fields' })
export class ChatField {
  @PrimaryColumn('uuid', { name: 'chat_id' })
  chatId!: string;

  @PrimaryColumn('varchar', { name: 'key', length: 64 })
  key!: string;

  @Column('text', { name: 'value' })
  value!: string;

  @Column('timestamptz', { name: 'reported_at' })
  reportedAt!: Date;
}
