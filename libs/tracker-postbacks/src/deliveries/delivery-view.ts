import { type TrackerDelivery } from '../events/delivery.entity';
import { type EventPayload } from '../events/event-payload';
import { type TrackerEventRow } from '../events/event.entity';
import { type TrackerDeliveryDto, type TrackerDeliveryView } from './delivery.dto';

export function deliveryView(row: TrackerDelivery): Readonly<TrackerDeliveryDto> {
  const { id, eventId, handler, status, attempts, dueAt, finishedAt, errors } = row;
  return {
    id,
    eventId,
    handler,
    status,
    attempts,
    dueAt: dueAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    errors: errors ?? [],
  };
}

export function listedDeliveryView(row: TrackerDelivery, event: TrackerEventRow): TrackerDeliveryView {
  // Payloads of earlier versions, and erased ones, hold less.
  const { clickId = null, chatId = null, test = false } = event.payload as Partial<EventPayload>;
  return {
    ...deliveryView(row),
    event: event.name,
    ordinal: event.ordinal,
    postbackId: event.postbackId,
    conversionId: event.conversionId,
    clickId,
    chatId,
    recordedAt: event.createdAt.toISOString(),
    test,
  };
}
