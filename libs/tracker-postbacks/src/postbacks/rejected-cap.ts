import { Inject, Injectable, Logger } from '@nestjs/common';
import { TrackerDatabase } from '../database/tracker-database';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { type PostbackRow } from './postback-store.types';
import { type RejectedCounts, RejectedCountStore } from './rejected-count.store';

const HOUR_MS = 3_600_000;
const PER_HOUR = 10_000;
const WRITE_EVERY_MS = 1_000;
/** Sooner while it is not known what other processes, or this one before it was started again, have stored. */
const FIRST_WRITE_MS = 20;
/** Hours that are remembered without need. */
const KEPT_HOURS = 1_000;

/** One integration's rejected postbacks of one hour. */
interface Hour {
  readonly tenantId: string;
  readonly integrationId: string;
  /** Milliseconds since the epoch. */
  readonly hour: number;
  /** By all processes, as far as this one has heard. */
  stored: number;
  isTold: boolean;
  readonly codes: Map<string, Code>;
}

interface Code {
  /** One was stored beyond the limit, to show what is being counted. */
  isSampled: boolean;
  /** Not written down yet. */
  stored: number;
  counted: number;
}

/**
 * Keeps a flood of rejected postbacks out of the log: beyond a number per integration and hour they are answered alike and
 * only counted, with one row of each code as a sample. The hour is that of the arrival. Several processes hear of each
 * other once a second, so that the limit holds roughly.
 */
@Injectable()
export class RejectedCap {
  private readonly logger = new Logger('TrackerPostbacks');
  private readonly perHour: number;
  private readonly hours = new Map<string, Hour>();
  private dirty = new Set<Hour>();
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(RejectedCountStore) private readonly store: RejectedCountStore,
    @Inject(TrackerDatabase) database: TrackerDatabase,
    @Inject(TRACKER_OPTIONS) { intake }: TrackerPostbacksOptions,
  ) {
    this.perHour = intake?.maxRejectedPerHour ?? PER_HOUR;
    database.beforeClose(() => this.flush());
  }

  /** Whether a row goes into the log; whatever is not rejected does. */
  keeps(row: PostbackRow): boolean {
    if (row.status !== 'rejected' || row.expected !== null || row.test) return true;
    const hour = this.hourOf(row);
    const code = codeOf(hour, row.code);
    const isOver = hour.stored >= this.perHour;
    const isKept = !isOver || !code.isSampled;
    if (isKept) {
      hour.stored += 1;
      code.stored += 1;
      code.isSampled = isOver;
    } else {
      code.counted += 1;
    }
    if (isOver) this.warn(hour);
    this.dirty.add(hour);
    this.schedule(WRITE_EVERY_MS);
    return isKept;
  }

  /** Writes down what was counted, and hears of other processes. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.then(() => this.write());
    await this.writing;
  }

  private async write(): Promise<void> {
    const hours = [...this.dirty];
    this.dirty = new Set();
    // What is counted while this is written goes with the next.
    const changes = hours.flatMap(changesOf);
    if (changes.length === 0) return;
    try {
      await this.store.add(changes);
    } catch (error) {
      for (const hour of hours) {
        this.dirty.add(hour);
        giveBack(hour, changes);
      }
      this.logger.warn(`Rejected postbacks could not be counted now and are counted later: ${String(error)}`);
      this.schedule(WRITE_EVERY_MS);
      return;
    }
    const totals = await this.store.totals(changes).catch(() => null);
    // Not heard now, heard with the next.
    if (totals !== null) for (const hour of hours) hear(hour, totals);
  }

  private hourOf({ integration_id: integrationId, tenant_id: tenantId, received_at: at }: PostbackRow): Hour {
    const start = Math.floor(at / HOUR_MS) * HOUR_MS;
    const key = `${integrationId}/${start}`;
    const known = this.hours.get(key);
    if (known !== undefined) return known;
    if (this.hours.size >= KEPT_HOURS) this.forget();
    const hour: Hour = { tenantId, integrationId, hour: start, stored: 0, isTold: false, codes: new Map() };
    this.hours.set(key, hour);
    this.schedule(FIRST_WRITE_MS);
    return hour;
  }

  /** What is written down can be heard of again. */
  private forget(): void {
    for (const [key, hour] of this.hours) if (!this.dirty.has(hour)) this.hours.delete(key);
  }

  private warn(hour: Hour): void {
    if (hour.isTold) return;
    hour.isTold = true;
    this.logger.warn(
      `Integration ${hour.integrationId} has had ${this.perHour} postbacks rejected since ` +
        `${new Date(hour.hour).toISOString()}: until the hour is over one of each code is stored, and the others are counted.`,
    );
  }

  private schedule(milliseconds: number): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      void this.flush();
    }, milliseconds);
    this.timer.unref();
  }
}

function codeOf({ codes }: Hour, name: string): Code {
  let code = codes.get(name);
  if (code === undefined) codes.set(name, (code = { isSampled: false, stored: 0, counted: 0 }));
  return code;
}

/** Takes out what is to be written down. */
function changesOf({ tenantId, integrationId, hour, codes }: Hour): readonly RejectedCounts[] {
  return [...codes].flatMap(([code, numbers]) => {
    const { stored, counted } = numbers;
    numbers.stored = 0;
    numbers.counted = 0;
    return stored + counted === 0 ? [] : [{ tenantId, integrationId, hour, code, stored, counted }];
  });
}

function giveBack(hour: Hour, changes: readonly RejectedCounts[]): void {
  for (const change of changes.filter((one) => isOf(hour, one))) {
    const code = codeOf(hour, change.code);
    code.stored += change.stored;
    code.counted += change.counted;
  }
}

function hear(hour: Hour, totals: readonly RejectedCounts[]): void {
  const pending = [...hour.codes.values()].reduce((sum, { stored }) => sum + stored, 0);
  hour.stored = pending;
  for (const total of totals.filter((one) => isOf(hour, one))) {
    hour.stored += total.stored;
    if (total.counted > 0) codeOf(hour, total.code).isSampled = true;
  }
}

function isOf(hour: Hour, counts: RejectedCounts): boolean {
  return counts.integrationId === hour.integrationId && counts.hour === hour.hour;
}
