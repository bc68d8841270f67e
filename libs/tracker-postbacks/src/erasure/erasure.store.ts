import { Inject, Injectable } from '@nestjs/common';
import { Brackets, DataSource, type EntityManager, In } from 'typeorm';
import { ClickStore } from '../clicks/click.store';
import { TrackerClick } from '../clicks/click.entity';
import { TrackerConversion } from '../conversions/conversion.entity';
import { type DatabaseEngine, engineOf } from '../database/engine';
import { portions } from '../database/portions';
import { lockingRows } from '../database/row-lock';
import { TrackerPostback } from '../postbacks/postback.entity';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';

/** Click ids looked for in the text of one row at once. */
const IDS_AT_ONCE = 100;

/** A click whose data goes. */
export type ErasedClick = Pick<TrackerClick, 'seq' | 'clickId' | 'erasedAt'>;

/** Whose data goes: one click's, or that of every click of a chat. */
export type ErasureSubject = { readonly clickId: string } | { readonly chatId: string };

/** The SQL of erasure, except for postbacks and their events. What takes a manager works within its transaction. */
@Injectable()
export class ErasureStore {
  private readonly engine: DatabaseEngine;

  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(ClickStore) private readonly clicks: ClickStore,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {
    this.engine = engineOf(dataSource);
  }

  /** The oldest clicks of the subject, locked: a batch that is being written for one of them is waited for. */
  async lock(
    manager: EntityManager,
    tenantId: string,
    subject: ErasureSubject,
    limit: number,
  ): Promise<readonly ErasedClick[]> {
    const named = 'clickId' in subject ? 'click.clickId = :clickId' : 'click.chatId = :chatId';
    const query = manager
      .createQueryBuilder(TrackerClick, 'click')
      .select(['click.seq', 'click.clickId', 'click.erasedAt'])
      .where(`click.tenantId = :tenantId AND ${named}`, { tenantId, ...subject })
      .orderBy('click.seq')
      .limit(limit);
    return lockingRows(this.engine, query).getMany();
  }

  /** A row for a click id that was never registered, if postbacks name it: it makes later ones recognisable. */
  async makeTombstone(manager: EntityManager, tenantId: string, clickId: string): Promise<void> {
    if (await manager.existsBy(TrackerPostback, { tenantId, clickId })) {
      await this.bury(manager, tenantId, clickId);
    }
  }

  /** A row for a click id that was never registered. */
  async bury(manager: EntityManager, tenantId: string, clickId: string): Promise<void> {
    if (await manager.existsBy(TrackerClick, { tenantId, clickId })) return;
    const now = this.clock.now();
    const tombstone = {
      tenantId,
      clickId,
      chatId: '',
      campaignId: null,
      issueKey: null,
      source: 'erased',
    } as const;
    await this.clicks.insertWithin(manager, [{ ...tombstone, createdAt: now, erasedAt: now }]);
  }

  /**
   * From its commit on nothing more is recorded for these clicks: a batch judged before has lost its revision, one
   * judged later sees that they are erased.
   */
  async mark(manager: EntityManager, clicks: readonly ErasedClick[]): Promise<void> {
    await manager.update(TrackerClick, ofSeqs(clicks), {
      erasedAt: () => `coalesce(erased_at, ${Math.trunc(this.clock.now())})`,
      issueKey: null,
      revision: () => 'revision + 1',
    });
  }

  /** Postbacks that name these clicks, registered or not when they came, and are not erased yet. */
  async postbacksOf(
    manager: EntityManager,
    tenantId: string,
    clicks: readonly ErasedClick[],
    limit: number,
  ): Promise<readonly string[]> {
    if (clicks.length === 0) return [];
    // A click id with "+" may have arrived with a space in its place and be parked under that.
    const names = new Set(clicks.flatMap(({ clickId }) => [clickId, clickId.replaceAll('+', ' ')]));
    const query = manager
      .createQueryBuilder(TrackerPostback, 'postback')
      .select('postback.id')
      .where('postback.tenantId = :tenantId AND postback.clickId IN (:...names)', {
        tenantId,
        names: [...names],
      })
      .andWhere('(postback.clickSeq IS NULL OR postback.clickSeq IN (:...seqs))', {
        seqs: clicks.map(({ seq }) => seq),
      })
      .andWhere('postback.erasedAt IS NULL')
      .orderBy('postback.id')
      .limit(limit);
    return (await lockingRows(this.engine, query).getMany()).map(({ id }) => id);
  }

  /** Keeps what counts: event, ordinal, money, time and the unique keys. Answers how many conversions these clicks have. */
  async blankConversions(manager: EntityManager, clicks: readonly ErasedClick[]): Promise<number> {
    const { affected } = await manager.update(
      TrackerConversion,
      { clickSeq: In(clicks.map(({ seq }) => seq)) },
      {
        chatId: '',
        clickId: '',
        fields: null,
        costRaw: null,
        tid: null,
        requestHash: '',
        reversalHash: null,
        reason: null,
      },
    );
    return affected ?? 0;
  }

  /** Last of all: until then a call that broke off finds the clicks of the chat again. */
  async forgetChat(manager: EntityManager, clicks: readonly ErasedClick[]): Promise<void> {
    await manager.update(TrackerClick, ofSeqs(clicks), { chatId: '' });
  }

  /** Rows that nobody could judge yet and whose raw text holds one of these click ids somewhere. */
  async deferredNaming(
    tenantId: string,
    clickIds: readonly string[],
    limit: number,
  ): Promise<readonly string[]> {
    // By bytes, whatever the collation: elsewhere it is called otherwise.
    const place = this.engine === 'postgres' ? 'strpos' : 'instr';
    const found = new Set<string>();
    for (const portion of portions(clickIds, IDS_AT_ONCE)) {
      const rows = await this.dataSource
        .createQueryBuilder(TrackerPostback, 'postback')
        .select('postback.id')
        .where('postback.retryAt IS NOT NULL AND postback.tenantId = :tenantId', { tenantId })
        .andWhere("postback.status = 'deferred'")
        .andWhere(
          new Brackets((any) => {
            for (const [n, clickId] of portion.entries()) {
              any.orWhere(`${place}(postback.target, :id${n}) > 0`, { [`id${n}`]: clickId });
              any.orWhere(`${place}(postback.body, :id${n}) > 0`);
            }
          }),
        )
        .orderBy('postback.id')
        .limit(limit)
        .getMany();
      for (const { id } of rows) found.add(id);
    }
    return [...found].slice(0, limit);
  }
}

function ofSeqs(clicks: readonly ErasedClick[]) {
  return { seq: In(clicks.map(({ seq }) => seq)) };
}
