import { type MigrationInterface, type QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE chats (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(255),
    status varchar(16) NOT NULL DEFAULT 'new',
    milestone varchar(16) NOT NULL DEFAULT 'new',
    created_at timestamptz NOT NULL DEFAULT now()
  )`,

  `CREATE TABLE chat_fields (
    chat_id uuid NOT NULL,
    key varchar(64) NOT NULL,
    value text NOT NULL,
    reported_at timestamptz NOT NULL,
    PRIMARY KEY (chat_id, key)
  )`,

  `CREATE TABLE chat_deposits (
    conversion_id uuid PRIMARY KEY,
    chat_id uuid NOT NULL,
    amount numeric,
    currency varchar(12),
    open boolean NOT NULL
  )`,
  `CREATE INDEX chat_deposits_chat ON chat_deposits (chat_id)`,

  `CREATE TABLE chat_history (
    id bigserial PRIMARY KEY,
    chat_id uuid NOT NULL,
    event_id uuid NOT NULL,
    type varchar(64) NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL
  )`,
  `CREATE UNIQUE INDEX chat_history_event ON chat_history (event_id)`,
  `CREATE INDEX chat_history_chat ON chat_history (chat_id, at, id)`,
];

/** The sample's own tables; the library brings the migrations of its own. */
export class CrmTables1795200000100 implements MigrationInterface {
  readonly name = 'CrmTables1795200000100';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE chat_history, chat_deposits, chat_fields, chats');
  }
}
