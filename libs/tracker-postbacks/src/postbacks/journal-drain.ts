import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DatabaseBreaker } from '../database/database-breaker';
import { failureOf } from '../database/database-error';
import { TrackerDatabase } from '../database/tracker-database';
import { Journal } from '../journal/journal';
import { type JournalSegment } from '../journal/journal-segment';
import { type JournaledPostback } from '../journal/journaled-postback';
import { IntakeService } from './intake.service';
import { isAway, isMistake } from './intake.errors';
import { IntegrationGoneError } from './postponed-postback';

/** Few enough that what arrives meanwhile is not held up. */
const AT_ONCE = 256;
/** Postbacks waiting for the database beyond which the journal lets them go first, for a while. */
const BUSY = 1_024;
const PATIENCE_MS = 500;
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 1_000;
/** Attempts of records that the database is there for and does not take, before they are tried one by one. */
const ATTEMPTS = 3;

/** Brings what waits in the journal into the database, in order, as soon as that is there. */
@Injectable()
export class JournalDrain implements OnApplicationBootstrap {
  private readonly logger = new Logger('TrackerJournal');
  private running: Promise<void> | null = null;
  private isStarted = false;
  private stopped = false;
  private wake: () => void = () => undefined;

  constructor(
    @Inject(Journal) private readonly journal: Journal,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(DatabaseBreaker) private readonly breaker: DatabaseBreaker,
    @Inject(TrackerDatabase) database: TrackerDatabase,
  ) {
    database.beforeClose(() => this.stop());
    journal.onRecords(() => {
      this.begin();
    });
  }

  onApplicationBootstrap(): void {
    this.isStarted = true;
    this.begin();
  }

  private begin(): void {
    if (!this.isStarted || this.stopped || !this.journal.isConfigured) return;
    this.running ??= this.run()
      .catch((error: unknown) => {
        this.logger.error(`The journal could not be drained and is tried again: ${String(error)}`);
        return this.pause(LAST_PAUSE_MS);
      })
      .finally(() => {
        this.running = null;
        // What came while this was ending has called nobody else.
        if (!this.journal.isEmpty) this.begin();
      });
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    // Probing goes on for those who wait for their postback.
    await this.running;
  }

  private async run(): Promise<void> {
    let drained = 0;
    const begun = performance.now();
    for (;;) {
      await this.databaseIsThere();
      const segment = this.stopped ? null : await this.journal.oldest();
      if (segment === null) break;
      drained += await this.drain(segment);
    }
    if (drained > 0) {
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      this.logger.log(`${drained} postbacks of the journal are judged, after ${seconds} s.`);
    }
  }

  private async drain(segment: JournalSegment): Promise<number> {
    const stuck = new Set<string>();
    let drained = 0;
    for (;;) {
      const records = segment.take(AT_ONCE);
      if (records.length === 0) break;
      for (const { id, error } of await this.store(records)) {
        stuck.add(id);
        this.logger.error(
          `Postback ${id} cannot be judged and stays in the journal until the next start: ${String(error)}`,
        );
      }
      if (this.stopped) return drained;
      segment.release();
      drained += records.length;
    }
    await this.journal.done(segment, stuck);
    return drained - stuck.size;
  }

  /** Goes on until the database has all of them; answers those that it will never have. */
  private async store(
    records: readonly JournaledPostback[],
  ): Promise<readonly { readonly id: string; readonly error: unknown }[]> {
    let open = records;
    for (let attempt = 1; !this.stopped; attempt++) {
      await this.databaseIsThere();
      await this.letOthersGoFirst();
      const errors = await this.attempt(open);
      const left = open.flatMap((record, index) => {
        const error = errors[index] ?? null;
        return error === null ? [] : [{ record, id: record.id, error }];
      });
      if (left.length === 0) return [];
      if (open.length === 1 && attempt >= ATTEMPTS && left.every(({ error }) => isHopeless(error)))
        return left;
      open = left.map(({ record }) => record);
      if (open.length > 1 && attempt >= ATTEMPTS && left.some(({ error }) => isHopeless(error))) {
        // In order still: the one that fails holds back nobody else.
        const stuck = [];
        for (const record of open) stuck.push(...(await this.store([record])));
        return stuck;
      }
      await this.pause(Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10)));
    }
    return [];
  }

  private async attempt(records: readonly JournaledPostback[]): Promise<readonly unknown[]> {
    try {
      return await this.intake.judgeJournaled(records);
    } catch (error) {
      if (isAway(error)) this.breaker.trip(error);
      return records.map(() => error);
    }
  }

  private async databaseIsThere(): Promise<void> {
    while (this.breaker.isOpen && !this.stopped) {
      await Promise.race([this.breaker.whenClosed(), this.pause(LAST_PAUSE_MS)]);
    }
  }

  private async letOthersGoFirst(): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (this.intake.queueLength > BUSY && performance.now() < until && !this.stopped) {
      await this.pause(FIRST_PAUSE_MS);
    }
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.stopped) this.wake();
    });
  }
}

/** Whether an error speaks about the record and not about the database. */
function isHopeless(error: unknown): boolean {
  return error instanceof IntegrationGoneError || isMistake(error) || failureOf(error) === 'data';
}
