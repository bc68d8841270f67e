import {
  TrackerAmendedEvent,
  TrackerFieldsEvent,
  TrackerReinstatedEvent,
  TrackerReversalEvent,
} from 'nestjs-tracker-postbacks';
import { type ChatEvent } from './chat.event';

/** What the manager of the chat reads. */
export function historyText(event: ChatEvent): string {
  const text = describe(event);
  return event.test ? `${text} (test)` : text;
}

function describe(event: ChatEvent): string {
  const { network } = event;
  if (event instanceof TrackerFieldsEvent) {
    return `New field values from ${network}: ${Object.keys(event.fields).join(', ')}`;
  }
  if (event instanceof TrackerReversalEvent) {
    return `Taken back by ${network}: ${event.event} ${money(event)}`.trimEnd();
  }
  if (event instanceof TrackerReinstatedEvent) {
    return `Counts again at ${network}: ${event.event} ${money(event)}`.trimEnd();
  }
  if (event instanceof TrackerAmendedEvent) {
    return `Corrected by ${network}: ${event.event} ${money(event.before)} is now ${money(event.after)}`;
  }
  const amount = event.cost === null ? '' : `: ${money(event)}`;
  switch (event.event) {
    case 'registration':
      return `Registered at ${network}`;
    case 'conf':
      return `Confirmed the e-mail at ${network}`;
    case 'sale':
      return `First deposit at ${network}${amount}`;
    case 'resale':
      return `Repeat deposit ${event.ordinal} at ${network}${amount}`;
    default:
      return `${event.event} at ${network}${amount}`;
  }
}

function money({
  cost,
  currency,
}: {
  readonly cost: string | null;
  readonly currency: string | null;
}): string {
  if (cost === null) return 'no amount';
  return currency === null ? cost : `${cost} ${currency}`;
}
