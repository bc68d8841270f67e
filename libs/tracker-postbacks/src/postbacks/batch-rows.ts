import { type Reading } from '../rules/reading';
import { shortened } from '../rules/text.rule';
import { type PlannedCase, type PlannedEvent } from './planned-case';
import { type ReadCase } from './postback-case';
import { NOTHING_PERSONAL } from './postback-eraser';
import { type EventRow, type LoadedClick, type PostbackRow } from './postback-store.types';

/** How long an unmatched postback waits for its click. */
export const PARKING_MS = 30 * 24 * 3600 * 1000;

/** Judged weeks after it came, as a parked one may be: 25 days are more milliseconds than the column holds. */
const MAX_INTEGER = 2 ** 31 - 1;

const FIRST_ASK_MS = 10_000;
const LAST_ASK_MS = 3_600_000;

/** A resolver is asked again after 10 s, then at growing intervals up to an hour. */
function resolverDelay(attempts: number): number {
  return Math.min(LAST_ASK_MS, FIRST_ASK_MS * 2 ** Math.min(attempts, 20));
}

/**
 * The row of a judged case.
 *
 * @param asksResolver an unknown click is asked for again
 */
export function judgedRow(
  { read, lane, outcome }: PlannedCase,
  click: LoadedClick | null,
  now: number,
  asksResolver = false,
): PostbackRow {
  if (outcome.kind !== 'judged') throw new TypeError('Only a judged case has a row.');
  const { reading } = read;
  const clickReading = reading?.clickId;
  const waits = outcome.code === 'click_unknown' || outcome.code === 'nothing_to_reverse';
  const parkedUntil = waits ? read.case.receivedAt + PARKING_MS : null;
  const isAskedAgain = asksResolver && outcome.code === 'click_unknown' && now < (parkedUntil ?? 0);
  const row = rawRow(read);
  row.status = outcome.status;
  row.code = outcome.code;
  row.message_args = outcome.args === undefined ? null : JSON.stringify(outcome.args);
  row.message_parameter = shortened(outcome.parameter);
  row.warnings = outcome.warnings.length === 0 ? null : JSON.stringify(outcome.warnings);
  row.event = outcome.event;
  row.reported_event = reading === null ? null : shortened(wordOf(reading.event));
  row.click_id = click?.clickId ?? (clickReading?.kind === 'value' ? clickReading.value : null);
  row.click_seq = click?.seq ?? null;
  row.chat_id = click?.chatId ?? null;
  row.tid = shortened(reading?.tid ?? null);
  row.cost = reading?.cost ?? null;
  row.currency = reading?.currency ?? null;
  row.conversion_id = outcome.conversionId;
  row.judged_at = now;
  row.duration_ms = Math.min(MAX_INTEGER, Math.max(0, now - read.case.receivedAt));
  row.test = read.case.test || (click?.test ?? false);
  row.parked_until = parkedUntil;
  row.retry_in = isAskedAgain ? resolverDelay(read.case.attempts) : null;
  row.attempts = read.case.attempts + (isAskedAgain ? 1 : 0);
  row.lane = lane;
  // What comes late for an erased click must not bring back what was erased.
  return click?.erased === true ? { ...row, ...NOTHING_PERSONAL, erased_at: now } : row;
}

/** A row that is still being filled in: in place, because copying forty properties takes longer than judging. */
type DraftRow = { -readonly [Column in keyof PostbackRow]: PostbackRow[Column] };

/** The row of a case about which nothing is known but what arrived. */
export function rawRow({ case: arrived, integration }: ReadCase): DraftRow {
  const { request } = arrived;
  return {
    expected: arrived.storedAs,
    id: arrived.id,
    tenant_id: integration.tenantId,
    integration_id: integration.id,
    status: 'deferred',
    code: 'judging_failed',
    message_args: null,
    message_parameter: null,
    warnings: null,
    event: null,
    reported_event: null,
    click_id: null,
    click_seq: null,
    chat_id: null,
    tid: null,
    cost: null,
    currency: null,
    conversion_id: null,
    method: arrived.method,
    target: request.target,
    path_event: shortened(request.pathEvent),
    body_type: request.body?.type ?? null,
    body: request.body === null ? null : JSON.stringify(request.body.text),
    raw_sha256: arrived.rawSha256,
    address: arrived.address,
    forwarded_for: arrived.forwardedFor,
    admission: arrived.admission,
    received_at: arrived.receivedAt,
    judged_at: null,
    duration_ms: null,
    erased_at: null,
    test: arrived.test,
    parked_until: null,
    retry_in: null,
    attempts: arrived.attempts,
    lane: null,
  };
}

/** A row that changes nothing about its click was not written: the click has been erased or has come to another chat. */
export function isLeftOut({ lane, click_seq, erased_at }: PostbackRow, kept: ReadonlySet<string>): boolean {
  return lane === null && click_seq !== null && erased_at === null && !kept.has(click_seq);
}

/** The row of an event. */
export function eventRow(
  { id, name, payload }: PlannedEvent,
  lane: string | null,
  { integration }: ReadCase,
  now: number,
  n: number,
): EventRow {
  return {
    id,
    tenant_id: integration.tenantId,
    name,
    ordinal: payload.ordinal,
    click_seq: lane,
    conversion_id: payload.conversionId,
    postback_id: payload.postbackId,
    payload: JSON.stringify(payload),
    created_at: now,
    lane,
    n,
  };
}

/** The event word of a reading, where it has one. */
export function wordOf(event: Reading['event']): string | null {
  return 'word' in event ? event.word : null;
}
