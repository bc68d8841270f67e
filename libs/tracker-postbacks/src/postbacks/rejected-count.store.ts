import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { tableName } from '../database/table-name';
import { TrackerDatabase } from '../database/tracker-database';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { TrackerRejectedCount } from './rejected-count.entity';

/** Rejected postbacks of one integration, hour and code: so many more, or so many in all. */
export interface RejectedCounts {
  readonly tenantId: string;
  readonly integrationId: string;
  /** Milliseconds since the epoch. */
  readonly hour: number;
  readonly code: string;
  readonly stored: number;
  readonly counted: number;
}

const COLUMNS = ['integration_id', 'hour_start', 'code', 'tenant_id', 'stored', 'counted'];

/** The counts of rejected postbacks, which all processes add to. */
@Injectable()
export class RejectedCountStore {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
  ) {}

  /** Adds all or none. */
  async add(changes: readonly RejectedCounts[]): Promise<void> {
    // In one order everywhere: two processes must not wait for each other.
    const sorted = changes.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    const values = sorted.map(({ integrationId, hour, code, tenantId, stored, counted }) => [
      integrationId,
      hour,
      code,
      tenantId,
      stored,
      counted,
    ]);
    await this.database.query(this.sql(values.length), values.flat());
  }

  /** What all processes have added for these integrations and hours. */
  async totals(of: readonly RejectedCounts[]): Promise<readonly RejectedCounts[]> {
    const rows = await this.database.read((source) =>
      source.getRepository(TrackerRejectedCount).findBy({
        integrationId: In([...new Set(of.map(({ integrationId }) => integrationId))]),
        hour: In([...new Set(of.map(({ hour }) => String(hour)))]),
      }),
    );
    return rows.map(({ tenantId, integrationId, hour, code, stored, counted }) => ({
      tenantId,
      integrationId,
      hour: Number(hour),
      code,
      stored,
      counted,
    }));
  }

  private sql(rows: number): string {
    const table = tableName(this.dataSource, TrackerRejectedCount);
    const isPostgres = this.database.engine === 'postgres';
    const row = (n: number): string =>
      `(${COLUMNS.map((_, at) => (isPostgres ? `$${n * COLUMNS.length + at + 1}` : '?')).join(', ')})`;
    const insert =
      `INSERT INTO ${table} (${COLUMNS.join(', ')}) VALUES ` +
      Array.from({ length: rows }, (_, n) => row(n)).join(', ');
    // MariaDB knows no other name for the row that could not be inserted.
    return this.database.engine === 'mysql'
      ? `${insert} ON DUPLICATE KEY UPDATE stored = stored + VALUES(stored), counted = counted + VALUES(counted)`
      : `${insert} ON CONFLICT (integration_id, hour_start, code) DO UPDATE
           SET stored = ${table}.stored + excluded.stored, counted = ${table}.counted + excluded.counted`;
  }
}

function orderOf({ integrationId, hour, code }: RejectedCounts): string {
  return `${integrationId}/${hour}/${code}`;
}
