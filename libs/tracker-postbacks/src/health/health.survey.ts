import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DatabaseBreaker } from '../database/database-breaker';
import { DatabaseTimeoutError } from '../database/database-error';
import { tableName } from '../database/table-name';
import { TrackerDatabase } from '../database/tracker-database';
import { RelayState } from '../events/relay-state';
import { TrackerMeter } from '../metrics/meter';
import { TrackerPostback } from '../postbacks/postback.entity';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';

/** Of the postbacks that are to be judged again, so many of those due first are looked at. */
const LOOKED_AT = 10_000;
/** Several askers share one question for so long. */
const KEPT_MS = 1_000;
const TIMEOUT_MS = 2_000;

/** What only the database knows, the same for every process. */
export interface HealthSurvey {
  readonly relayLagMs: number;
  readonly parkedDeliveries: number;
  /** Names of handlers that no process has registered for a day. */
  readonly missingHandlers: readonly string[];
  readonly judgingFailed: number;
}

/** Asks the database what an operator has to know; for the health indicator and the gauges alike. */
@Injectable()
export class TrackerSurvey {
  private asked: { readonly at: number; readonly answer: Promise<HealthSurvey> } | undefined;

  constructor(
    @Inject(RelayState) private readonly relay: RelayState,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(DatabaseBreaker) private readonly breaker: DatabaseBreaker,
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerMeter) meter: TrackerMeter,
  ) {
    meter.figures(async () => {
      const { missingHandlers, ...figures } = await this.read();
      return { ...figures, missingHandlers: missingHandlers.length };
    });
  }

  /** Rejects when the database is known to be away, or does not answer in time. */
  async read(timeoutMs = TIMEOUT_MS): Promise<HealthSurvey> {
    if (this.breaker.isOpen) throw new DatabaseTimeoutError(0);
    const now = performance.now();
    if (this.asked === undefined || now - this.asked.at > KEPT_MS) {
      this.asked = { at: now, answer: this.ask() };
    }
    return inTime(this.asked.answer, timeoutMs);
  }

  private async ask(): Promise<HealthSurvey> {
    const [{ lagMs, parked, handlers }, judgingFailed] = await Promise.all([
      this.relay.read(),
      this.judgingFailed(),
    ]);
    return {
      relayLagMs: lagMs,
      parkedDeliveries: parked,
      missingHandlers: handlers.filter(({ unseen }) => unseen).map(({ name }) => name),
      judgingFailed,
    };
  }

  private async judgingFailed(): Promise<number> {
    const rows = await this.database.query<{ readonly count: string | number }>(
      `SELECT count(*) AS count FROM (
         SELECT code FROM ${tableName(this.dataSource, TrackerPostback)}
         WHERE retry_at IS NOT NULL ORDER BY retry_at LIMIT ${LOOKED_AT}
       ) waiting WHERE code = 'judging_failed'`,
      [],
    );
    return Number(rows[0]?.count ?? 0);
  }
}

async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DatabaseTimeoutError(milliseconds));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // It may fail later, when nobody asks any more.
    work.catch(() => undefined);
  }
}
