import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { TrackerConversion } from '../conversions/conversion.entity';
import { jsonParameter } from '../database/json-parameter';
import { tableName } from '../database/table-name';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';

/** A click whose data goes. */
export interface ErasedClick {
  readonly seq: string;
  readonly clickId: string;
  readonly isErased: boolean;
}

/** Whose data goes: one click's, or that of every click of a chat. */
export type ErasureSubject = { readonly clickId: string } | { readonly chatId: string };

/** The SQL of erasure, except for postbacks and their events. Every method works within the caller's transaction. */
@Injectable()
export class ErasureStore {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /** The oldest clicks of the subject, locked: a batch that is being written for one of them is waited for. */
  async lock(
    manager: EntityManager,
    tenantId: string,
    subject: ErasureSubject,
    limit: number,
  ): Promise<readonly ErasedClick[]> {
    const [column, value] =
      'clickId' in subject ? ['click_id', subject.clickId] : ['chat_id', subject.chatId];
    return manager.query<readonly ErasedClick[]>(
      `SELECT seq::text AS seq, click_id AS "clickId", erased_at IS NOT NULL AS "isErased"
       FROM ${this.table(TrackerClick)} WHERE tenant_id = $1 AND ${column} = $2 ORDER BY seq LIMIT $3 FOR UPDATE`,
      [tenantId, value, limit],
    );
  }

  /** A row for a click id that was never registered, if postbacks name it: it makes later ones recognisable. */
  async makeTombstone(manager: EntityManager, tenantId: string, clickId: string): Promise<void> {
    const now = this.clock.now();
    await manager.query(
      `INSERT INTO ${this.table(TrackerClick)} (tenant_id, click_id, chat_id, source, erased_at, created_at)
       SELECT $1::varchar, $2::varchar, '', 'erased', $3::bigint, $3::bigint
       WHERE EXISTS (SELECT 1 FROM ${this.table(TrackerPostback)} p WHERE p.tenant_id = $1 AND p.click_id = $2)
       ON CONFLICT DO NOTHING`,
      [tenantId, clickId, now],
    );
  }

  /**
   * From its commit on nothing more is recorded for these clicks: a batch judged before has lost its revision, one
   * judged later sees that they are erased.
   */
  async mark(manager: EntityManager, clicks: readonly ErasedClick[]): Promise<void> {
    await manager.query(
      `UPDATE ${this.table(TrackerClick)}
       SET erased_at = coalesce(erased_at, $2::bigint), issue_key = NULL, revision = revision + 1
       WHERE seq IN (SELECT value::bigint FROM json_array_elements_text($1::json))`,
      [seqsOf(clicks), this.clock.now()],
    );
  }

  /** Postbacks that name these clicks, registered or not when they came, and are not erased yet. */
  async postbacksOf(
    manager: EntityManager,
    tenantId: string,
    clicks: readonly ErasedClick[],
    limit: number,
  ): Promise<readonly string[]> {
    // A click id with "+" may have arrived with a space in its place and be parked under that.
    const names = clicks.flatMap(({ clickId }) => [clickId, clickId.replaceAll('+', ' ')]);
    const rows = await manager.query<readonly { readonly id: string }[]>(
      `SELECT p.id FROM ${this.table(TrackerPostback)} p
       WHERE p.tenant_id = $1 AND p.click_id IN (SELECT value FROM json_array_elements_text($2::json))
         AND (p.click_seq IS NULL OR p.click_seq IN (SELECT value::bigint FROM json_array_elements_text($3::json)))
         AND p.erased_at IS NULL
       ORDER BY p.id LIMIT $4 FOR UPDATE`,
      [tenantId, jsonParameter([...new Set(names)]), seqsOf(clicks), limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Keeps what counts: event, ordinal, money, time and the unique keys. Answers how many conversions these clicks have. */
  async blankConversions(manager: EntityManager, clicks: readonly ErasedClick[]): Promise<number> {
    // TypeORM answers [rows, count] to an UPDATE.
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE ${this.table(TrackerConversion)}
       SET chat_id = '', click_id = '', fields = NULL, cost_raw = NULL, tid = NULL, request_hash = '',
         reversal_hash = NULL, reason = NULL
       WHERE click_seq IN (SELECT value::bigint FROM json_array_elements_text($1::json))`,
      [seqsOf(clicks)],
    );
    return count;
  }

  /** Last of all: until then a call that broke off finds the clicks of the chat again. */
  async forgetChat(manager: EntityManager, clicks: readonly ErasedClick[]): Promise<void> {
    await manager.query(
      `UPDATE ${this.table(TrackerClick)} SET chat_id = ''
       WHERE seq IN (SELECT value::bigint FROM json_array_elements_text($1::json))`,
      [seqsOf(clicks)],
    );
  }

  /** Rows that nobody could judge yet and whose raw text holds one of these click ids somewhere. */
  async deferredNaming(
    tenantId: string,
    clickIds: readonly string[],
    limit: number,
  ): Promise<readonly string[]> {
    const rows = await this.dataSource.query<readonly { readonly id: string }[]>(
      `SELECT p.id FROM ${this.table(TrackerPostback)} p
       WHERE p.retry_at IS NOT NULL AND p.status = 'deferred' AND p.tenant_id = $1 AND EXISTS (
         SELECT 1 FROM json_array_elements_text($2::json) c
         WHERE strpos(p.target, c.value) > 0 OR strpos(coalesce(p.body, ''), c.value) > 0
       )
       ORDER BY p.id LIMIT $3`,
      [tenantId, jsonParameter(clickIds), limit],
    );
    return rows.map(({ id }) => id);
  }

  private table(entity: new () => object): string {
    return tableName(this.dataSource, entity);
  }
}

function seqsOf(clicks: readonly ErasedClick[]): string {
  return JSON.stringify(clicks.map(({ seq }) => seq));
}
