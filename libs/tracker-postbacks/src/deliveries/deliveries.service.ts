import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, IsNull } from 'typeorm';
import { FilterReader } from '../admin/filter-reader';
import { type Page } from '../admin/page';
import { TrackerAudit } from '../audit/audit.service';
import { databaseNow } from '../database/database-clock';
import { TrackerDatabase } from '../database/tracker-database';
import { TrackerDelivery } from '../events/delivery.entity';
import { HandlerPresence } from '../events/handler-presence';
import { TrackerHandler } from '../events/handler.entity';
import { type Locale } from '../rules/messages';
import { quotable } from '../rules/text.rule';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { type DeliveryProblem, deliveryMessage } from './delivery-messages';
import { deliveryCriteria, deliveryCursor, deliveryId, DeliverySearch } from './delivery-search';
import { listedDeliveryView } from './delivery-view';
import { DELIVERY_FILTERS, type DeliveryFilters, type TrackerDeliveryView } from './delivery.dto';
import { HandlerList, inUse } from './handler-list';
import { type RequeuedDeliveries, type TrackerHandlerView } from './handler.dto';

/** Deliveries requeued in one call. */
const REQUEUED_AT_ONCE = 500;
/** Whoever looks at its click just now is through by then, and every later look finds the requeued one first. */
const HEAD_START_MS = 1_000;
/** What ending deliveries of a retired handler may take of one call; the rest is ended in the background. */
const ENDING_MS = 2_000;

/** Whose deliveries these are, and in which language refusals are told. */
export interface TrackerDeliveryScope extends TrackerScope {
  /** @default 'en' */
  readonly locale?: Locale;
}

/**
 * What the handlers were given, are to be given, and were given up on. Every call is for one tenant; another tenant's
 * delivery is `not_found`.
 */
@Injectable()
export class TrackerDeliveries {
  constructor(
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(DeliverySearch) private readonly search: DeliverySearch,
    @Inject(HandlerList) private readonly kept: HandlerList,
    @Inject(HandlerPresence) private readonly presence: HandlerPresence,
    @Inject(TrackerAudit) private readonly audit: TrackerAudit,
    @Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions,
  ) {}

  /**
   * One page of deliveries, newest first by recording.
   *
   * @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read
   */
  async list(filters: DeliveryFilters = {}, scope: TrackerScope = {}): Promise<Page<TrackerDeliveryView>> {
    const criteria = deliveryCriteria(new FilterReader(filters, DELIVERY_FILTERS));
    const rows = await this.search.page(scope.tenantId ?? DEFAULT_TENANT, criteria);
    const shown = rows.slice(0, criteria.limit);
    const last = shown.at(-1);
    return {
      items: shown.map(({ delivery, event }) => listedDeliveryView(delivery, event)),
      nextCursor: rows.length > criteria.limit && last !== undefined ? deliveryCursor(last) : null,
    };
  }

  /** @throws TrackerError `not_found` where this tenant has no such delivery */
  async get(id: string, scope: TrackerScope = {}): Promise<TrackerDeliveryView> {
    return this.view(id, scope);
  }

