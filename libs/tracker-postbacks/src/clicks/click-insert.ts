import { isDuplicateKey } from '../database/database-error';
import { type DatabaseEngine } from '../database/engine';
import { jsonParameter } from '../database/json-parameter';
import { type ClickSource } from './click.entity';

/** A click as it is inserted; times in milliseconds since the epoch. */
export interface NewClick {
  readonly tenantId: string;
  readonly clickId: string;
  readonly chatId: string;
  readonly campaignId: string | null;
  readonly source: ClickSource;
  readonly issueKey: string | null;
  readonly createdAt: number;
  readonly erasedAt?: number;
}

/** What names a click. */
export type ClickName = Pick<NewClick, 'tenantId' | 'clickId'>;

/** Sends one statement; its parameters are `$1` … on PostgreSQL, `?` elsewhere. */
export type Send = (sql: string, parameters: unknown[]) => Promise<readonly unknown[]>;

/** Looks at what is there already, before the clicks are tried one by one. */
const ROUNDS = 3;

const VALUES: readonly (readonly [column: string, value: (click: NewClick) => string | number | null])[] = [
  ['tenant_id', ({ tenantId }) => tenantId],
  ['click_id', ({ clickId }) => clickId],
  ['chat_id', ({ chatId }) => chatId],
  ['campaign_id', ({ campaignId }) => campaignId],
  ['source', ({ source }) => source],
  ['issue_key', ({ issueKey }) => issueKey],
  ['created_at', ({ createdAt }) => createdAt],
  ['erased_at', ({ erasedAt = null }) => erasedAt],
  ['test', ({ source }) => Number(source === 'test')],
];
const COLUMNS = VALUES.map(([column]) => column).join(', ');

/**
 * Inserts the clicks whose id and issue key are both new, and answers which. At most a thousand at once.
 *
 * @param table its name as SQL has it
 */
export async function insertClicks(
  engine: DatabaseEngine,
  table: string,
  clicks: readonly NewClick[],
  send: Send,
): Promise<readonly ClickName[]> {
  if (clicks.length === 0) return [];
  // One order for all writers: two batches with the same ids in opposite order would wait for each other.
  const sorted = [...clicks].sort((a, b) => order(a.tenantId, b.tenantId) || order(a.clickId, b.clickId));
  switch (engine) {
    case 'postgres':
      return named(
        await send(
          `INSERT INTO ${table} (${COLUMNS})
           SELECT tenant_id, click_id, chat_id, campaign_id, source, issue_key, created_at, erased_at, test = 1
           FROM json_to_recordset($1::json) AS x(tenant_id text, click_id text, chat_id text, campaign_id text,
             source text, issue_key text, created_at bigint, erased_at bigint, test integer)
           ON CONFLICT DO NOTHING
           RETURNING tenant_id, click_id`,
          [jsonParameter(sorted.map(rowOf))],
        ),
      );
    case 'sqlite': {
      const [sql, parameters] = plainInsert(table, sorted);
      return named(await send(`${sql} ON CONFLICT DO NOTHING RETURNING tenant_id, click_id`, parameters));
    }
    case 'mysql':
      return insertPlainly(table, sorted, send);
  }
}

/**
 * MySQL cannot leave out what is there already: INSERT IGNORE cuts values to length as well, and says 1 for a row that it
 * ignored. So all of them go in or none, and those that were in the way are taken out.
 */
async function insertPlainly(
  table: string,
  clicks: readonly NewClick[],
  send: Send,
): Promise<readonly ClickName[]> {
  let open = clicks;
  for (let round = 0; round < ROUNDS && open.length > 0; round += 1) {
    try {
      await send(...plainInsert(table, open));
      return open;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      if (open.length === 1) return [];
      open = await unknown(table, open, send);
    }
  }
  const inserted: ClickName[] = [];
  for (const click of open) inserted.push(...(await insertPlainly(table, [click], send)));
  return inserted;
}

async function unknown(table: string, clicks: readonly NewClick[], send: Send): Promise<readonly NewClick[]> {
  const tenants = [...new Set(clicks.map(({ tenantId }) => tenantId))];
  const looks = tenants.map((tenantId) => ({
    where: 'tenant_id = ? AND click_id',
    before: [tenantId],
    values: clicks.flatMap((click) => (click.tenantId === tenantId ? click.clickId : [])),
  }));
  const keys = clicks.flatMap(({ issueKey }) => issueKey ?? []);
  if (keys.length > 0) looks.push({ where: 'issue_key', before: [], values: keys });
  const rows = await send(
    looks
      .map(
        ({ where, values }) =>
          `SELECT tenant_id, click_id, issue_key FROM ${table} WHERE ${where} IN (${marks(values.length)})`,
      )
      .join(' UNION ALL '),
    looks.flatMap(({ before, values }) => [...before, ...values]),
  );
  const names = new Set(named(rows).map(keyOf));
  const issued = new Set(
    (rows as readonly { readonly issue_key: string | null }[]).map((row) => row.issue_key),
  );
  return clicks.filter(
    (click) => !names.has(keyOf(click)) && (click.issueKey === null || !issued.has(click.issueKey)),
  );
}

function plainInsert(table: string, clicks: readonly NewClick[]): [sql: string, parameters: unknown[]] {
  const rows = clicks.map(() => `(${marks(VALUES.length)})`);
  return [
    `INSERT INTO ${table} (${COLUMNS}) VALUES ${rows.join(', ')}`,
    clicks.flatMap((click) => VALUES.map(([, value]) => value(click))),
  ];
}

function rowOf(click: NewClick): Readonly<Record<string, string | number | null>> {
  return Object.fromEntries(VALUES.map(([column, value]) => [column, value(click)]));
}

function named(rows: readonly unknown[]): readonly ClickName[] {
  return (rows as readonly { readonly tenant_id: string; readonly click_id: string }[]).map(
    ({ tenant_id: tenantId, click_id: clickId }) => ({ tenantId, clickId }),
  );
}

function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}

function keyOf({ tenantId, clickId }: ClickName): string {
  return JSON.stringify([tenantId, clickId]);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
