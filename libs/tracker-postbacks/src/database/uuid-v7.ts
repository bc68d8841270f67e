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
  /** How the ids of that time begin: as text it takes longer than all the rest of an id. */
  start: string;
  counter: number;
}

const present: Sequence = { time: -1, start: '', counter: 0 };
/** For what is older than the newest id: it must not disturb the order of the ids of now. */
const past: Sequence = { time: -1, start: '', counter: 0 };

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
    const time = timeText(milliseconds);
    sequence.start = `${time.slice(0, 8)}-${time.slice(8)}-7`;
    // Half of the room is left for the ids that follow within the millisecond.
    sequence.counter = pool.readUInt16BE(offset) & 0x7ff;
  }
  const random = pool.toString('hex', offset + 2, offset + 10);
  const variant = ((pool[offset + 2] ?? 0) & 0x3f) | 0x80;
  return (
    `${sequence.start}${sequence.counter.toString(16).padStart(3, '0')}-` +
    `${variant.toString(16)}${random.slice(2, 4)}-${random.slice(4, 16)}`
  );
}

function timeText(milliseconds: number): string {
  return milliseconds.toString(16).padStart(12, '0');
}

/** The smallest UUIDv7 of a time: `id >= uuidV7Floor(from)` is `receivedAt >= from`. */
export function uuidV7Floor(milliseconds: number): string {
  const time = timeText(Math.max(0, milliseconds));
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7000-8000-000000000000`;
}
