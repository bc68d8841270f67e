import { Inject, Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull } from 'typeorm';
import { TrackerConversion } from '../conversions/conversion.entity';
import { databaseNow } from '../database/database-clock';
import { jsonParameter } from '../database/json-parameter';
import { portions } from '../database/portions';
import { lockingRows } from '../database/row-lock';
import { TrackerDatabase } from '../database/tracker-database';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { type EventPayload } from '../events/event-payload';
import { TrackerIntegration } from '../integrations/integration.entity';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { type PostbackRow } from './postback-store.types';
import { TrackerPostback } from './postback.entity';

/** Events whose payloads go into one statement. */
const PAYLOADS_AT_ONCE = 100;
/** What nobody has judged yet. */
const WAITING = ['unmatched', 'deferred'] as const;

/** Everything in a postback's row that may tell of a person. What is left is what statistics need. */
export const NOTHING_PERSONAL = {
  target: '',
  path_event: null,
  body_type: null,
  body: null,
  raw_sha256: null,
  address: null,
  forwarded_for: null,
  message_args: null,
  message_parameter: null,
  warnings: null,
  reported_event: null,
  click_id: null,
  click_seq: null,
  chat_id: null,
  tid: null,
  cost: null,
  currency: null,
  parked_until: null,
} as const satisfies Partial<PostbackRow>;

type ErasedPostback = Pick<TrackerPostback, 'id' | 'integrationId' | 'receivedAt' | 'test'>;

