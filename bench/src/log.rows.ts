import { type PostgresDatabase } from './postgres.server';

const DAYS = 90;
const CLICKS = 200_000;
/** Rows of one statement. */
const CHUNK = 100_000;

/** Milliseconds between two rows, so that the log covers its days and ends now. */
const step = (rows: number): number => (DAYS * 24 * 3600 * 1000) / rows;
const hash = (salt: string): string => `('x' || substr(md5('${salt}' || n::text), 1, 7))::bit(28)::int`;
const share = (salt: string): string => `(${hash(salt)} % 100000) / 1000.0`;

/** A UUIDv7 of `at`. */
const ID = `(lpad(to_hex(at), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid`;

/** A log as a busy tenant has it: mostly accepted, a few of everything else, one code that occurred long ago only. */
export async function fillLog(
  database: PostgresDatabase,
  rows: number,
  integrationIds: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  await database.rows(`
    INSERT INTO tracker_clicks (tenant_id, click_id, chat_id, source, created_at)
    SELECT 'default', 'click' || n, 'chat-' || n / 2, 'issued', 1 FROM generate_series(0, ${CLICKS - 1}) n`);
  const start = Date.now() - DAYS * 24 * 3600 * 1000;
  for (let from = 0; from < rows; from += CHUNK) {
    await database.rows(chunkSql(from, Math.min(rows, from + CHUNK), rows, start, integrationIds));
    say(`  ${Math.min(rows, from + CHUNK)} rows`);
  }
  await database.rows(conversionsSql());
  for (const table of ['tracker_clicks', 'tracker_postbacks', 'tracker_conversions']) {
    await database.rows(`VACUUM ANALYZE ${table}`);
  }
}

function chunkSql(from: number, to: number, rows: number, start: number, ids: readonly string[]): string {
  const list = ids.map((id) => `'${id}'`).join(', ');
  return `
    INSERT INTO tracker_postbacks (id, tenant_id, integration_id, status, code, warnings, event, reported_event, click_id,
      click_seq, chat_id, tid, cost, currency, conversion_id, method, target, address, received_at, judged_at, duration_ms,
      test, parked_until)
    SELECT
      ${ID},
      'default', (ARRAY[${list}]::uuid[])[integration], status, code,
      CASE WHEN spread > 95 THEN '[{"code":"amount_missing","parameter":"tracker.cost"}]' END,
      event, event, 'click' || click, CASE WHEN status <> 'unmatched' THEN click + 1 END,
      CASE WHEN status NOT IN ('unmatched', 'rejected', 'quarantined') THEN 'chat-' || click / 2 END,
      CASE WHEN event IN ('sale', 'resale', 'withdraw') THEN 'tid-' || n END,
      CASE WHEN event IN ('sale', 'resale', 'withdraw') THEN (spread * 7 + 5)::numeric(12, 2)::text END,
      CASE WHEN event IN ('sale', 'resale', 'withdraw') THEN 'USD' END,
      CASE WHEN status = 'accepted' THEN ${ID} END,
      'GET',
      '/api/postbacks/' || (ARRAY[${list}])[integration] || '/tracker-postback?tracker.event=' || event ||
        '&clickid=click' || click || '&tracker.cost=12.50&tracker.currency=usd&tracker.tid=tid-' || n ||
        '&fields.user_id=' || n || '&country=PT&partner=a' || n % 977 || '&hash=' || md5(n::text),
      '203.0.113.' || n % 250, at, at + 4, 4, spread2 < 0.1,
      CASE WHEN status = 'unmatched' THEN at + 2592000000 END
    FROM (
      SELECT *, CASE
        WHEN code = 'ok' THEN 'accepted'
        WHEN code IN ('same_transaction', 'once_per_click', 'same_request') THEN 'duplicate'
        WHEN code IN ('click_unknown', 'click_missing', 'nothing_to_reverse') THEN 'unmatched'
        WHEN code IN ('event_ignored', 'campaign_mismatch') THEN 'ignored'
        WHEN code = 'judging_failed' THEN 'deferred'
        WHEN code = 'secret_wrong' THEN 'quarantined'
        ELSE 'rejected' END AS status
      FROM (
        SELECT n, ${start} + (n::bigint * ${step(rows)})::bigint AS at, ${hash('click')} % ${CLICKS} AS click,
          ${share('code')} AS spread, ${share('test')} AS spread2,
          -- The first of the integrations has a hundredth of the traffic, and is of another network.
          CASE WHEN ${share('g')} < 1 THEN 1 ELSE 2 + ${hash('i')} % ${ids.length - 1} END AS integration,
          CASE WHEN ${share('event')} < 55 THEN 'registration' WHEN ${share('event')} < 70 THEN 'conf'
            WHEN ${share('event')} < 90 THEN 'sale' WHEN ${share('event')} < 99.95 THEN 'resale'
            ELSE 'withdraw' END AS event,
          CASE WHEN n < ${rows} / 20 THEN 'macro_unreplaced'
            WHEN ${share('code')} < 86 THEN 'ok' WHEN ${share('code')} < 90 THEN 'same_transaction'
            WHEN ${share('code')} < 92 THEN 'once_per_click' WHEN ${share('code')} < 92.5 THEN 'same_request'
            WHEN ${share('code')} < 96.5 THEN 'click_unknown' WHEN ${share('code')} < 97 THEN 'click_missing'
            WHEN ${share('code')} < 97.05 THEN 'nothing_to_reverse' WHEN ${share('code')} < 98.5 THEN 'event_ignored'
            WHEN ${share('code')} < 98.6 THEN 'campaign_mismatch' WHEN ${share('code')} < 98.7 THEN 'judging_failed'
            WHEN ${share('code')} < 99 THEN 'secret_wrong' ELSE 'event_missing' END AS code
        FROM generate_series(${from}, ${to - 1}) n
      ) drawn
    ) judged`;
}

function conversionsSql(): string {
  return `
    INSERT INTO tracker_conversions (id, tenant_id, integration_id, click_seq, click_id, chat_id, event, reported_event,
      ordinal, tid, request_hash, cost, currency, cost_raw, received_at, postback_id)
    SELECT conversion_id, tenant_id, integration_id, click_seq, click_id, chat_id, event, event,
      row_number() OVER (PARTITION BY click_seq, integration_id, event ORDER BY id), tid, '', cost, currency, cost,
      received_at, id
    FROM tracker_postbacks WHERE status = 'accepted'`;
}
