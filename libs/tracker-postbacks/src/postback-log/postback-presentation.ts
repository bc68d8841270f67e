import { type TrackerDelivery } from '../events/delivery.entity';
import { type TrackerEventRow } from '../events/event.entity';
import { type TrackerPostback } from '../postbacks/postback.entity';
import { type Locale, messageOf } from '../rules/messages';
import { fullUrl } from './full-url';
import { type TrackerPostbackDetailView } from './postback-detail.dto';
import { type TrackerPostbackView } from './postback.dto';

/** The columns that a row of the list needs: bodies may be long and stand in the detail only. */
export const LISTED_COLUMNS = [
  'id',
  'integrationId',
  'status',
  'code',
  'messageArgs',
  'messageParameter',
  'warnings',
  'event',
  'reportedEvent',
  'clickId',
  'chatId',
  'tid',
  'cost',
  'currency',
  'conversionId',
  'method',
  'target',
  'address',
  'receivedAt',
  'judgedAt',
  'durationMs',
  'test',
  'parkedUntil',
] as const satisfies readonly (keyof TrackerPostback)[];

/** What a row does not know of itself. */
export interface Surroundings {
  readonly publicUrl: string;
  readonly locale: Locale;
  readonly network: string | null;
}

export function postbackDto(
  row: Pick<TrackerPostback, (typeof LISTED_COLUMNS)[number]>,
  { publicUrl, locale, network }: Surroundings,
): TrackerPostbackView {
  return {
    id: row.id,
    status: row.status,
    code: row.code,
    message: messageOf(row.code, locale, row.messageArgs ?? undefined, row.messageParameter),
    integrationId: row.integrationId,
    network,
    event: row.event,
    reportedEvent: row.reportedEvent,
    clickId: row.clickId,
    tid: row.tid,
    chatId: row.chatId,
    cost: row.cost,
    currency: row.currency,
    // Every target begins with a slash, except that of an erased postback: it has none.
    url: row.target === '' ? null : fullUrl(publicUrl, row.target),
    method: row.method,
    address: row.address,
    receivedAt: row.receivedAt.toISOString(),
    judgedAt: row.judgedAt?.toISOString() ?? null,
    durationMs: row.durationMs,
    conversionId: row.conversionId,
    warnings: (row.warnings ?? []).map(({ code, parameter, args }) => ({
      code,
      parameter,
      message: messageOf(code, locale, args, parameter),
    })),
    test: row.test,
    parkedUntil: row.parkedUntil?.toISOString() ?? null,
  };
}

export function postbackDetailDto(
  row: TrackerPostback,
  surroundings: Surroundings,
  events: readonly TrackerEventRow[],
  deliveries: readonly TrackerDelivery[],
): TrackerPostbackDetailView {
  return {
    ...postbackDto(row, surroundings),
    body: row.bodyType === null ? null : { type: row.bodyType, text: row.body ?? '' },
    forwardedFor: row.forwardedFor,
    events: events.map(({ id, name, ordinal, seq, conversionId, createdAt }) => ({
      id,
      name,
      ordinal,
      seq,
      conversionId,
      createdAt: createdAt.toISOString(),
    })),
    deliveries: deliveries.map(({ id, eventId, handler, status, attempts, dueAt, finishedAt, errors }) => ({
      id,
      eventId,
      handler,
      status,
      attempts,
      dueAt: dueAt.toISOString(),
      finishedAt: finishedAt?.toISOString() ?? null,
      errors: errors ?? [],
    })),
  };
}
