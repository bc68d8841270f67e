import { type EntityManager } from 'typeorm';
import { type Balance } from './chat.dto';

/** A deposit as a tracker event tells of it. */
export interface DepositEntry {
  readonly conversionId: string;
  readonly chatId: string;
  readonly amount: string | null;
  readonly currency: string | null;
}

const COLUMNS = 'INSERT INTO chat_deposits (conversion_id, chat_id, amount, currency, open)';

const STATEMENTS = {
  // Nothing to do when the reversal was applied first (the sale had been parked and requeued).
  made: `${COLUMNS} VALUES ($1, $2, $3, $4, true) ON CONFLICT (conversion_id) DO NOTHING`,
  takenBack: `${COLUMNS} VALUES ($1, $2, $3, $4, false) ON CONFLICT (conversion_id) DO UPDATE SET open = false`,
  reinstated: `${COLUMNS} VALUES ($1, $2, $3, $4, true) ON CONFLICT (conversion_id)
    DO UPDATE SET open = true, amount = excluded.amount, currency = excluded.currency`,
  amended: `${COLUMNS} VALUES ($1, $2, $3, $4, true) ON CONFLICT (conversion_id)
    DO UPDATE SET amount = excluded.amount, currency = excluded.currency`,
} as const;

/** Within the caller's transaction, which holds the lock on the chat. */
export async function bookDeposit(
  manager: EntityManager,
  what: keyof typeof STATEMENTS,
  { conversionId, chatId, amount, currency }: DepositEntry,
): Promise<void> {
  await manager.query(STATEMENTS[what], [conversionId, chatId, amount, currency]);
}

/** Open deposits only; sums are PostgreSQL's `numeric`, so they are exact. */
export async function depositTotals(
  manager: EntityManager,
  chatId: string,
): Promise<{ deposits: number; balance: Balance[] }> {
  const rows: { currency: string | null; deposits: number; amount: string | null }[] = await manager.query(
    `SELECT currency, count(*)::int AS deposits, sum(amount)::text AS amount
     FROM chat_deposits WHERE chat_id = $1 AND open GROUP BY currency ORDER BY currency`,
    [chatId],
  );
  return {
    deposits: rows.reduce((total, row) => total + row.deposits, 0),
    balance: rows.flatMap(({ currency, amount }) => (amount === null ? [] : [{ currency, amount }])),
  };
}
