import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerRejectedCount } from '../postbacks/rejected-count.entity';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type StatsCriteria } from './stats-filters';

/** As drivers answer it: sums may be text. */
interface Row {
  readonly grouped: string | number | null;
  readonly counted: string | number;
}

/** Rejected postbacks of a flood: answered and counted, and no rows of the log. They are known by the hour only. */
@Injectable()
export class CountedRejections {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** By what statistics are grouped by; their events are not known. */
  async of(
    tenantId: string,
    { from, to, days, groupBy }: StatsCriteria,
  ): Promise<readonly { readonly key: string | null; readonly count: number }[]> {
    const query = this.dataSource
      .createQueryBuilder(TrackerRejectedCount, 'rejected')
      .select('sum(rejected.counted)', 'counted')
      .where('rejected.tenantId = :tenantId AND rejected.hour >= :from AND rejected.hour < :to', {
        tenantId,
        from,
        to,
      })
      .andWhere('rejected.counted > 0');
    if (groupBy === 'event') {
      const row = await query.getRawOne<{ readonly counted: string | number | null }>();
      const count = Number(row?.counted ?? 0);
      return count === 0 ? [] : [{ key: null, count }];
    }
    const column = groupBy === 'day' ? 'rejected.hour' : 'rejected.integrationId';
    const rows = await query.addSelect(column, 'grouped').groupBy(column).getRawMany<Row>();
    return rows.map(({ grouped, counted }) => ({
      key: groupBy === 'day' ? dayAt(Number(grouped), days) : String(grouped),
      count: Number(counted),
    }));
  }
}

function dayAt(time: number, days: StatsCriteria['days']): string | null {
  return days.findLast(({ start }) => start <= time)?.name ?? null;
}
