import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { In } from 'typeorm';
import { TrackerDatabase } from '../database/tracker-database';
import { NetworkRegistry } from '../networks/network-registry';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { type CompiledIntegration, compileIntegration } from './integration-recipe';
import { TrackerIntegration } from './integration.entity';
import { TrackerPostbackConfig } from './postback-config.entity';

/** Integrations that are kept. */
export const CAPACITY = 10_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** How long the URL of an archived integration still stores; milliseconds. */
export const ARCHIVE_MS = 30 * 24 * 60 * 60 * 1000;

/** Whether an integration was archived so long ago that its URL is unknown and it cannot be restored. */
export function isGone(deletedAt: number | null, now: number): boolean {
  return deletedAt !== null && now - deletedAt >= ARCHIVE_MS;
}

type Compiled = ReadonlyMap<string, CompiledIntegration>;

/**
 * The integrations of the hot path, compiled and kept. Another process's change shows in the row's `revision`: whoever
 * reads newer revisions hands them to {@link refresh}.
 */
@Injectable()
export class IntegrationDirectory {
  /** Given a number of entries it would take the memory of all of them at once. */
  private readonly entries = new LRUCache<string, CompiledIntegration>({
    maxSize: CAPACITY,
    sizeCalculation: () => 1,
  });
  /** What was kept of those forgotten, for as long as they are not read anew. */
  private readonly outdated = new Map<string, CompiledIntegration>();
  /**
   * The load under way per id. Forgetting an id takes its load out, so that what was read before a change is neither
   * kept nor given to anyone who asks after it.
   */
  private readonly loads = new Map<string, Promise<Compiled>>();

  constructor(
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(NetworkRegistry) private readonly networks: NetworkRegistry,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * The integrations with these ids (lower case). Ids that are unknown are absent, and those archived for more than 30
   * days too, unless they are asked for: what was taken in before still has to be judged.
   */
  async get(ids: readonly string[], { gone = false } = {}): Promise<Compiled> {
    const found = new Map<string, CompiledIntegration>();
    const add = (entry: CompiledIntegration | undefined): void => {
      if (entry !== undefined && (gone || !isGone(entry.deletedAt, this.clock.now())))
        found.set(entry.id, entry);
    };
    const missing = new Set<string>();
    const waiting = new Map<string, Promise<Compiled>>();
    for (const id of ids) {
      const entry = this.entries.get(id);
      const load = this.loads.get(id);
      if (entry !== undefined) add(entry);
      else if (load !== undefined) waiting.set(id, load);
      else if (UUID.test(id)) missing.add(id);
    }
    if (missing.size > 0) {
      const load = this.load([...missing]);
      for (const id of missing) waiting.set(id, load);
    }
    await Promise.all(
      [...waiting].map(async ([id, load]) => {
        add((await load).get(id));
      }),
    );
    return found;
  }

  /** What is kept of an integration, without asking the database. */
  cached(id: string): CompiledIntegration | undefined {
    const entry = this.entries.get(id);
    return entry === undefined || isGone(entry.deletedAt, this.clock.now()) ? undefined : entry;
  }

  /**
   * What was kept of an integration last, even if it has changed since: for when the database cannot be asked.
   */
  lastKnown(id: string): CompiledIntegration | undefined {
    const entry = this.entries.get(id) ?? this.outdated.get(id);
    return entry === undefined || isGone(entry.deletedAt, this.clock.now()) ? undefined : entry;
  }

  /** Drops what differs from the revisions that the database has now. */
  refresh(revisions: ReadonlyMap<string, number>): void {
    for (const [id, revision] of revisions) {
      if (this.entries.peek(id)?.revision !== revision) this.forget(id);
    }
  }

  /** To be called after a change to the integration or its configs has been committed. */
  forget(id: string): void {
    const entry = this.entries.peek(id);
    if (entry !== undefined) this.outdated.set(id, entry);
    this.entries.delete(id);
    this.loads.delete(id);
  }

  private load(ids: readonly string[]): Promise<Compiled> {
    const load = this.read(ids)
      .then((compiled) => {
        for (const [id, entry] of compiled) {
          if (this.loads.get(id) !== load) continue;
          this.entries.set(id, entry);
          this.outdated.delete(id);
        }
        return compiled;
      })
      .finally(() => {
        for (const id of ids) if (this.loads.get(id) === load) this.loads.delete(id);
      });
    for (const id of ids) this.loads.set(id, load);
    return load;
  }

  private async read(ids: readonly string[]): Promise<Compiled> {
    // Configs last: a change in between then shows as an old revision, which refresh() drops, never as a current one.
    const [integrations, configs] = await this.database.read(async (source) => {
      const found = await source.getRepository(TrackerIntegration).findBy({ id: In(ids) });
      const order = { position: 'ASC', id: 'ASC' } as const;
      const where = { integrationId: In(ids) };
      return [found, await source.getRepository(TrackerPostbackConfig).find({ where, order })] as const;
    });
    const configsOf = new Map<string, TrackerPostbackConfig[]>();
    for (const config of configs) {
      const siblings = configsOf.get(config.integrationId);
      if (siblings === undefined) configsOf.set(config.integrationId, [config]);
      else siblings.push(config);
    }
    return new Map(
      integrations.map((integration) => {
        const preset = this.networks.forIntegration(integration.network);
        return [integration.id, compileIntegration(integration, configsOf.get(integration.id) ?? [], preset)];
      }),
    );
  }
}
