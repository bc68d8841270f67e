import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { tableName } from '../database/table-name';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { CLICK_ID_LENGTH } from './click-id';
import { TrackerClick } from './click.entity';
import { howNear, type NearMiss, nearMissCandidates, prefixPattern } from './near-miss.rule';

const MAX_HINTS = 5;

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
    const pattern = prefixPattern(clickId);
    if (candidates.length === 0) return [];
    const table = tableName(this.dataSource, TrackerClick);
    const rows: readonly { readonly clickId: string }[] = await this.dataSource.query(
      `(SELECT click_id AS "clickId" FROM ${table}
         WHERE tenant_id = $1 AND lower(click_id) = ANY($2::text[]) AND erased_at IS NULL
         LIMIT ${4 * MAX_HINTS})
       UNION ALL
       (SELECT click_id FROM ${table}
         WHERE tenant_id = $1 AND $3::text IS NOT NULL AND lower(click_id) LIKE $3::text AND erased_at IS NULL
         LIMIT ${MAX_HINTS})`,
      [tenantId, candidates, pattern],
    );
    const hints = new Map<string, NearMiss>();
    for (const row of rows) {
      const how = howNear(clickId, row.clickId);
      if (how !== null) hints.set(row.clickId, { clickId: row.clickId, how });
    }
    return [...hints.values()].slice(0, MAX_HINTS);
  }
}
