import { VERDICT_STATUSES, type VerdictStatus } from '../rules/codes';
import {
  type BatchWrite,
  type LoadedBatch,
  type ParkedPage,
  type StoredPostback,
  type WantedClick,
  type WriteResult,
} from './postback-store.types';

/**
 * The SQL of the hot path: one question reads what a batch is judged on, one write stores everything that was decided.
 * A decision that changes a click's conversions is written only where the click's revision is still the one it was
 * judged on; no lock is held over a round trip. There is one per kind of database.
 */
export abstract class PostbackStore {
  /**
   * Clicks by tenant and id with their conversions on the integration asked for, and the integrations' revisions, all
   * of one snapshot.
   */
  abstract load(wanted: readonly WantedClick[], integrationIds: readonly string[]): Promise<LoadedBatch>;

  /** Writes a judged batch; clicks whose revision moved meanwhile are not among `won` and nothing of theirs is written. */
  abstract write(batch: BatchWrite): Promise<WriteResult>;

  /** Those of these rows that have one of the statuses, oldest first; erased ones are nobody's to judge. */
  abstract stored(
    ids: readonly string[],
    statuses: readonly VerdictStatus[],
  ): Promise<readonly StoredPostback[]>;

  /** These rows whatever their status; erased ones are absent. */
  async storedAny(ids: readonly string[]): Promise<readonly StoredPostback[]> {
    return this.stored(ids, VERDICT_STATUSES);
  }

  /** Ids of parked postbacks that wait for one of these clicks. */
  async parkedFor(
    clicks: readonly { readonly tenantId: string; readonly clickId: string }[],
  ): Promise<readonly string[]> {
    return this.parkedUnder(
      clicks.flatMap(({ tenantId: t, clickId: c }) =>
        // A click id with "+" may have arrived with a space in its place.
        c.includes('+')
          ? [
              { t, c },
              { t, c: c.replaceAll('+', ' ') },
            ]
          : [{ t, c }],
      ),
    );
  }

  /** Every parked postback of the clicks that these parked ones wait for and that exist by now, oldest first. */
  abstract parkedWithClick(ids: readonly string[]): Promise<readonly string[]>;

  /** One page of everything that is parked, oldest first: those whose click exists by now, and where to go on. */
  abstract parkedPage(afterId: string, limit: number): Promise<ParkedPage>;

  /** Reversals that wait although the conversion of their tid exists: whoever should have judged them is gone. */
  abstract overtakenReversals(limit: number): Promise<readonly string[]>;

  /** Takes rows whose judging failed and is due again, out of the way of other processes for a minute. */
  abstract claimRetries(limit: number): Promise<readonly string[]>;

  /** Ids of parked postbacks that name exactly these clicks, oldest first. */
  protected abstract parkedUnder(
    names: readonly { readonly t: string; readonly c: string }[],
  ): Promise<readonly string[]>;
}
