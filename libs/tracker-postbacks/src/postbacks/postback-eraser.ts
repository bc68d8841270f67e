import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { TrackerConversion } from '../conversions/conversion.entity';
import { databaseNow } from '../database/database-clock';
import { tableName } from '../database/table-name';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerIntegration } from '../integrations/integration.entity';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type PostbackRow } from './postback-store.types';
import { TrackerPostback } from './postback.entity';

/** Everything in a postback's row that may tell of a person. What is left is what statistics need. */
export const NOTHING_PERSONAL = {
  target: '',
  path_event: null,
  body_type: null,
  body: null,
  raw_sha256: null,
  address: null,
  forwarded_for: null,
  message_args: null,
  message_parameter: null,
  warnings: null,
  reported_event: null,
  click_id: null,
  click_seq: null,
  chat_id: null,
  tid: null,
  cost: null,
  currency: null,
  parked_until: null,
} as const satisfies Partial<PostbackRow>;

/** Takes everything personal out of stored postbacks and out of the events that they gave rise to. */
@Injectable()
export class PostbackEraser {
  private statement: string | null = null;

  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * Erases the rows, all or none. What still waited to be judged is `ignored/click_erased` from then on, which every
   * statement that judges again respects. No handler is given an erased event: what was to be delivered is done.
   */
  async erase(ids: readonly string[], manager: EntityManager = this.dataSource.manager): Promise<void> {
    if (ids.length === 0) return;
    this.statement ??= this.sql();
    await manager.query(this.statement, [JSON.stringify(ids), this.clock.now()]);
  }

  /** One statement, because callers need not have a transaction. */
  private sql(): string {
    const table = (entity: new () => object): string => tableName(this.dataSource, entity);
    const blanks = Object.entries(NOTHING_PERSONAL).map(
      ([column, value]) => `${column} = ${value === null ? 'NULL' : `'${value}'`}`,
    );
    const conversion = (column: string): string =>
      `(SELECT v.${column} FROM ${table(TrackerConversion)} v WHERE v.id = e.conversion_id)`;
    return `
      WITH erased AS (
        UPDATE ${table(TrackerPostback)} p SET ${blanks.join(', ')}, retry_at = NULL, erased_at = $2::bigint,
          status = CASE WHEN p.status IN ('unmatched', 'deferred') THEN 'ignored' ELSE p.status END,
          code = CASE WHEN p.status IN ('unmatched', 'deferred') THEN 'click_erased' ELSE p.code END
        WHERE p.id IN (SELECT value::uuid FROM json_array_elements_text($1::json)) AND p.erased_at IS NULL
        RETURNING p.id, p.integration_id, p.received_at, p.test
      ),
      blanked AS (
        -- Made anew from columns: a payload may hold escapes that PostgreSQL refuses to parse.
        UPDATE ${table(TrackerEventRow)} e SET erased_at = $2::bigint, payload = json_build_object(
          'conversionId', e.conversion_id, 'event', ${conversion('event')}, 'ordinal', e.ordinal, 'reportedEvent', NULL,
          'postbackId', e.postback_id, 'integrationId', p.integration_id, 'network', g.network, 'tenantId', e.tenant_id,
          'campaignId', NULL, 'clickId', NULL, 'chatId', NULL, 'tid', NULL, 'cost', ${conversion('cost')},
          'currency', ${conversion('currency')}, 'fields', json_build_object(), 'params', json_build_object(),
          'receivedAt', p.received_at, 'test', p.test
        )::text
        FROM erased p JOIN ${table(TrackerIntegration)} g ON g.id = p.integration_id
        WHERE e.postback_id = p.id
        RETURNING e.id
      )
      UPDATE ${table(TrackerDelivery)} d SET status = 'done', lease_token = NULL, lease_until = NULL,
        finished_at = coalesce(d.finished_at, ${databaseNow}),
        errors = CASE WHEN d.status = 'done' THEN NULL ELSE json_build_array(json_build_object(
          'attempt', d.attempts, 'message', 'erased',
          'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
        ))::text END
      FROM blanked WHERE d.event_id = blanked.id`;
  }
}
