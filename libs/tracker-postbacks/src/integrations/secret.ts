import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type CompiledSecret } from './integration-recipe';

const SECRET_BYTES = 24;

/** A new secret of 192 bits, safe in a URL. */
export function makeSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Hex SHA-256: all that is kept of a secret. A random one of this size needs no slow hash. */
export function hashSecret(secret: string): string {
  return digest(secret).toString('hex');
}

/**
 * Whether one of the values sent is a valid secret. They are compared by hash, so that the time taken tells nothing.
 *
 * @param sent every value that came as `key` or in the header
 * @param now milliseconds since the epoch
 */
export function isSecretValid(
  sent: readonly string[],
  valid: readonly CompiledSecret[],
  now: number,
): boolean {
  const current = valid.filter(({ validUntil }) => validUntil === null || now < validUntil);
  return sent.some((secret) => {
    const hash = digest(secret);
    return current.some((one) => timingSafeEqual(hash, Buffer.from(one.hash, 'hex')));
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
