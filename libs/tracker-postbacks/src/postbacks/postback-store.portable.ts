import { type DataSource } from 'typeorm';
import { type Row } from '../database/database-connection';
import { type TrackerDatabase } from '../database/tracker-database';
import { tuplesParameter } from '../database/tuples';
import { type VerdictStatus } from '../rules/codes';
import { PortableDialect } from './portable-dialect';
import { clicksOf, revisionsOf, storedPostback, type LoadRow, type StoredRow } from './portable-rows';
import { IDS, type PortableReads, portableReads, WANTED } from './portable-reads';
import { PortableWrite } from './portable-write';
import { PostbackStore } from './postback-store';
import {
  type BatchWrite,
  type LoadedBatch,
  type ParkedPage,
  type StoredPostback,
  type WantedClick,
  type WriteResult,
} from './postback-store.types';

/** The hot path on MySQL, MariaDB and SQLite: short statements, a transaction for those of one batch. */
export class PortablePostbackStore extends PostbackStore {
  private prepared: { readonly dialect: PortableDialect; readonly reads: PortableReads } | undefined;

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
    const asked = new Set(wanted.map(({ i }) => i));
    const integrations = integrationIds.filter((i) => !asked.has(i)).map((i) => ({ i }));
    const rows = await this.database.query<LoadRow>(
      this.sql().reads.load,
      [tuplesParameter([...wanted, ...integrations], WANTED)],
      'load',
    );
    return { clicks: clicksOf(rows), revisions: revisionsOf(rows) };
  }

  override async write(batch: BatchWrite): Promise<WriteResult> {
    const write = new PortableWrite(this.sql().dialect, batch);
    return write.result(await this.database.atomically(write.variables, write.statements));
  }

  override async stored(
    ids: readonly string[],
    statuses: readonly VerdictStatus[],
  ): Promise<readonly StoredPostback[]> {
    const texts = statuses.map((status) => `'${status}'`).join(', ');
    const rows = await this.database.query<StoredRow>(this.sql().reads.stored(texts), [parameterOf(ids)]);
    return rows.map(storedPostback);
  }

  override async parkedWithClick(ids: readonly string[]): Promise<readonly string[]> {
    return this.ids(this.sql().reads.parkedWithClick, [parameterOf(ids)]);
  }

  override async parkedPage(afterId: string, limit: number): Promise<ParkedPage> {
    const rows = await this.database.query<{ id: string; ready: unknown }>(
      this.sql().reads.parkedPage(limit),
      [afterId],
    );
    return {
      ready: rows.filter(({ ready }) => Number(ready) === 1).map(({ id }) => id),
      lastId: rows.at(-1)?.id ?? null,
    };
  }

  override async overtakenReversals(limit: number): Promise<readonly string[]> {
    return this.ids(this.sql().reads.overtakenReversals(limit), []);
  }

  /**
   * Looks first and locks afterwards, by primary key: an index of due times that is locked as it is read would hold up
   * everybody who stores a postback.
   */
  override async claimRetries(limit: number): Promise<readonly string[]> {
    const { dueRetries, claimRetries } = this.sql().reads;
    const due = await this.database.query<{ id: string; due: unknown }>(dueRetries(limit), []);
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => id).toSorted();
    const [claimed = []] = await this.database.atomically(
      { ids: parameterOf(ids), due: Number(due[0]?.due) },
      claimRetries,
    );
    return idsOf(claimed);
  }

  protected override async parkedUnder(
    names: readonly { readonly t: string; readonly c: string }[],
  ): Promise<readonly string[]> {
    return this.ids(this.sql().reads.parked, [tuplesParameter(names, { t: 'text', c: 'text' })]);
  }

  private async ids(sql: string, parameters: readonly unknown[]): Promise<readonly string[]> {
    return idsOf(await this.database.query<Row>(sql, parameters));
  }

  /** Made at first use: table names are known once the host's DataSource has read its entities. */
  private sql(): { readonly dialect: PortableDialect; readonly reads: PortableReads } {
    if (this.prepared === undefined) {
      const dialect = new PortableDialect(this.dataSource);
      this.prepared = { dialect, reads: portableReads(dialect) };
    }
    return this.prepared;
  }
}

function parameterOf(ids: readonly string[]): string {
  return tuplesParameter(
    ids.map((id) => ({ id })),
    IDS,
  );
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.map(({ id }) => String(id));
}