/** Takes everything personal out of stored postbacks and out of the events that they gave rise to. */
@Injectable()
export class PostbackEraser {
  constructor(
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * Erases the rows, all or none. What still waited to be judged is `ignored/click_erased` from then on, which every
   * statement that judges again respects. No handler is given an erased event: what was to be delivered is done.
   *
   * @param manager of the caller's transaction; without one it is a transaction of its own, on our own connections
   */
  async erase(ids: readonly string[], manager?: EntityManager): Promise<void> {
    if (ids.length === 0) return;
    if (manager !== undefined) return this.eraseWithin(manager, ids);
    // Postbacks wait for this one: it must not wait for the host's pool, which may be used up.
    return this.database.engine === 'sqlite'
      ? this.database.transaction((own) => this.eraseWithin(own, ids))
      : this.database.read((source) => source.transaction((own) => this.eraseWithin(own, ids)));
  }

  private async eraseWithin(manager: EntityManager, ids: readonly string[]): Promise<void> {
    const query = manager
      .createQueryBuilder(TrackerPostback, 'postback')
      .select(['postback.id', 'postback.integrationId', 'postback.receivedAt', 'postback.test'])
      .where('postback.id IN (:...ids) AND postback.erasedAt IS NULL', { ids })
      .orderBy('postback.id');
    const rows = await lockingRows(this.database.engine, query).getMany();
    if (rows.length === 0) return;
    await this.blankRows(manager, In(rows.map(({ id }) => id)));
    const eventIds = await this.blankEvents(manager, rows);
    for (const portion of portions(eventIds)) await this.finishDeliveries(manager, portion);
  }

  private async blankRows(manager: EntityManager, id: ReturnType<typeof In<string>>): Promise<void> {
    const { columns } = manager.getRepository(TrackerPostback).metadata;
    const blank = Object.fromEntries(
      columns.flatMap(({ databaseName, propertyName }) =>
        databaseName in NOTHING_PERSONAL
          ? [[propertyName, NOTHING_PERSONAL[databaseName as keyof typeof NOTHING_PERSONAL]]]
          : [],
      ),
    );
    await manager.update(
      TrackerPostback,
      { id, status: In(WAITING) },
      { status: 'ignored', code: 'click_erased' },
    );
    const erasedAt = new Date(this.clock.now());
    await manager.update(TrackerPostback, { id }, { ...blank, retryAt: null, erasedAt });
  }

  /** Makes their payloads anew from columns, and answers their ids. */
  private async blankEvents(
    manager: EntityManager,
    postbacks: readonly ErasedPostback[],
  ): Promise<readonly string[]> {
    const events = await manager.find(TrackerEventRow, {
      select: { id: true, postbackId: true, conversionId: true, ordinal: true, tenantId: true },
      where: { postbackId: In(postbacks.map(({ id }) => id)), erasedAt: IsNull() },
    });
    if (events.length === 0) return [];
    const rows = new Map(postbacks.map((row) => [row.id, row]));
    const networks = await this.networksOf(manager, postbacks);
    const conversions = await this.conversionsOf(manager, events);
    const payloads = events.flatMap(({ id, conversionId, ordinal, postbackId, tenantId }) => {
      const postback = rows.get(postbackId);
      if (postback === undefined) return [];
      const conversion = conversionId === null ? undefined : conversions.get(conversionId);
      const payload: EventPayload = {
        conversionId,
        event: conversion?.event ?? null,
        ordinal,
        reportedEvent: null,
        postbackId,
        integrationId: postback.integrationId,
        network: networks.get(postback.integrationId) ?? '',
        tenantId,
        campaignId: null,
        clickId: null,
        chatId: null,
        tid: null,
        cost: conversion?.cost ?? null,
        currency: conversion?.currency ?? null,
        fields: {},
        params: {},
        receivedAt: postback.receivedAt.getTime(),
        test: postback.test,
      };
      return [{ id, payload: jsonParameter(payload) }];
    });
    for (const portion of portions(payloads, PAYLOADS_AT_ONCE)) await this.writePayloads(manager, portion);
    return payloads.map(({ id }) => id);
  }

  private async writePayloads(
    manager: EntityManager,
    events: readonly { readonly id: string; readonly payload: string }[],
  ): Promise<void> {
    const cases = events.map((_, n) => `WHEN :event${n} THEN :payload${n}`).join(' ');
    await manager
      .createQueryBuilder()
      .update(TrackerEventRow)
      .set({ payload: () => `CASE id ${cases} END`, erasedAt: new Date(this.clock.now()) })
      .where({ id: In(events.map(({ id }) => id)) })
      .setParameters(
        Object.fromEntries(
          events.flatMap(({ id, payload }, n) => [
            [`event${n}`, id],
            [`payload${n}`, payload],
          ]),
        ),
      )
      .execute();
  }

  private async networksOf(
    manager: EntityManager,
    postbacks: readonly ErasedPostback[],
  ): Promise<ReadonlyMap<string, string>> {
    const integrations = await manager.find(TrackerIntegration, {
      select: { id: true, network: true },
      where: { id: In([...new Set(postbacks.map(({ integrationId }) => integrationId))]) },
    });
    return new Map(integrations.map(({ id, network }) => [id, network]));
  }

  private async conversionsOf(
    manager: EntityManager,
    events: readonly Pick<TrackerEventRow, 'conversionId'>[],
  ): Promise<ReadonlyMap<string, TrackerConversion>> {
    const ids = [...new Set(events.flatMap(({ conversionId }) => conversionId ?? []))];
    const found = new Map<string, TrackerConversion>();
    for (const portion of portions(ids)) {
      const conversions = await manager.find(TrackerConversion, {
        select: { id: true, event: true, cost: true, currency: true },
        where: { id: In(portion) },
      });
      for (const conversion of conversions) found.set(conversion.id, conversion);
    }
    return found;
  }

  /** Errors may quote what was erased. */
  private async finishDeliveries(manager: EntityManager, eventIds: readonly string[]): Promise<void> {
    const { engine } = this.database;
    const query = manager
      .createQueryBuilder(TrackerDelivery, 'delivery')
      .select(['delivery.id', 'delivery.status', 'delivery.attempts'])
      .where('delivery.eventId IN (:...eventIds)', { eventIds })
      .orderBy('delivery.id');
    const deliveries = await lockingRows(engine, query).getMany();
    const done = deliveries.flatMap(({ id, status }) => (status === 'done' ? id : []));
    if (done.length > 0) await manager.update(TrackerDelivery, { id: In(done) }, { errors: null });
    const at = new Date(this.clock.now()).toISOString();
    for (const attempt of new Set(deliveries.map(({ attempts }) => attempts))) {
      const open = deliveries.flatMap(({ id, status, attempts }) =>
        status !== 'done' && attempts === attempt ? id : [],
      );
      if (open.length === 0) continue;
      await manager.update(
        TrackerDelivery,
        { id: In(open) },
        {
          status: 'done',
          leaseToken: null,
          leaseUntil: null,
          finishedAt: () => `coalesce(finished_at, ${databaseNow(engine)})`,
          errors: [{ attempt, at, message: 'erased' }],
        },
      );
    }
  }
}
