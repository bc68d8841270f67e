import { type PostgresDatabase } from './postgres.server';
import { type LogHost, type Statement } from './log.host';
import { median } from './statistics';

/** Milliseconds that a page of the log may take with any filter but `q`. */
export const FILTER_FLOOR_MS = 50;
const REPEATS = 7;

/** One filter's page, measured over HTTP. */
export interface FilterTime {
  readonly name: string;
  readonly items: number;
  readonly median: number;
  readonly slowest: number;
  /** Whether the floor holds for it; `q` reads the URLs of a week. */
  readonly bound: boolean;
  /** The top of its plan, from the outside inwards. */
  readonly plan: string;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** The queries to measure; rare, frequent and old matches, pages far down, and some combinations. */
export function filterQueries(integrationIds: readonly string[], tid: string): ReadonlyMap<string, string> {
  const [rare = '', busy = ''] = integrationIds;
  const day = (ago: number): string => new Date(Date.now() - ago * 86_400_000).toISOString();
  const old = Buffer.from(
    `${(Date.now() - 60 * 86_400_000)
      .toString(16)
      .padStart(12, '0')
      .replace(/^(.{8})/, '$1-')}-7000-8000-000000000000`,
  );
  const cursor = old.toString('base64url');
  return new Map([
    ['none', ''],
    ['none, far down', `cursor=${cursor}`],
    ['from, to', `from=${day(50)}&to=${day(49)}`],
    ['status=accepted', 'status=accepted'],
    ['status=rejected', 'status=rejected'],
    ['status=duplicate, far down', `status=duplicate&cursor=${cursor}`],
    ['status=unmatched', 'status=unmatched'],
    ['status=deferred', 'status=deferred'],
    ['code, old only', 'code=macro_unreplaced'],
    ['code, never', 'code=too_large'],
    ['code, two', 'code=judging_failed&code=secret_wrong'],
    ['event, rare', 'event=withdraw'],
    ['event, frequent', 'event=registration'],
    ['event, two', 'event=withdraw&event=nothing_like_it'],
    ['event, never', 'event=nothing_like_it'],
    ['integrationId, rare', `integrationId=${rare}`],
    ['integrationId, busy', `integrationId=${busy}`],
    ['network, rare', 'network=binomo'],
    ['network, busy', 'network=1win'],
    ['clickId', 'clickId=click4711'],
    ['clickId, never', 'clickId=nobody'],
    ['tid', `tid=${tid}`],
    ['tid, never', 'tid=none'],
    ['chatId', 'chatId=chat-4711'],
    ['chatId, never', 'chatId=nobody'],
    ['test', 'test=true'],
    ['status, event', 'status=rejected&event=sale'],
    ['status, event, integrationId', `status=rejected&event=sale&integrationId=${rare}`],
    ['integrationId, event', `integrationId=${busy}&event=withdraw`],
    ['event, from, to', `event=resale&from=${day(80)}&to=${day(70)}`],
    ['network, status', 'network=binomo&status=quarantined'],
    ['q, found', 'q=partner%3Da7%26'],
    ['q, nowhere', 'q=nothing+like+it'],
  ]);
}

export async function measureFilter(
  host: LogHost,
  database: PostgresDatabase,
  name: string,
  query: string,
): Promise<FilterTime> {
  const times: number[] = [];
  let items = 0;
  host.taken();
  for (let n = 0; n < REPEATS; n += 1) {
    const start = performance.now();
    const response = await fetch(`${host.url}postbacks?${query}`);
    const page = (await response.json()) as { readonly items?: readonly unknown[] };
    if (!response.ok || page.items === undefined) throw new Error(`${name}: ${JSON.stringify(page)}`);
    times.push(performance.now() - start);
    items = page.items.length;
  }
  // The first one may wait for pages of the file; it is counted among the others.
  return {
    name,
    items,
    median: median(times),
    slowest: Math.max(...times),
    bound: !query.startsWith('q='),
    plan: await planOf(database, host.taken().at(-1)),
  };
}

async function planOf(database: PostgresDatabase, statement: Statement | undefined): Promise<string> {
  if (statement === undefined) return '(no statement)';
  const [row] = await database.rows<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.sql}`,
    statement.parameters,
  );
  const plan = row?.['QUERY PLAN'][0].Plan;
  return plan === undefined ? '' : nodes(plan).slice(0, 7).join(' < ');
}

function nodes(node: PlanNode): readonly string[] {
  const { 'Node Type': type, 'Index Name': index, 'Actual Rows': rows, Plans: below = [] } = node;
  const own = `${type}${index === undefined ? '' : ` ${index}`} (${rows ?? '?'})`;
  return [own, ...below.flatMap(nodes)];
}
