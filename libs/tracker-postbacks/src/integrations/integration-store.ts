import { Inject, Injectable } from '@nestjs/common';
import { type DataSource, type EntityManager } from 'typeorm';
import { type AuditedChange, TrackerAudit } from '../audit/audit.service';
import { TrackerDatabase } from '../database/tracker-database';
import { NetworkRegistry } from '../networks/network-registry';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerClock, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { IntegrationDirectory } from './integration-directory';
import { configRows, integrationRow, lockedRow } from './integration-rows';
import { integrationView, type TrackerIntegrationView, type ViewContext } from './integration-view';
import { TrackerIntegration } from './integration.entity';
import { TrackerPostbackConfig } from './postback-config.entity';
import { PublicAddress } from './public-address';

/** Integration rows with their configs, changed one at a time and told to the directory. */
@Injectable()
export class IntegrationStore {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(NetworkRegistry) private readonly networks: NetworkRegistry,
    @Inject(IntegrationDirectory) private readonly directory: IntegrationDirectory,
    @Inject(PublicAddress) private readonly address: PublicAddress,
    @Inject(TrackerAudit) private readonly audit: TrackerAudit,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  get manager(): EntityManager {
    return this.dataSource.manager;
  }

  row(id: string, scope: TrackerScope): Promise<TrackerIntegration> {
    return integrationRow(this.manager, id, tenantOf(scope), this.clock.now());
  }

  async insert(
    row: TrackerIntegration,
    configs: TrackerPostbackConfig[],
    scope: TrackerScope,
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.insert(TrackerIntegration, row);
      if (configs.length > 0) await manager.insert(TrackerPostbackConfig, configs);
      const { id, name, network, secretHash } = row;
      const details = { name, network, withSecret: secretHash !== null };
      await this.audit.record({ action: 'integration.created', subjectId: id, details }, scope, manager);
    });
  }

  /**
   * Runs a change in a transaction of its own, with the revision raised and the row locked. `audited` writes down what
   * was done, in that same transaction.
   */
  async change<T>(
    id: string,
    scope: TrackerScope,
    work: (
      row: TrackerIntegration,
      manager: EntityManager,
      audited: (change: AuditedChange) => Promise<void>,
    ) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.database.transaction(async (manager) =>
        work(await lockedRow(manager, id, tenantOf(scope), this.clock.now()), manager, (change) =>
          this.audit.record(change, scope, manager),
        ),
      );
    } finally {
      // Also after an error: the answer to a commit can get lost.
      this.directory.forget(id.toLowerCase());
    }
  }

  /** Writes changed settings; to be called within {@link change}. */
  async save(
    manager: EntityManager,
    row: TrackerIntegration,
    changed: Partial<TrackerIntegration>,
    secret?: string,
  ): Promise<TrackerIntegrationView> {
    Object.assign(row, changed, { updatedAt: new Date(this.clock.now()) });
    await manager.save(TrackerIntegration, row);
    return this.view(manager, row, secret);
  }

  async view(
    manager: EntityManager,
    row: TrackerIntegration,
    secret?: string,
  ): Promise<TrackerIntegrationView> {
    const configs = await configRows(manager, [row.id]);
    return integrationView(row, configs.get(row.id) ?? [], this.context(row, secret));
  }

  /** What a row needs to be shown; with a secret only in the answer that made it. */
  context(row: TrackerIntegration, secret?: string): ViewContext {
    return {
      preset: this.networks.forIntegration(row.network),
      address: this.address.ofIntegration(row.id),
      now: this.clock.now(),
      ...(secret === undefined ? {} : { secret }),
    };
  }
}

export function tenantOf({ tenantId }: TrackerScope): string {
  return tenantId ?? DEFAULT_TENANT;
}
