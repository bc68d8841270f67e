import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { MoreThanOrEqual } from 'typeorm';
import { TrackerDatabase } from '../database/tracker-database';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { CAPACITY, IntegrationDirectory } from './integration-directory';
import { TrackerIntegration } from './integration.entity';

const EVERY_MS = 10_000;
/** Changes are looked for by the clocks of the processes that made them, which need not agree. */
const OVERLAP_MS = 60_000;
const AT_ONCE = 200;

/**
 * Keeps every integration in memory, and what other processes change in it: a postback that comes while the database is
 * away can be taken only where its integration is known. Nothing of it is written to a disk.
 */
@Injectable()
export class DirectoryWarmth implements OnApplicationBootstrap {
  private readonly logger = new Logger('TrackerIntegrations');
  private readonly isWanted: boolean;
  private timer: NodeJS.Timeout | undefined;
  private refreshing: Promise<unknown> = Promise.resolve();
  private newest = 0;

  constructor(
    @Inject(IntegrationDirectory) private readonly directory: IntegrationDirectory,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(TRACKER_OPTIONS) { journal }: TrackerPostbacksOptions,
  ) {
    this.isWanted = journal !== undefined;
    if (this.isWanted) database.beforeClose(() => this.stop());
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.isWanted) return;
    // Before the first postback: the database may go away at any time.
    await this.tryRefresh();
    this.schedule();
  }

  /** Reads what is new or changed since the last time. */
  async refresh(): Promise<void> {
    const since = new Date(Math.max(0, this.newest - OVERLAP_MS));
    const rows = await this.database.read((source) =>
      source.getRepository(TrackerIntegration).find({
        select: { id: true, revision: true, updatedAt: true },
        where: { updatedAt: MoreThanOrEqual(since) },
        order: { updatedAt: 'DESC' },
        take: CAPACITY,
      }),
    );
    this.directory.refresh(new Map(rows.map(({ id, revision }) => [id, revision])));
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      await this.directory.get(rows.slice(from, from + AT_ONCE).map(({ id }) => id));
    }
    this.newest = Math.max(this.newest, ...rows.slice(0, 1).map(({ updatedAt }) => updatedAt.getTime()));
  }

  private async tryRefresh(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      this.logger.warn(`The integrations could not be read and are tried again: ${String(error)}`);
    }
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      this.refreshing = this.tryRefresh().finally(() => {
        if (this.timer !== undefined) this.schedule();
      });
    }, EVERY_MS);
    this.timer.unref();
  }

  private async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.refreshing;
  }
}
