import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Length of the ids that we issue. */
export const CLICK_ID_LENGTH = 12;
/** Bytes from here on are thrown away: taking them modulo 62 would favour the first letters. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length);

/** Twelve unguessable letters and digits (71 bits), safe in every URL and network form. */
export function newClickId(random: (bytes: number) => Uint8Array = randomBytes): string {
  let id = '';
  while (id.length < CLICK_ID_LENGTH) {
    for (const byte of random(CLICK_ID_LENGTH * 2)) {
      if (byte < FAIR_BYTES && id.length < CLICK_ID_LENGTH) id += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return id;
}

/**
 * Unique for the one id that a chat is given for a campaign: concurrent calls then agree on it without a lock. Lengths
 * stand before the parts, so that no two tuples run together; hashed, because a collation may take `a` and `A` for one.
 */
export function issueKeyOf(tenantId: string, chatId: string, campaignId: string | null): string {
  const parts = [tenantId, chatId, ...(campaignId === null ? [] : [campaignId])];
  const tuple = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHash('sha256').update(tuple).digest('hex');
}
