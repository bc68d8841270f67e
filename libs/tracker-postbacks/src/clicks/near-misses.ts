import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { engineOf } from '../database/engine';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { CLICK_ID_LENGTH } from './click-id';
import { TrackerClick } from './click.entity';
import { howNear, type NearMiss, nearMissCandidates, nearMissPrefixes } from './near-miss.rule';

const MAX_HINTS = 5;
/** As the index has it. */
const FOLDED = 'lower(click.clickId)';

/**
 * Known clicks that an unmatched click id may have meant: in another case, with something before or after it, or cut off.
 * For the admin API only: a public reply must not tell anybody about ids that exist.
 */
@Injectable()
export class NearMisses {
  constructor(@Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource) {}

  /** At most five, found by index; none for an id too short to tell. */
  async of(tenantId: string, clickId: string): Promise<readonly NearMiss[]> {
    const candidates = nearMissCandidates(clickId, CLICK_ID_LENGTH);
    if (candidates.length === 0) return [];
    const whole = this.clicks(tenantId)
      .andWhere(`${FOLDED} IN (:...candidates)`, { candidates })
      .limit(4 * MAX_HINTS);
    // Between the prefix and the last text that begins with it: unlike LIKE, that is a range of the index on every engine.
    const [above, below] = engineOf(this.dataSource) === 'postgres' ? ['~>~', '~<~'] : ['>', '<'];
    const begun = nearMissPrefixes(clickId).map((prefix) =>
      this.clicks(tenantId)
        .andWhere(`${FOLDED} ${above} :prefix AND ${FOLDED} ${below} :end`, {
          prefix,
          end: `${prefix}\u{10ffff}`,
        })
        .limit(MAX_HINTS),
    );
    const rows = await Promise.all([whole, ...begun].map((query) => query.getMany()));
    const hints = new Map<string, NearMiss>();
    for (const row of rows.flat()) {
      const how = howNear(clickId, row.clickId);
      if (how !== null) hints.set(row.clickId, { clickId: row.clickId, how });
    }
    return [...hints.values()].slice(0, MAX_HINTS);
  }

  private clicks(tenantId: string): SelectQueryBuilder<TrackerClick> {
    return this.dataSource
      .createQueryBuilder(TrackerClick, 'click')
      .select(['click.seq', 'click.clickId'])
      .where('click.tenantId = :tenantId AND click.erasedAt IS NULL', { tenantId });
  }
}
