import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { FilterReader } from '../admin/filter-reader';
import { decodeCursor, type Page, pageOf } from '../admin/page';
import { TrackerDatabase } from '../database/tracker-database';
import { uuidV7, uuidV7Floor } from '../database/uuid-v7';
import { storable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerClock, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { AUDIT_ACTIONS, type AuditAction, subjectOf } from './audit-action';
import { AUDIT_FILTERS, type AuditFilters, type TrackerAuditView } from './audit.dto';
import { TrackerAuditEntry } from './audit.entity';

const MAX_LENGTH = 255;

/** A change to be written down. */
export interface AuditedChange {
  readonly action: AuditAction;
  /** Id of what was changed; of clicks and chats the id that the host knows. */
  readonly subjectId: string;
  /** Anything that goes into JSON. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Who changed what. Services write it; the actor and the tenant are those of the call's scope. */
@Injectable()
export class TrackerAudit {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * Writes a change down: within the transaction of `manager`, so that neither is there without the other, or, without
   * one, at once.
   */
  async record(
    { action, subjectId, details }: AuditedChange,
    { tenantId = DEFAULT_TENANT, actor }: TrackerScope,
    manager?: EntityManager,
  ): Promise<void> {
    const at = this.clock.now();
    const write = (within: EntityManager): Promise<unknown> =>
      within.insert(TrackerAuditEntry, {
        id: uuidV7(at),
        tenantId,
        actor: actor === undefined ? null : kept(actor),
        action,
        subjectType: subjectOf(action),
        subjectId: kept(subjectId),
        // TypeORM's partial type refuses a record of unknown values.
        details: (details ?? null) as TrackerAuditEntry['details'] & null,
        at: new Date(at),
      });
    await (manager === undefined ? this.database.transaction(write) : write(manager));
  }

  /** Whether this was ever done to this subject. */
  async knows(action: AuditAction, subjectId: string, { tenantId }: TrackerScope): Promise<boolean> {
    return this.dataSource.manager.existsBy(TrackerAuditEntry, {
      tenantId: tenantId ?? DEFAULT_TENANT,
      subjectId: kept(subjectId),
      action,
    });
  }

  /**
   * One page of the trail, newest first. Pages stay right while changes are made.
   *
   * @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read
   */
  async list(filters: AuditFilters = {}, scope: TrackerScope = {}): Promise<Page<TrackerAuditView>> {
    const reader = new FilterReader(filters, AUDIT_FILTERS);
    const actions = reader.words('action', AUDIT_ACTIONS);
    const subjectId = reader.text('subjectId');
    const from = reader.time('from');
    const to = reader.time('to');
    const cursor = reader.text('cursor');
    const limit = reader.limit();
    reader.done();

    const query = this.dataSource
      .createQueryBuilder(TrackerAuditEntry, 'entry')
      .where('entry.tenantId = :tenantId', { tenantId: scope.tenantId ?? DEFAULT_TENANT })
      .orderBy('entry.id', 'DESC')
      .limit(limit + 1);
    if (actions !== null) query.andWhere('entry.action IN (:...actions)', { actions });
    if (subjectId !== null) query.andWhere('entry.subjectId = :subjectId', { subjectId });
    if (from !== null) query.andWhere('entry.id >= :fromId', { fromId: uuidV7Floor(from) });
    if (to !== null) query.andWhere('entry.id < :toId', { toId: uuidV7Floor(to) });
    if (cursor !== null) query.andWhere('entry.id < :beforeId', { beforeId: decodeCursor(cursor) });
    return pageOf(await query.getMany(), limit, viewOf);
  }
}

function viewOf({
  id,
  at,
  actor,
  action,
  subjectType,
  subjectId,
  details,
}: TrackerAuditEntry): TrackerAuditView {
  return { id, at: at.toISOString(), actor, action, subjectType, subjectId, details: details ?? {} };
}

/** A host may name its actors by any text; one that no column can hold must not undo the change it tells of. */
function kept(text: string): string {
  return Array.from(storable(text)).slice(0, MAX_LENGTH).join('');
}
