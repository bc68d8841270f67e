/** A request as bytes, and what may be expected of the answer. */
export interface RawRequest {
  readonly bytes: Buffer;
  /** The answer to HEAD has no body, whatever its length says. */
  readonly isHead: boolean;
  /** Nobody can answer what never ends: our side closes after it, and no answer is an answer. */
  readonly isCutOff: boolean;
}

export interface RawReply {
  readonly status: number;
  readonly body: string;
  /** The connection cannot be used again. */
  readonly isLast: boolean;
}

/** Reads one reply off the bytes that have come; null while it is not whole. */
export function readReply(
  bytes: Buffer,
  isHead: boolean,
  ended: boolean,
): { readonly reply: RawReply; readonly length: number } | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.subarray(0, headEnd).toString('latin1');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  if (!Number.isInteger(status)) throw new Error(`This is no reply: ${head.slice(0, 80)}`);
  const from = headEnd + 4;
  if (status === 100) {
    const final = readReply(bytes.subarray(from), isHead, ended);
    return final === null ? null : { reply: final.reply, length: from + final.length };
  }
  const isLast = /^connection: *close/im.test(head);
  const whole = (length: number, body: string): { reply: RawReply; length: number } => ({
    reply: { status, body, isLast },
    length,
  });
  if (isHead || status === 204 || status === 304) return whole(from, '');
  const declared = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (declared !== undefined) {
    const end = from + Number(declared);
    return bytes.length < end ? null : whole(end, bytes.subarray(from, end).toString('utf8'));
  }
  if (/^transfer-encoding: *chunked/im.test(head)) {
    const end = bytes.indexOf('0\r\n\r\n', from);
    return end < 0 ? null : whole(end + 5, bytes.subarray(from, end).toString('utf8'));
  }
  // Without a length the body ends with the connection; Node's own 400 has none at all.
  return ended ? whole(bytes.length, bytes.subarray(from).toString('utf8')) : null;
}
