import { type TrackerConversion } from '../conversions/conversion.entity';
import { conversionDto } from '../conversions/conversion.dto';
import { deliveryView } from '../deliveries/delivery-view';
import { type TrackerDelivery } from '../events/delivery.entity';
import { type TrackerEventRow } from '../events/event.entity';
import { type EventPayload } from '../events/event-payload';
import { type TrackerPostback } from '../postbacks/postback.entity';
import { type Locale, messageOf } from '../rules/messages';
import { fullUrl } from './full-url';
import { type TrackerEmittedEventDto, type TrackerPostbackDetailView } from './postback-detail.dto';
import { type PostbackExplanationView } from './postback-explanation.dto';
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

/** Everything about one postback. */
export interface PostbackParts {
  readonly row: TrackerPostback;
  readonly surroundings: Surroundings;
  readonly events: readonly TrackerEventRow[];
  readonly deliveries: readonly TrackerDelivery[];
  readonly conversions: readonly TrackerConversion[];
  readonly explanation: PostbackExplanationView;
}

export function postbackDetailDto({
  row,
  surroundings,
  events,
  deliveries,
  conversions,
  explanation,
}: PostbackParts): TrackerPostbackDetailView {
  const emitted = events.map(eventView);
  return {
    ...postbackDto(row, surroundings),
    body: row.bodyType === null ? null : { type: row.bodyType, text: row.body ?? '' },
    forwardedFor: row.forwardedFor,
    events: emitted,
    deliveries: deliveries.map(deliveryView),
    written: {
      conversions: conversions.map((conversion) => conversionDto(conversion, surroundings.network)),
      fields: Object.fromEntries(emitted.flatMap(({ fields }) => Object.entries(fields))),
    },
    timings: {
      receivedAt: row.receivedAt.toISOString(),
      judgedAt: row.judgedAt?.toISOString() ?? null,
      durationMs: row.durationMs,
      emittedAt: emitted[0]?.createdAt ?? null,
      handledAt: handledAt(deliveries),
    },
    explanation,
  };
}

export function eventView(row: TrackerEventRow): Readonly<TrackerEmittedEventDto> {
  const { id, name, ordinal, seq, conversionId, createdAt } = row;
  // Payloads of earlier versions, and erased ones, hold less.
  const { code, cost, currency, tid, fields } = row.payload as Partial<EventPayload>;
  return {
    id,
    name,
    ordinal,
    seq,
    conversionId,
    code: code ?? null,
    cost: cost ?? null,
    currency: currency ?? null,
    tid: tid ?? null,
    fields: fields ?? {},
    createdAt: createdAt.toISOString(),
  };
}

function handledAt(deliveries: readonly TrackerDelivery[]): string | null {
  if (deliveries.length === 0 || deliveries.some(({ status }) => status !== 'done')) return null;
  const times = deliveries.flatMap(({ finishedAt }) => finishedAt?.getTime() ?? []);
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}
