import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Receipt } from '../app/app.types';
import { type ProofDatabase } from '../engines/proof.database';
import { type LoadRecord } from '../load/load.types';
import { numberOf } from '../load/traffic';
import { readRecords } from '../records/record.file';
import { type Evidence, type Facts, type Testimony } from './facts';

type Row = Readonly<Record<string, unknown>>;

const text = (value: unknown): string => String(value);
const textOrNull = (value: unknown): string | null => (value === null ? null : text(value));

/** Reads the tables as they are, past the library. */
export async function readFacts(database: ProofDatabase): Promise<Facts> {
  const all = async <T>(sql: string, from: (row: Row) => T): Promise<readonly T[]> =>
    (await database.rows(sql)).map(from);
  return {
    clickIds: new Set(await all('SELECT click_id FROM tracker_clicks', (row) => text(row['click_id']))),
    postbacks: await all(
      'SELECT id, target, status, code, event, click_id, conversion_id FROM tracker_postbacks',
      (row) => ({
        id: text(row['id']),
        n: numberOf(text(row['target'])),
        status: text(row['status']),
        code: text(row['code']),
        event: textOrNull(row['event']),
        clickId: textOrNull(row['click_id']),
        conversionId: textOrNull(row['conversion_id']),
      }),
    ),
    conversions: await all(
      `SELECT id, integration_id, click_id, event, ordinal, tid, postback_id, reversed_at
       FROM tracker_conversions WHERE voided_at IS NULL`,
      (row) => ({
        id: text(row['id']),
        integrationId: text(row['integration_id']),
        clickId: text(row['click_id']),
        event: text(row['event']),
        ordinal: Number(row['ordinal']),
        tid: textOrNull(row['tid']),
        postbackId: text(row['postback_id']),
        reversed: row['reversed_at'] !== null,
      }),
    ),
    events: await all(
      'SELECT id, seq, name, ordinal, click_seq, conversion_id, postback_id, created_at FROM tracker_events',
      (row) => ({
        id: text(row['id']),
        seq: BigInt(text(row['seq'])),
        name: text(row['name']),
        ordinal: row['ordinal'] === null ? null : Number(row['ordinal']),
        clickSeq: textOrNull(row['click_seq']),
        conversionId: textOrNull(row['conversion_id']),
        postbackId: text(row['postback_id']),
        createdAt: Number(row['created_at']),
      }),
    ),
    deliveries: await all('SELECT event_id, handler, status, attempts FROM tracker_deliveries', (row) => ({
      eventId: text(row['event_id']),
      handler: text(row['handler']),
      status: text(row['status']),
      attempts: Number(row['attempts']),
    })),
    handlers: await all('SELECT name, events FROM tracker_handlers', (row) => ({
      name: text(row['name']),
      events: text(row['events']),
    })),
  };
}

/** What the load generator wrote down. */
export function readTestimony(file: string): Testimony {
  const records = readRecords(file) as readonly LoadRecord[];
  return {
    sent: records.filter((record) => record.kind === 'sent'),
    answers: records.filter((record) => record.kind === 'answer'),
  };
}

/** What all processes' handlers wrote down. */
export function readReceipts(folder: string): readonly Receipt[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('receipts-'))
    .flatMap((name) => readRecords(join(folder, name)) as readonly Receipt[]);
}

export async function gatherEvidence(
  database: ProofDatabase,
  { folder, load }: { readonly folder: string; readonly load: string },
): Promise<Evidence> {
  return {
    testimony: readTestimony(load),
    receipts: readReceipts(folder),
    facts: await readFacts(database),
  };
}