  /**
   * Lets a parked delivery run again, with as many attempts as a new one and its errors kept. It takes its place in the
   * order of its click again: later events of the click that are not finished wait for it. Those that were finished
   * while it was parked have been handed over before it, and nothing changes that.
   *
   * @throws TrackerError `not_found`; `delivery_not_parked`; `handler_retired`
   */
  async requeue(id: string, scope: TrackerDeliveryScope = {}): Promise<TrackerDeliveryView> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    await this.database.transaction(async (manager) => {
      const key = deliveryId(id);
      const found = key === null ? null : await this.search.one(tenantId, key, manager);
      if (found === null) throw unknownDelivery(id);
      const { handler, status, eventId } = found.delivery;
      if (status !== 'parked') throw refusal('delivery_not_parked', scope, { status });
      await this.assertKept(handler, scope, manager);
      // Of two requests at once one finds it requeued.
      if ((await this.requeueRows([found.delivery.id], manager)) === 0)
        throw refusal('delivery_not_parked', scope, { status: 'pending' });
      await this.audit.record(
        { action: 'delivery.requeued', subjectId: found.delivery.id, details: { handler, eventId } },
        scope,
        manager,
      );
    });
    return this.view(id, scope);
  }

  /**
   * Lets everything run again that is parked for a handler, the oldest first: for when its fault has been mended.
   *
   * @returns how many of them; with `more`, call again
   * @throws TrackerError `not_found`; `handler_retired`
   */
  async requeueAll(handler: string, scope: TrackerDeliveryScope = {}): Promise<RequeuedDeliveries> {
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    return this.database.transaction(async (manager) => {
      const ids = await this.search.parked(tenantId, handler, REQUEUED_AT_ONCE + 1, manager);
      if (!(await this.isKept(handler, manager))) {
        throw ids.length === 0
          ? unknownHandler(handler)
          : refusal('handler_retired', scope, { name: quotable(handler) });
      }
      const some = ids.slice(0, REQUEUED_AT_ONCE);
      const requeued = some.length === 0 ? 0 : await this.requeueRows(some, manager);
      if (requeued > 0) {
        const change = { action: 'handler.requeued', subjectId: handler, details: { requeued } } as const;
        await this.audit.record(change, scope, manager);
      }
      return { requeued, more: ids.length > some.length };
    });
  }

  /** Every handler that is kept, by name, with what this tenant's deliveries of theirs come to. */
  async handlers(scope: TrackerScope = {}): Promise<readonly TrackerHandlerView[]> {
    return this.kept.of(scope.tenantId ?? DEFAULT_TENANT);
  }

  /**
   * Retires a handler that is gone from the code: it gets no more events, and what is pending for it ends. Under the
   * same name it would be a new one. Handlers belong to all tenants: with a `tenant` resolver in the options nobody
   * can retire one on behalf of a single tenant, and the application calls this without one.
   *
   * @throws TrackerError `not_found`; `handler_in_use` while some process has it; `handlers_shared`
   */
  async retire(name: string, scope: TrackerDeliveryScope = {}): Promise<void> {
    if (this.options.tenant !== undefined && scope.tenantId !== undefined)
      throw refusal('handlers_shared', scope);
    await this.database.transaction(async (manager) => {
      const now = databaseNow(this.database.engine);
      const retired = await manager
        .createQueryBuilder()
        .update(TrackerHandler)
        .set({ retiredAt: () => now, events: ' ', catchUpFrom: null, catchUpTo: null })
        .where(`name = :name AND name <> '' AND retired_at IS NULL AND NOT (${inUse(now)})`, { name })
        .execute();
      if (retired.affected === 0) {
        throw (await this.isKept(name, manager))
          ? refusal('handler_in_use', scope, { name: quotable(name) })
          : unknownHandler(name);
      }
      await this.audit.record({ action: 'handler.retired', subjectId: name }, scope, manager);
    });
    await this.presence.endRetired(ENDING_MS);
  }

  private async view(id: string, { tenantId = DEFAULT_TENANT }: TrackerScope): Promise<TrackerDeliveryView> {
    const key = deliveryId(id);
    const found = key === null ? null : await this.search.one(tenantId, key);
    if (found === null) throw unknownDelivery(id);
    return listedDeliveryView(found.delivery, found.event);
  }

  private async requeueRows(ids: readonly string[], manager: EntityManager): Promise<number> {
    const now = databaseNow(this.database.engine);
    const { affected } = await manager
      .createQueryBuilder()
      .update(TrackerDelivery)
      .set({
        status: 'pending',
        attempts: 0,
        crashes: 0,
        dueAt: () => `${now} + ${HEAD_START_MS}`,
        finishedAt: null,
        // That it has errors and no attempts yet is how a claim knows it for a requeued one.
        errors: () => `coalesce(errors, '[]')`,
      })
      .where("id IN (:...ids) AND status = 'parked'", { ids })
      .execute();
    return affected ?? 0;
  }

  private async assertKept(
    handler: string,
    scope: TrackerDeliveryScope,
    manager: EntityManager,
  ): Promise<void> {
    if (await this.isKept(handler, manager)) return;
    throw refusal('handler_retired', scope, { name: quotable(handler) });
  }

  private async isKept(name: string, manager: EntityManager): Promise<boolean> {
    return name !== '' && (await manager.existsBy(TrackerHandler, { name, retiredAt: IsNull() }));
  }
}

function refusal(
  problem: DeliveryProblem,
  { locale = 'en' }: TrackerDeliveryScope,
  args: { readonly name?: string; readonly status?: string } = {},
): TrackerError {
  return new TrackerError(problem, 409, deliveryMessage(problem, locale, args));
}

function unknownDelivery(id: string): TrackerError {
  return new TrackerError('not_found', 404, `There is no delivery "${quotable(id)}".`);
}

function unknownHandler(name: string): TrackerError {
  return new TrackerError('not_found', 404, `There is no handler "${quotable(name)}".`);
}
