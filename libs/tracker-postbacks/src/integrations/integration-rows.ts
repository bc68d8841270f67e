import { type EntityManager, In } from 'typeorm';
import { uuidOrNull } from '../admin/validation';
import { TrackerError } from '../tracker-postbacks.errors';
import { isGone } from './integration-directory';
import { TrackerIntegration } from './integration.entity';
import { TrackerPostbackConfig } from './postback-config.entity';

export interface IntegrationFilter {
  readonly tenantId: string;
  readonly network?: string | undefined;
  readonly status?: 'active' | 'paused' | undefined;
  /** Archived ones instead of those in use. */
  readonly archived: boolean;
  /** Only those archived after this count; milliseconds since the epoch. */
  readonly archivedAfter: number;
}

/** Lower-cased id, or 404 for what cannot be one. */
export function rowId(id: string): string {
  const uuid = uuidOrNull(id);
  if (uuid === null) throw notFound(id);
  return uuid;
}

export function notFound(id: string): TrackerError {
  return new TrackerError('not_found', 404, `There is nothing with the id "${id.slice(0, 64)}" here.`);
}

/** The tenant's integration, archived or not. @throws {TrackerError} `not_found` */
export async function integrationRow(
  manager: EntityManager,
  id: string,
  tenantId: string,
  now: number,
): Promise<TrackerIntegration> {
  const row = await manager.findOneBy(TrackerIntegration, { id: rowId(id), tenantId });
  if (row === null || isGone(row.deletedAt?.getTime() ?? null, now)) throw notFound(id);
  return row;
}

/**
 * The same, with its revision raised first: that takes the row's lock, so that changes to one integration and its configs
 * run one after another.
 */
export async function lockedRow(
  manager: EntityManager,
  id: string,
  tenantId: string,
  now: number,
): Promise<TrackerIntegration> {
  await manager.increment(TrackerIntegration, { id: rowId(id), tenantId }, 'revision', 1);
  return integrationRow(manager, id, tenantId, now);
}

export async function configRows(
  manager: EntityManager,
  integrationIds: readonly string[],
): Promise<ReadonlyMap<string, readonly TrackerPostbackConfig[]>> {
  const rows = await manager.find(TrackerPostbackConfig, {
    where: { integrationId: In(integrationIds) },
    order: { position: 'ASC', id: 'ASC' },
  });
  const byIntegration = new Map<string, TrackerPostbackConfig[]>(integrationIds.map((id) => [id, []]));
  for (const row of rows) byIntegration.get(row.integrationId)?.push(row);
  return byIntegration;
}

/** Newest first, at most `take`, after the row that the cursor names. */
export async function integrationPage(
  manager: EntityManager,
  filter: IntegrationFilter,
  cursorId: string | undefined,
  take: number,
): Promise<readonly TrackerIntegration[]> {
  const query = manager
    .createQueryBuilder(TrackerIntegration, 'i')
    .where('i.tenantId = :tenantId', { tenantId: filter.tenantId })
    .orderBy('i.createdAt', 'DESC')
    .addOrderBy('i.id', 'DESC')
    .limit(take);
  if (filter.archived) query.andWhere('i.deletedAt > :after', { after: filter.archivedAfter });
  else query.andWhere('i.deletedAt IS NULL');
  if (filter.network !== undefined) query.andWhere('i.network = :network', { network: filter.network });
  if (filter.status !== undefined) query.andWhere('i.status = :status', { status: filter.status });
  if (cursorId !== undefined) {
    // Ids are random here (they stand in URLs), so the order comes from the row that the cursor names.
    const last = await manager.findOneBy(TrackerIntegration, { id: cursorId, tenantId: filter.tenantId });
    if (last === null) throw notFound(cursorId);
    query.andWhere('(i.createdAt < :createdAt OR (i.createdAt = :createdAt AND i.id < :lastId))', {
      createdAt: last.createdAt.getTime(),
      lastId: last.id,
    });
  }
  return query.getMany();
}
