import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type CompiledSecret } from './integration-recipe';

const SECRET_BYTES = 24;
/** Characters of a secret, in base64url. */
const SECRET_LENGTH = 32;
const MAYBE_SECRETS = /[\w-]{32,}/g;
/** Looks into one text: a long run of letters must not cost the event loop milliseconds. */
const MAX_LOOKS = 2_048;
const REDACTED = '***';

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

/**
 * The text without any of these secrets, wherever they stand. A parameter called `key` is taken out by name; this is for
 * what was misspelt on its way (`%256Bey=`, `secret=`, a whole URL inside a value): it opens nothing and is a secret still.
 */
export function withoutSecrets(text: string, known: readonly CompiledSecret[]): string {
  const hashes = new Set(known.map(({ hash }) => hash));
  let looks = 0;
  return text.replace(MAYBE_SECRETS, (run) => {
    let kept = '';
    let start = 0;
    while (start + SECRET_LENGTH <= run.length && looks < MAX_LOOKS) {
      looks += 1;
      if (hashes.has(hashSecret(run.slice(start, start + SECRET_LENGTH)))) {
        kept += REDACTED;
        start += SECRET_LENGTH;
      } else {
        kept += run.charAt(start);
        start += 1;
      }
    }
    return kept + run.slice(start);
  });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
