import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { databaseNow } from '../database/database-clock';
import { tableName } from '../database/table-name';
import { TrackerDatabase } from '../database/tracker-database';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { TrackerDelivery } from './delivery.entity';
import { TrackerHandler } from './handler.entity';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Whether some process has a handler that is kept. */
export interface HandlerPresenceReport {
  readonly name: string;
  /** Milliseconds since the epoch: when a process last said that it has it, which it does every minute. */
  readonly lastSeenAt: number;
  /** No process has had it for 24 hours. */
  readonly unseen: boolean;
}

/** How far behind the handlers are, all tenants together. */
export interface RelayReport {
  /** The database's time, milliseconds since the epoch. */
  readonly at: number;
  /** Every handler that is kept and not retired. */
  readonly handlers: readonly HandlerPresenceReport[];
  /** Deliveries of these handlers that were given up on and wait for a requeue. */
  readonly parked: number;
  /**
   * Milliseconds for which the longest-waiting due delivery of a kept handler has been due; 0 when none is. What waits
   * for its next attempt, and what is held back behind that, is not due.
   */
  readonly lagMs: number;
}

interface Figures {
  readonly name: string | null;
  readonly lastSeenAt: string | number | null;
  readonly parked: string | number | null;
  readonly dueAt: string | number | null;
  readonly at: string | number;
}

/** What health and metrics tell of the relay: a few looks into indexes, cheap enough to be asked every few seconds. */
@Injectable()
export class RelayState {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
  ) {}

  /** Rejects when the database cannot be asked in time. */
  async read(): Promise<RelayReport> {
    const rows = await this.database.query<Figures>(this.sql(), []);
    const at = Number(rows[0]?.at);
    const due = rows.flatMap(({ dueAt }) => (dueAt === null ? [] : [at - Number(dueAt)]));
    return {
      at,
      handlers: rows.flatMap(({ name, lastSeenAt }) =>
        name === null
          ? []
          : [{ name, lastSeenAt: Number(lastSeenAt), unseen: at - Number(lastSeenAt) > DAY_MS }],
      ),
      parked: rows.reduce((sum, { parked }) => sum + Number(parked), 0),
      lagMs: Math.max(0, ...due),
    };
  }

  private sql(): string {
    const now = databaseNow(this.database.engine);
    const handlers = tableName(this.dataSource, TrackerHandler);
    const deliveries = tableName(this.dataSource, TrackerDelivery);
    return `
      SELECT n.at AS at, h.name AS name, h.last_registered_at AS ${this.quoted('lastSeenAt')}, (
        SELECT count(*) FROM ${deliveries} d WHERE d.handler = h.name AND d.status = 'parked'
      ) AS parked, (
        SELECT d.due_at FROM ${deliveries} d
        WHERE d.handler = h.name AND d.status = 'pending' AND d.due_at <= ${now}
          AND (d.lease_until IS NULL OR d.lease_until < ${now})
        ORDER BY d.due_at LIMIT 1
      ) AS ${this.quoted('dueAt')}
      FROM (SELECT ${now} AS at) n LEFT JOIN ${handlers} h ON h.retired_at IS NULL AND h.name <> ''
      ORDER BY h.name`;
  }

  private quoted(name: string): string {
    return this.database.engine === 'mysql' ? `\`${name}\`` : `"${name}"`;
  }
}
