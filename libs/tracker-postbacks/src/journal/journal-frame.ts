import { crc32 } from 'node:zlib';

/** Begins with a byte that no UTF-8 text holds: what a network sends cannot look like a frame. */
const MARK = Buffer.from([0xff, 0x54, 0x50, 0x4a]);
/** Mark, length of the payload, checksum over length and payload. */
const HEAD_BYTES = 12;
/** No record comes near it: a longer one is a length that was damaged. */
const MAX_PAYLOAD = 4 * 1024 * 1024;

/** Where a file holds no readable frames. */
export interface Damage {
  /**
   * `torn`: the end of a write that never finished, so nothing in it was acknowledged. `corrupt`: bytes that once may have
   * been a record.
   */
  readonly kind: 'torn' | 'corrupt';
  readonly offset: number;
  readonly length: number;
}

/** Everything that could be read of a file. */
export interface ScannedFile {
  /** In the order they were written; views of the bytes given. */
  readonly payloads: readonly Buffer[];
  readonly damages: readonly Damage[];
}

/** A payload as it stands in a journal file. */
export function framed(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  MARK.copy(frame);
  frame.writeUInt32LE(payload.length, 4);
  frame.set(payload, HEAD_BYTES);
  frame.writeUInt32LE(checksum(frame, 0, payload.length), 8);
  return frame;
}

/** Reads frame after frame; behind damaged bytes it goes on with the next whole frame. */
export function scanFrames(bytes: Buffer): ScannedFile {
  const payloads: Buffer[] = [];
  const damages: Damage[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const payload = payloadAt(bytes, offset);
    if (payload !== null) {
      payloads.push(payload);
      offset += HEAD_BYTES + payload.length;
      continue;
    }
    const next = nextFrame(bytes, offset + 1);
    const end = next ?? bytes.length;
    const kind = next === null && isTorn(bytes, offset) ? 'torn' : 'corrupt';
    damages.push({ kind, offset, length: end - offset });
    offset = end;
  }
  return { payloads, damages };
}

function payloadAt(bytes: Buffer, offset: number): Buffer | null {
  if (offset + HEAD_BYTES > bytes.length) return null;
  if (!bytes.subarray(offset, offset + MARK.length).equals(MARK)) return null;
  const length = bytes.readUInt32LE(offset + 4);
  const end = offset + HEAD_BYTES + length;
  if (length > MAX_PAYLOAD || end > bytes.length) return null;
  return bytes.readUInt32LE(offset + 8) === checksum(bytes, offset, length)
    ? bytes.subarray(offset + HEAD_BYTES, end)
    : null;
}

function nextFrame(bytes: Buffer, from: number): number | null {
  for (let at = bytes.indexOf(MARK, from); at !== -1; at = bytes.indexOf(MARK, at + 1)) {
    if (payloadAt(bytes, at) !== null) return at;
  }
  return null;
}

/** The beginning of a frame that ends too early, or zeros where a file grew and its bytes were never written. */
function isTorn(bytes: Buffer, offset: number): boolean {
  const rest = bytes.subarray(offset);
  if (rest.every((byte) => byte === 0)) return true;
  if (!rest.subarray(0, MARK.length).equals(MARK.subarray(0, rest.length))) return false;
  if (rest.length < HEAD_BYTES) return true;
  const length = rest.readUInt32LE(4);
  return length <= MAX_PAYLOAD && rest.length < HEAD_BYTES + length;
}

/** The length is part of it: a frame cannot be cut or lengthened without being noticed. */
function checksum(bytes: Buffer, offset: number, length: number): number {
  const seed = crc32(bytes.subarray(offset + 4, offset + 8));
  return crc32(bytes.subarray(offset + HEAD_BYTES, offset + HEAD_BYTES + length), seed);
}
