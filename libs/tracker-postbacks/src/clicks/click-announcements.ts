import { Injectable, Logger } from '@nestjs/common';

/** A click id within its tenant. */
export interface AnnouncedClick {
  readonly tenantId: string;
  readonly clickId: string;
}

/** Judges the parked postbacks of clicks that have become known, and says how many it judged. */
export type ClickListener = (clicks: readonly AnnouncedClick[]) => Promise<number>;

/**
 * Where new clicks meet the postbacks that wait for them. This room tells and does not know whom: judging postbacks
 * needs clicks, so the other direction would be a circle.
 */
@Injectable()
export class ClickAnnouncements {
  private readonly logger = new Logger('TrackerClicks');
  private readonly listeners: ClickListener[] = [];

  listen(listener: ClickListener): void {
    this.listeners.push(listener);
  }

  /** Called after the clicks are committed. A failing listener is logged: the clicks are stored, the sweep is left. */
  async announce(clicks: readonly AnnouncedClick[]): Promise<number> {
    if (clicks.length === 0) return 0;
    const counts = await Promise.all(this.listeners.map((listener) => this.judgedBy(listener, clicks)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private async judgedBy(listener: ClickListener, clicks: readonly AnnouncedClick[]): Promise<number> {
    try {
      return await listener(clicks);
    } catch (error) {
      this.logger.error(
        `Parked postbacks of ${clicks.length} new click(s) were not judged now; they stay parked and are looked at again.`,
        error instanceof Error ? error.stack : String(error),
      );
      return 0;
    }
  }
}
