import { type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { decodeCursor } from '../admin/page';
import { type DatabaseEngine } from '../database/engine';
import { uuidV7Floor } from '../database/uuid-v7';
import { type FilterReader } from '../admin/filter-reader';

/** Filters of a list, read and checked; null where one is absent. */
export interface ListCriteria {
  readonly integrationId: string | null;
  /** Lower case, as keys of presets are. */
  readonly networks: readonly string[] | null;
  /** Lower case. */
  readonly events: readonly string[] | null;
  readonly clickId: string | null;
  readonly tid: string | null;
  readonly chatId: string | null;
  /** Rows from this id on. */
  readonly fromId: string | null;
  /** Rows before this id. */
  readonly toId: string | null;
  readonly test: boolean;
  /** Rows before this id, the last of the page before. */
  readonly beforeId: string | null;
  readonly limit: number;
}

/**
 * Reads what the two lists have in common, after filters of the caller's own, and refuses what was wrong with either.
 *
 * @param earliest where rows are looked for when no `from` was given; null for everywhere
 */
export function listCriteria(
  reader: FilterReader,
  earliest: (to: number | null) => number | null = () => null,
): ListCriteria {
  const timeZone = reader.timeZone('timeZone');
  const to = reader.time('to', timeZone);
  const from = reader.time('from', timeZone) ?? earliest(to);
  const cursor = reader.text('cursor');
  const criteria = {
    integrationId: reader.uuid('integrationId'),
    networks: lowerCased(reader.texts('network')),
    events: lowerCased(reader.texts('event')),
    clickId: reader.text('clickId'),
    tid: reader.text('tid'),
    chatId: reader.text('chatId'),
    // Ids are UUIDv7 of `receivedAt`: a range of time is a range of ids, and the one index serves filter and order.
    fromId: from === null ? null : uuidV7Floor(from),
    toId: to === null ? null : uuidV7Floor(to),
    test: reader.flag('test'),
    limit: reader.limit(),
  };
  reader.done();
  return { ...criteria, beforeId: cursor === null ? null : decodeCursor(cursor) };
}

function lowerCased(texts: readonly string[] | null): readonly string[] | null {
  return texts === null ? null : texts.map((text) => text.toLowerCase());
}

/** A row of either list, by the property names that both entities share. */
export interface ListedRow extends ObjectLiteral {
  readonly id: string;
  readonly tenantId: string;
  readonly integrationId: string;
  readonly event: string | null;
  readonly tid: string | null;
  readonly chatId: string | null;
  readonly test: boolean;
}

/**
 * Narrows a query to one page and one row more, newest first. `integrationIds` are those of the networks asked for;
 * the click id is left to the caller.
 */
export function narrow<R extends ListedRow>(
  engine: DatabaseEngine,
  query: SelectQueryBuilder<R>,
  tenantId: string,
  criteria: ListCriteria,
  integrationIds: readonly string[] | null,
): SelectQueryBuilder<R> {
  const row = query.alias;
  return narrowed(engine, query, tenantId, criteria, integrationIds)
    .orderBy(`${row}.id`, 'DESC')
    .limit(criteria.limit + 1);
}

/** The same without order and end. */
export function narrowed<R extends ListedRow>(
  engine: DatabaseEngine,
  query: SelectQueryBuilder<R>,
  tenantId: string,
  criteria: ListCriteria,
  integrationIds: readonly string[] | null,
): SelectQueryBuilder<R> {
  const row = query.alias;
  const { integrationId, events, tid, chatId, fromId, toId, beforeId, test } = criteria;
  query.where(`${row}.tenantId = :tenantId`, { tenantId });
  // SQLite takes a partial index only for the index's own condition, and MySQL a plain one only for an equation.
  if (engine === 'sqlite') query.andWhere(test ? `${row}.test` : `NOT ${row}.test`);
  else query.andWhere(`${row}.test = :test`, { test });
  if (integrationId !== null) query.andWhere(`${row}.integrationId = :integrationId`, { integrationId });
  if (integrationIds !== null)
    query.andWhere(`${row}.integrationId IN (:...integrationIds)`, { integrationIds });
  if (events !== null) query.andWhere(`${row}.event IN (:...events)`, { events });
  if (tid !== null) query.andWhere(`${row}.tid = :tid`, { tid });
  if (chatId !== null) query.andWhere(`${row}.chatId = :chatId`, { chatId });
  if (fromId !== null) query.andWhere(`${row}.id >= :fromId`, { fromId });
  if (toId !== null) query.andWhere(`${row}.id < :toId`, { toId });
  if (beforeId !== null) query.andWhere(`${row}.id < :beforeId`, { beforeId });
  return query;
}
