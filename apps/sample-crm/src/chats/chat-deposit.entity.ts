import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One deposit of a lead. Counts and sums are read from these rows, so they cannot drift from them. */
@Entity({ name: 'chat_deposits' })
@Index('chat_deposits_chat', ['chatId'])
export class ChatDeposit {
  @PrimaryColumn('uuid', { name: 'conversion_id' })
  conversionId!: string;

  @Column('uuid', { name: 'chat_id' })
  chatId!: string;

  /** Exact: a `numeric` that travels as a string. */
  @Column('numeric', { name: 'amount', nullable: true })
  amount!: string | null;

  @Column('varchar', { name: 'currency', length: 12, nullable: true })
  currency!: string | null;

  /** False once the network has taken it back. */
  @Column('boolean', { name: 'open' })
  open!: boolean;
}
