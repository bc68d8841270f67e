import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { ClickAnnouncements } from '../clicks/click-announcements';
import { TrackerDatabase } from '../database/tracker-database';
import { IntakeService } from './intake.service';
import { PostbackStore } from './postback-store';

const LOOK_EVERY_MS = 2_000;
const AT_ONCE = 200;
/** A sweep every 30 s. */
const LOOKS_A_SWEEP = 15;
const SWEEP_PAGE = 2_000;
const PAGES_A_SWEEP = 10;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Has stored postbacks judged again: parked ones when their click is registered or found, failed ones when they are due. */
@Injectable()
export class SecondLook implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger(SecondLook.name);
  private timer: NodeJS.Timeout | undefined;
  private looks = 0;
  private sweptTo = FIRST_ID;
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(PostbackStore) private readonly store: PostbackStore,
    @Inject(ClickAnnouncements) private readonly announcements: ClickAnnouncements,
    @Inject(TrackerDatabase) database: TrackerDatabase,
  ) {
    database.beforeClose(() => this.stop());
  }

  onModuleInit(): void {
    this.announcements.listen(async (clicks) => this.intake.judgeStored(await this.store.parkedFor(clicks)));
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  private async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.looking;
  }

  /** Judges again what is due; answers how many rows changed. */
  async retryDue(): Promise<number> {
    const ids = await this.store.claimRetries(AT_ONCE);
    return ids.length === 0 ? 0 : this.intake.judgeStored(ids);
  }

  /**
   * Looks through what is parked, page by page, for clicks that exist by now: no parked postback hangs on one wake-up,
   * which a crash may swallow. One call takes a bounded part and the next goes on there. Answers how many rows changed.
   */
  async sweep(): Promise<number> {
    let changed = await this.intake.judgeStored(await this.store.overtakenReversals(SWEEP_PAGE));
    for (let page = 0; page < PAGES_A_SWEEP; page++) {
      const { ready, lastId } = await this.store.parkedPage(this.sweptTo, SWEEP_PAGE);
      if (ready.length > 0) changed += await this.intake.judgeStored(ready);
      this.sweptTo = lastId ?? FIRST_ID;
      if (lastId === null) break;
    }
    return changed;
  }

  private async look(): Promise<void> {
    await this.retryDue();
    if (++this.looks % LOOKS_A_SWEEP === 0) await this.sweep();
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.looking = this.look()
        .catch((error: unknown) => {
          this.logger.warn(`Deferred postbacks could not be looked at: ${String(error)}`);
        })
        .finally(() => {
          if (this.timer !== undefined) this.schedule();
        });
    }, LOOK_EVERY_MS);
    this.timer.unref();
  }
}
