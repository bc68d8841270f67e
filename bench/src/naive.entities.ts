import { Column, CreateDateColumn, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** The tables of the contestant that people write by hand: the same facts, the usual TypeORM way. */
@Entity({ name: 'naive_clicks' })
@Index(['clickId'], { unique: true })
export class NaiveClick {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 255 })
  clickId!: string;

  @Column('varchar', { length: 255 })
  chatId!: string;
}

@Entity({ name: 'naive_postbacks' })
export class NaivePostback {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 255 })
  @Index()
  clickId!: string;

  @Column('varchar', { length: 64 })
  event!: string;

  @Column('text')
  target!: string;

  @Column('varchar', { length: 16 })
  status!: string;

  @CreateDateColumn()
  receivedAt!: Date;
}

@Entity({ name: 'naive_conversions' })
@Index(['clickId', 'event', 'tid'], { unique: true })
export class NaiveConversion {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('integer')
  postbackId!: number;

  @Column('varchar', { length: 255 })
  clickId!: string;

  @Column('varchar', { length: 255 })
  @Index()
  chatId!: string;

  @Column('varchar', { length: 64 })
  event!: string;

  @Column('varchar', { length: 255 })
  tid!: string;

  @Column('numeric', { precision: 18, scale: 2 })
  cost!: string;

  @Column('varchar', { length: 12 })
  currency!: string;

  @CreateDateColumn()
  createdAt!: Date;
}

@Entity({ name: 'naive_events' })
export class NaiveEvent {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 64 })
  name!: string;

  @Column('uuid')
  @Index()
  conversionId!: string;

  @Column('simple-json')
  payload!: object;

  @CreateDateColumn()
  createdAt!: Date;
}

@Entity({ name: 'naive_field_values' })
export class NaiveFieldValue {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('uuid')
  @Index()
  conversionId!: string;

  @Column('varchar', { length: 64 })
  name!: string;

  @Column('text')
  value!: string;
}

export const NAIVE_ENTITIES = [
  NaiveClick,
  NaivePostback,
  NaiveConversion,
  NaiveEvent,
  NaiveFieldValue,
] as const;
