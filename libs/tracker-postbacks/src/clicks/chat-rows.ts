import { type EntityManager } from 'typeorm';

/** A chat whose clicks become another chat's. */
export interface ChatMove {
  readonly tenantId: string;
  readonly toChatId: string;
  readonly clicks: readonly { readonly seq: string; readonly clickId: string }[];
}

/**
 * The rows beside clicks that name their chat. This room does not know them: conversions and postbacks need clicks, so
 * the other direction would be a circle.
 */
export abstract class ChatRows {
  /** Gives what hangs on these clicks to the chat, within the caller's transaction; answers how many rows changed. */
  abstract move(
    manager: EntityManager,
    move: ChatMove,
  ): Promise<{ readonly conversions: number; readonly postbacks: number }>;
}
