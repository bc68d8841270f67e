import { isLongerThan, storable } from '../rules/text.rule';
import { TrackerError, type TrackerErrorDetail } from '../tracker-postbacks.errors';

/** Ids are strings of the host or of a network: at most so many characters, as the database counts them. */
export const MAX_ID_LENGTH = 255;
/** Clicks in one call of `register`. */
export const MAX_CLICKS = 1000;
/** Faults named in one refusal. */
const MAX_DETAILS = 20;

/** A chat and, where the host has campaigns, one of them. */
export interface ChatOfClick {
  readonly chatId: string;
  readonly campaignId?: string | null | undefined;
}

/** A click id that the host or another tracker made. */
export interface NamedClick extends ChatOfClick {
  readonly clickId: string;
}

/** Why a text cannot be an id, or null. An id is kept exactly as it is or refused; mended, it would match nothing. */
export function idProblem(id: unknown): string | null {
  if (typeof id !== 'string') return 'must be a string';
  if (id === '') return 'must not be empty';
  if (isLongerThan(id, MAX_ID_LENGTH)) return `must not be longer than ${MAX_ID_LENGTH} characters`;
  if (storable(id) !== id) return 'must not hold NUL or half of a surrogate pair';
  return null;
}

/** Refuses clicks that cannot be stored, naming every field at fault. */
export function checkClicks(
  clicks: readonly (ChatOfClick | NamedClick)[],
  pathOf: (index: number) => string,
): void {
  if (clicks.length > MAX_CLICKS) {
    refuse([
      {
        field: 'clicks',
        message: `clicks must not hold more than ${MAX_CLICKS} elements: send the rest in another call`,
      },
    ]);
  }
  const details = clicks.flatMap((click, index) => {
    const fields = [
      ...('clickId' in click ? [['clickId', click.clickId] as const] : []),
      ['chatId', click.chatId] as const,
      ...(click.campaignId === undefined || click.campaignId === null
        ? []
        : [['campaignId', click.campaignId] as const]),
    ];
    return fields.flatMap(([name, value]) => problemOf(`${pathOf(index)}${name}`, value));
  });
  if (details.length > 0) refuse(details.slice(0, MAX_DETAILS));
}

/** Refuses click ids that cannot exist. */
export function checkClickIds(clickIds: readonly string[]): void {
  const details = clickIds.flatMap((clickId, index) => problemOf(`clickIds.${index}`, clickId));
  if (details.length > 0) refuse(details.slice(0, MAX_DETAILS));
}

/** Refuses to merge chats that cannot exist, and a chat with itself. */
export function checkMerge(chats: { readonly fromChatId: string; readonly toChatId: string }): void {
  const details = [
    ...problemOf('fromChatId', chats.fromChatId),
    ...problemOf('toChatId', chats.toChatId),
    ...(chats.fromChatId === chats.toChatId
      ? [{ field: 'toChatId', message: 'toChatId must be another chat than fromChatId' }]
      : []),
  ];
  if (details.length > 0) refuse(details);
}

function problemOf(field: string, value: unknown): TrackerErrorDetail[] {
  const problem = idProblem(value);
  return problem === null ? [] : [{ field, message: `${field} ${problem}` }];
}

function refuse(details: readonly TrackerErrorDetail[]): never {
  const message = `Not accepted: ${details.map((detail) => detail.message).join('; ')}.`;
  throw new TrackerError('validation_failed', 400, message, details);
}
