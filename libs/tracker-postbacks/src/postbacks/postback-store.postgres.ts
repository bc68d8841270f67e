import { type DataSource } from 'typeorm';
import { jsonParameter } from '../database/json-parameter';
import { type TrackerDatabase } from '../database/tracker-database';
import { type VerdictStatus } from '../rules/codes';
import { loadedBatch } from './loaded-rows';
import { plainBatch } from './plain-batch';
import { type PostbackSql, postbackSql } from './postback-sql';
import { PostbackStore } from './postback-store';
import {
  type BatchWrite,
  type LoadedBatch,
  type ParkedPage,
  type StoredPostback,
  type WantedClick,
  type WriteResult,
} from './postback-store.types';

/** The hot path on PostgreSQL, which can do all of a batch in one autocommit statement. */
export class PostgresPostbackStore extends PostbackStore {
  private statements: PostbackSql | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly database: TrackerDatabase,
  ) {
    super();
  }

  override async load(
    wanted: readonly WantedClick[],
    integrationIds: readonly string[],
  ): Promise<LoadedBatch> {
    const parameters = [jsonParameter(wanted), `{${integrationIds.join(',')}}`];
    return loadedBatch(await this.database.texts(this.sql().load, parameters, 'load'));
  }

  override async write(batch: BatchWrite): Promise<WriteResult> {
    const named = new Set(batch.lanes.map(({ seq }) => seq));
    for (const { click_seq: seq } of batch.postbacks) if (seq !== null) named.add(seq);
    const plain = plainBatch(batch);
    if (plain !== null) {
      const lanes = arrayOf(batch.lanes.map(({ seq }) => seq));
      const revisions = arrayOf(batch.lanes.map(({ revision }) => revision));
      return this.written(
        this.sql().writePlain,
        [lanes, arrayOf([...named]), revisions, plain],
        'write_plain',
      );
    }
    return this.written(
      this.sql().write,
      [
        jsonParameter(batch.lanes),
        arrayOf([...named]),
        jsonParameter(batch.postbacks),
        jsonParameter(batch.conversions),
        jsonParameter(batch.events),
        jsonParameter(batch.patches),
        batch.atomic ?? false,
        batch.postbacks.flatMap(({ id, expected }) => (expected === null ? [] : [id])),
      ],
      'write',
    );
  }

  private async written(sql: string, parameters: readonly unknown[], name: string): Promise<WriteResult> {
    const rows = await this.database.query<{
      won: readonly string[] | null;
      kept: readonly string[] | null;
      deliveries: number;
      reversals: readonly string[] | null;
    }>(sql, parameters, name);
    const { won, kept, deliveries = 0, reversals } = rows[0] ?? {};
    return { won: new Set(won ?? []), kept: new Set(kept ?? []), deliveries, reversals: reversals ?? [] };
  }

  override async stored(
    ids: readonly string[],
    statuses: readonly VerdictStatus[],
  ): Promise<readonly StoredPostback[]> {
    return this.database.query<StoredPostback>(this.sql().stored, [ids, statuses]);
  }

  override async parkedWithClick(ids: readonly string[]): Promise<readonly string[]> {
    return this.ids(this.sql().parkedWithClick, [ids]);
  }

  override async parkedPage(afterId: string, limit: number): Promise<ParkedPage> {
    const [row] = await this.database.query<{ ready: readonly string[] | null; lastId: string | null }>(
      this.sql().parkedPage,
      [afterId, limit],
    );
    return { ready: row?.ready ?? [], lastId: row?.lastId ?? null };
  }

  override async overtakenReversals(limit: number): Promise<readonly string[]> {
    return this.ids(this.sql().overtakenReversals, [limit]);
  }

  override async claimRetries(limit: number): Promise<readonly string[]> {
    return this.ids(this.sql().claimRetries, [limit]);
  }

  protected override async parkedUnder(
    names: readonly { readonly t: string; readonly c: string }[],
  ): Promise<readonly string[]> {
    return this.ids(this.sql().parked, [jsonParameter(names)]);
  }

  private async ids(sql: string, parameters: readonly unknown[]): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(sql, parameters);
    return rows.map(({ id }) => id);
  }

  private sql(): PostbackSql {
    return (this.statements ??= postbackSql(this.dataSource));
  }
}

/** An array of numbers as PostgreSQL writes it. */
function arrayOf(numbers: readonly (number | string)[]): string {
  return `{${numbers.join(',')}}`;
}
