import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { databaseNow } from '../database/database-clock';
import { tableName } from '../database/table-name';
import { TrackerDatabase } from '../database/tracker-database';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerHandler } from '../events/handler.entity';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type TrackerHandlerView } from './handler.dto';

/** How long a process that says nothing is believed to be there: it says something every minute. */
const SILENCE_MS = 180_000;
const DAY_MS = 24 * 60 * 60 * 1000;

interface HandlerRow {
  readonly name: string;
  readonly events: string;
  readonly first: string | number;
  readonly last: string | number;
  readonly signed_off: string | number | null;
  readonly at: string | number;
}

interface CountRow {
  readonly name: string;
  readonly status: 'pending' | 'parked';
  readonly n: string | number;
  readonly oldest: string | number;
}

/** The condition, on `tracker_handlers` as it is, that some process has a handler now. */
export function inUse(now: string): string {
  return `signed_off_at IS NULL AND last_registered_at >= ${now} - ${SILENCE_MS}`;
}

/** Handlers that are kept, with what one tenant's deliveries of theirs come to. */
@Injectable()
export class HandlerList {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
  ) {}

  /** By name. */
  async of(tenantId: string): Promise<readonly TrackerHandlerView[]> {
    const handlers = tableName(this.dataSource, TrackerHandler);
    const rows = await this.dataSource.query<readonly HandlerRow[]>(
      `SELECT name, events, first_registered_at AS first, last_registered_at AS last, signed_off_at AS signed_off,
         ${databaseNow(this.database.engine)} AS at
       FROM ${handlers} WHERE retired_at IS NULL AND name <> '' ORDER BY name`,
    );
    const counts = await this.counts(tenantId);
    return rows.map((row) => handlerView(row, counts));
  }

  /** One question for each status: only then an index of just these rows serves it. */
  private async counts(tenantId: string): Promise<readonly CountRow[]> {
    const table = (entity: new () => object): string => tableName(this.dataSource, entity);
    const parameter = this.database.engine === 'postgres' ? '$1' : '?';
    const counted = (status: CountRow['status']): Promise<readonly CountRow[]> =>
      this.dataSource.query(
        `SELECT h.name, '${status}' AS status, count(*) AS n, min(e.created_at) AS oldest
         FROM ${table(TrackerHandler)} h
         JOIN ${table(TrackerDelivery)} d ON d.handler = h.name AND d.status = '${status}'
         JOIN ${table(TrackerEventRow)} e ON e.id = d.event_id
         WHERE e.tenant_id = ${parameter} GROUP BY h.name`,
        [tenantId],
      );
    return [...(await counted('pending')), ...(await counted('parked'))];
  }
}

function handlerView(
  { name, events, first, last, signed_off: signedOff, at }: HandlerRow,
  counts: readonly CountRow[],
): TrackerHandlerView {
  const of = (status: CountRow['status']): CountRow | undefined =>
    counts.find((count) => count.name === name && count.status === status);
  const pending = of('pending');
  const silence = Number(at) - Number(last);
  return {
    name,
    events: events.trim().split(' '),
    firstRegisteredAt: new Date(Number(first)).toISOString(),
    lastRegisteredAt: new Date(Number(last)).toISOString(),
    inUse: signedOff === null && silence <= SILENCE_MS,
    seen: silence <= DAY_MS,
    pending: Number(pending?.n ?? 0),
    parked: Number(of('parked')?.n ?? 0),
    oldestPendingAt: pending === undefined ? null : new Date(Number(pending.oldest)).toISOString(),
  };
}
