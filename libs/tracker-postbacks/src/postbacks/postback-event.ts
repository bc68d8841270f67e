import { uuidV7 } from '../database/uuid-v7';
import { type EventKind, type EventPayload } from '../events/event-payload';
import { wordOf } from './batch-rows';
import { type PlannedEvent } from './planned-case';
import { type ReadCase } from './postback-case';
import { type LoadedClick } from './postback-store.types';

/** An event that a case gives rise to; what is not said in `more` comes from the reading. */
export function eventFrom(
  name: EventKind,
  { case: { id, receivedAt, test }, integration, reading }: ReadCase,
  click: LoadedClick | null,
  more: Partial<EventPayload>,
): PlannedEvent {
  const clickReading = reading?.clickId;
  return {
    id: uuidV7(receivedAt),
    name,
    payload: {
      conversionId: null,
      event: null,
      ordinal: null,
      reportedEvent: reading === null ? null : wordOf(reading.event),
      postbackId: id,
      integrationId: integration.id,
      network: integration.network,
      tenantId: integration.tenantId,
      campaignId: click?.campaignId ?? null,
      clickId: click?.clickId ?? (clickReading?.kind === 'value' ? clickReading.value : null),
      chatId: click?.chatId ?? null,
      tid: reading?.tid ?? null,
      cost: reading?.cost ?? null,
      currency: reading?.currency ?? null,
      fields: reading?.fields ?? {},
      params: reading?.params ?? {},
      receivedAt,
      test: test || (click?.test ?? false),
      ...more,
    },
  };
}
