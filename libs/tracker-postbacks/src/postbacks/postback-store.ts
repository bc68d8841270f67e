import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { jsonParameter } from '../database/json-parameter';
import { TrackerDatabase } from '../database/tracker-database';
import { VERDICT_STATUSES, type VerdictStatus } from '../rules/codes';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type PostbackSql, postbackSql } from './postback-sql';
import {
  type BatchWrite,
  type LoadedClick,
  type StoredPostback,
  type WriteResult,
} from './postback-store.types';

/**
 * The SQL of the hot path: one statement reads what a batch is judged on, one writes everything that was decided.
 * A decision that changes a click's conversions is written only where the click's revision is still the one it was
 * judged on; no lock is held over a round trip.
 */
@Injectable()
export class PostbackStore {
  private statements: PostbackSql | undefined;

  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
  ) {}

  /**
   * Clicks by tenant and id with their conversions on the integration asked for, and the integrations' revisions, all
   * of one snapshot.
   */
  async load(
    wanted: readonly { readonly t: string; readonly c: string; readonly i: string }[],
    integrationIds: readonly string[],
  ): Promise<{ clicks: readonly LoadedClick[]; revisions: ReadonlyMap<string, number> }> {
    const rows = await this.database.query<{
      clicks: readonly LoadedClick[] | null;
      revisions: readonly (readonly [string, number])[] | null;
    }>(this.sql().load, [jsonParameter(wanted), integrationIds], 'load');
    return { clicks: rows[0]?.clicks ?? [], revisions: new Map(rows[0]?.revisions ?? []) };
  }

  /** Writes a judged batch; clicks whose revision moved meanwhile are not among `won` and nothing of theirs is written. */
  async write(batch: BatchWrite): Promise<WriteResult> {
    const stored = batch.postbacks.flatMap(({ id, expected }) => (expected === null ? [] : [id]));
    const again = stored.length > 0 || batch.patches.length > 0 || batch.atomic === true;
    const clicks = batch.postbacks.flatMap(({ click_seq: seq }) => seq ?? []);
    const parameters = [
      jsonParameter(batch.lanes),
      jsonParameter(batch.postbacks),
      jsonParameter(batch.conversions),
      jsonParameter(batch.events),
      [...new Set([...batch.lanes.map(({ seq }) => seq), ...clicks])],
      ...(again ? [jsonParameter(batch.patches), batch.atomic ?? false, stored] : []),
    ];
    const rows = await this.database.query<{
      won: readonly string[] | null;
      kept: readonly string[] | null;
      deliveries: number;
      reversals: readonly string[] | null;
    }>(again ? this.sql().write : this.sql().writeFresh, parameters, again ? 'write' : 'write_fresh');
    const { won, kept, deliveries = 0, reversals } = rows[0] ?? {};
    return { won: new Set(won ?? []), kept: new Set(kept ?? []), deliveries, reversals: reversals ?? [] };
  }

  /** Those of these rows that have one of the statuses, oldest first; erased ones are nobody's to judge. */
  async stored(
    ids: readonly string[],
    statuses: readonly VerdictStatus[],
  ): Promise<readonly StoredPostback[]> {
    return this.database.query<StoredPostback>(this.sql().stored, [ids, statuses]);
  }

  /** These rows whatever their status; erased ones are absent. */
  async storedAny(ids: readonly string[]): Promise<readonly StoredPostback[]> {
    return this.stored(ids, VERDICT_STATUSES);
  }

  /** Ids of parked postbacks that wait for one of these clicks. */
  async parkedFor(
    clicks: readonly { readonly tenantId: string; readonly clickId: string }[],
  ): Promise<readonly string[]> {
    const wanted = clicks.flatMap(({ tenantId: t, clickId: c }) =>
      // A click id with "+" may have arrived with a space in its place.
      c.includes('+')
        ? [
            { t, c },
            { t, c: c.replaceAll('+', ' ') },
          ]
        : [{ t, c }],
    );
    const rows = await this.database.query<{ id: string }>(this.sql().parked, [jsonParameter(wanted)]);
    return rows.map(({ id }) => id);
  }

  /** Every parked postback of the clicks that these parked ones wait for and that exist by now, oldest first. */
  async parkedWithClick(ids: readonly string[]): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(this.sql().parkedWithClick, [ids]);
    return rows.map(({ id }) => id);
  }

  /**
   * One page of everything that is parked, oldest first: those whose click exists by now, and where to go on.
   */
  async parkedPage(
    afterId: string,
    limit: number,
  ): Promise<{ readonly ready: readonly string[]; readonly lastId: string | null }> {
    const [row] = await this.database.query<{ ready: readonly string[] | null; lastId: string | null }>(
      this.sql().parkedPage,
      [afterId, limit],
    );
    return { ready: row?.ready ?? [], lastId: row?.lastId ?? null };
  }

  /** Reversals that wait although the conversion of their tid exists: whoever should have judged them is gone. */
  async overtakenReversals(limit: number): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(this.sql().overtakenReversals, [limit]);
    return rows.map(({ id }) => id);
  }

  /** Takes rows whose judging failed and is due again, out of the way of other processes for a minute. */
  async claimRetries(limit: number): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(this.sql().claimRetries, [limit]);
    return rows.map(({ id }) => id);
  }

  private sql(): PostbackSql {
    return (this.statements ??= postbackSql(this.dataSource));
  }
}
