import { type AppKind } from './app.types';
import { type BenchEngine } from './bench.options';
import { TRANSACTION_PREFIX } from './postback.address';

/** What the bench asks of a contestant's tables. */
export interface ContestantSql {
  /** Registers so many clicks. */
  readonly clicks: (count: number) => string;
  /** Conversions by their numbers: from, up to but without, and without some. */
  readonly stored: (from: number, to: number, without: readonly number[]) => string;
  /** After the clicks were made. */
  readonly settle: readonly string[];
}

interface Dialect {
  /** Rows with a column `n`: 0, 1, 2 … */
  readonly numbers: (count: number) => string;
  /** Of click `n`, as long as issued ids. */
  readonly clickId: string;
  readonly chatId: string;
  readonly whole: string;
  readonly quote: string;
}

const DIALECTS: Readonly<Record<BenchEngine, Dialect>> = {
  postgres: {
    numbers: (count) => `generate_series(0, ${count - 1}) AS numbers(n)`,
    clickId: `'k' || lpad(n::text, 11, '0')`,
    chatId: `'chat-' || n`,
    whole: 'bigint',
    quote: '"',
  },
  mysql: {
    numbers: (count) =>
      `(SELECT place - 1 AS n FROM JSON_TABLE(concat('[', repeat('0,', ${count - 1}), '0]'), '$[*]'
        COLUMNS (place FOR ORDINALITY)) places) numbers`,
    clickId: `concat('k', lpad(n, 11, '0'))`,
    chatId: `concat('chat-', n)`,
    whole: 'signed',
    quote: '`',
  },
  sqlite: {
    numbers: (count) =>
      `(WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n < ${count - 1}) SELECT n FROM up)`,
    clickId: `printf('k%011d', n)`,
    chatId: `'chat-' || n`,
    whole: 'integer',
    quote: '"',
  },
};

const SETTLE: Readonly<Record<BenchEngine, readonly string[]>> = {
  postgres: ['VACUUM ANALYZE'],
  mysql: [],
  sqlite: ['ANALYZE', 'PRAGMA wal_checkpoint(TRUNCATE)'],
};

/** Undefined for contestants that store nothing. */
export function contestantSql(kind: AppKind, engine: BenchEngine): ContestantSql | undefined {
  const { numbers, clickId, chatId, whole, quote } = DIALECTS[engine];
  const stored =
    (table: string): ContestantSql['stored'] =>
    (from, to, without) =>
      `SELECT count(*) FROM (SELECT cast(substr(tid, ${TRANSACTION_PREFIX.length + 1}) AS ${whole}) AS n FROM ${table}) stored
       WHERE n >= ${from} AND n < ${to}${without.length === 0 ? '' : ` AND n NOT IN (${without.join(', ')})`}`;
  switch (kind) {
    case 'naive':
      return {
        clicks: (count) => `INSERT INTO naive_clicks (${quote}clickId${quote}, ${quote}chatId${quote})
          SELECT ${clickId}, ${chatId} FROM ${numbers(count)}`,
        stored: stored('naive_conversions'),
        settle: SETTLE[engine],
      };
    case 'ours':
    case 'handled':
      return {
        clicks: (count) => `INSERT INTO tracker_clicks (tenant_id, click_id, chat_id, source, created_at)
          SELECT 'default', ${clickId}, ${chatId}, 'registered', ${Date.now()} FROM ${numbers(count)}`,
        stored: stored('tracker_conversions'),
        settle: SETTLE[engine],
      };
    default:
      return undefined;
  }
}
