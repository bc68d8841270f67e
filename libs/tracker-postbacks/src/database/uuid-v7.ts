import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4096;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let used = POOL_BYTES;

/** Ten random bytes at a time from a pool: a system call per id would cost more than the id. */
function randomOffset(): number {
  if (used + 10 > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const offset = used;
  used += 10;
  return offset;
}

/** One clock's last millisecond and the counter of its ids. */
interface Sequence {
  time: number;
  counter: number;
}

const present: Sequence = { time: -1, counter: 0 };
/** For what is older than the newest id: it must not disturb the order of the ids of now. */
const past: Sequence = { time: -1, counter: 0 };

/**
 * A UUIDv7 (RFC 9562) whose time part is `milliseconds`. Ids of one millisecond made by one process ascend, so that
 * ordering by id is ordering by arrival.
 */
export function uuidV7(milliseconds: number): string {
  const offset = randomOffset();
  const sequence = milliseconds < present.time ? past : present;
  if (sequence.time === milliseconds) {
    sequence.counter = (sequence.counter + 1) & 0xfff;
  } else {
    sequence.time = milliseconds;
    // Half of the room is left for the ids that follow within the millisecond.
    sequence.counter = pool.readUInt16BE(offset) & 0x7ff;
  }
  return format(milliseconds, sequence.counter, offset);
}

function format(milliseconds: number, counter: number, offset: number): string {
  const time = milliseconds.toString(16).padStart(12, '0');
  const random = pool.toString('hex', offset + 2, offset + 10);
  const variant = ((pool[offset + 2] ?? 0) & 0x3f) | 0x80;
  return (
    `${time.slice(0, 8)}-${time.slice(8, 12)}-7${counter.toString(16).padStart(3, '0')}-` +
    `${variant.toString(16)}${random.slice(2, 4)}-${random.slice(4, 16)}`
  );
}

/** The smallest UUIDv7 of a time: `id >= uuidV7Floor(from)` is `receivedAt >= from`. */
export function uuidV7Floor(milliseconds: number): string {
  const time = Math.max(0, milliseconds).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7000-8000-000000000000`;
}
