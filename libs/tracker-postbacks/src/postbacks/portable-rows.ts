import { type LoadedClick, type LoadedConversion, type StoredPostback } from './postback-store.types';

/** A whole number as drivers answer it: one of 64 bits may come as text. */
type Whole = number | string;
/** 0 or 1. */
type Truth = number | boolean;

type Numbers = 'ordinal' | 'receivedAt' | 'reversedAt' | 'voidedAt';

/** A wanted click, where it exists, with one of its conversions, where it has any. */
export type LoadRow = {
  readonly integrationId: string;
  readonly integrationRevision: Whole | null;
  readonly seq: Whole | null;
  readonly tenantId: string;
  readonly clickId: string;
  readonly chatId: string;
  readonly campaignId: string | null;
  readonly revision: Whole;
  readonly test: Truth;
  readonly erasedAt: Whole | null;
  readonly id: string | null;
  readonly tidlessSale: Truth;
  readonly ordinal: Whole;
  readonly receivedAt: Whole;
  readonly reversedAt: Whole | null;
  readonly voidedAt: Whole | null;
} & Pick<LoadedConversion, Exclude<keyof LoadedConversion, Numbers | 'id' | 'tidlessSale'>>;

export type StoredRow = Omit<StoredPostback, 'receivedAt' | 'attempts' | 'test'> & {
  readonly receivedAt: Whole;
  readonly attempts: Whole;
  readonly test: Truth;
};

/** One click per integration asked for, with its conversions in the order they came. */
export function clicksOf(rows: readonly LoadRow[]): readonly LoadedClick[] {
  const clicks = new Map<string, LoadedClick & { readonly history: LoadedConversion[] }>();
  for (const row of rows) {
    if (row.seq === null) continue;
    const key = `${row.integrationId}/${row.seq}`;
    let click = clicks.get(key);
    if (click === undefined) clicks.set(key, (click = clickOf(row, String(row.seq))));
    if (row.id !== null) click.history.push(conversionOf(row, row.id));
  }
  for (const { history } of clicks.values()) if (history.length > 1) history.sort(byArrival);
  return [...clicks.values()];
}

export function revisionsOf(rows: readonly LoadRow[]): ReadonlyMap<string, number> {
  return new Map(
    rows.flatMap(({ integrationId, integrationRevision: revision }) =>
      revision === null ? [] : [[integrationId, Number(revision)] as const],
    ),
  );
}

export function storedPostback(row: StoredRow): StoredPostback {
  return {
    ...row,
    receivedAt: String(row.receivedAt),
    attempts: Number(row.attempts),
    test: isTrue(row.test),
  };
}

function clickOf(row: LoadRow, seq: string): LoadedClick & { readonly history: LoadedConversion[] } {
  return {
    integrationId: row.integrationId,
    seq,
    tenantId: row.tenantId,
    clickId: row.clickId,
    chatId: row.chatId,
    campaignId: row.campaignId,
    revision: Number(row.revision),
    test: isTrue(row.test),
    erased: row.erasedAt !== null,
    history: [],
  };
}

function conversionOf(row: LoadRow, id: string): LoadedConversion {
  return {
    id,
    event: row.event,
    ordinal: Number(row.ordinal),
    tid: row.tid,
    tidlessSale: isTrue(row.tidlessSale),
    requestHash: row.requestHash,
    receivedAt: Number(row.receivedAt),
    reversedAt: numberOf(row.reversedAt),
    reversalHash: row.reversalHash,
    voidedAt: numberOf(row.voidedAt),
    cost: row.cost,
    costRaw: row.costRaw,
    currency: row.currency,
    fields: row.fields,
    postbackId: row.postbackId,
    tidKey: row.tidKey,
    reversedBy: row.reversedBy,
    replacedBy: row.replacedBy,
  };
}

/** The order in which conversions came. */
export function byArrival(a: LoadedConversion, b: LoadedConversion): number {
  return a.receivedAt - b.receivedAt || (a.id < b.id ? -1 : 1);
}

function numberOf(value: Whole | null): number | null {
  return value === null ? null : Number(value);
}

function isTrue(value: Truth): boolean {
  return Number(value) === 1;
}
