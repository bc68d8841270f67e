import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ClickAnnouncements } from '../clicks/click-announcements';
import { IntakeService } from './intake.service';
import { PostbackStore } from './postback-store';

const LOOK_EVERY_MS = 2_000;
const AT_ONCE = 200;

/** Has stored postbacks judged again: parked ones when their click is registered, failed ones when they are due. */
@Injectable()
export class SecondLook implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SecondLook.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(PostbackStore) private readonly store: PostbackStore,
    @Inject(ClickAnnouncements) private readonly announcements: ClickAnnouncements,
  ) {}

  onModuleInit(): void {
    this.announcements.listen(async (clicks) => this.intake.judgeStored(await this.store.parkedFor(clicks)));
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.looking;
  }

  /** Judges again what is due; answers how many rows changed. */
  async retryDue(): Promise<number> {
    const ids = await this.store.claimRetries(AT_ONCE);
    return ids.length === 0 ? 0 : this.intake.judgeStored(ids);
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.looking = this.retryDue()
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
