import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** How far a lead has come on his own; deposits stand above all of these. */
export const MILESTONES = ['new', 'registered', 'confirmed'] as const;
export type Milestone = (typeof MILESTONES)[number];
export type ChatStatus = Milestone | 'depositor';

/** A conversation with one lead. */
@Entity({ name: 'chats' })
export class Chat {
  @PrimaryGeneratedColumn('uuid', { name: 'id' })
  id!: string;

  @Column('varchar', { name: 'name', length: 255, nullable: true })
  name!: string | null;

  @Column('varchar', { name: 'status', length: 16, default: 'new' })
  status!: ChatStatus;

  /** Where the status falls back to when the last open deposit is taken back. */
  @Column('varchar', { name: 'milestone', length: 16, default: 'new' })
  milestone!: Milestone;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
