import { type VerdictCode, type VerdictStatus } from '../rules/codes';

/** One conversion as the database answers it inside the load statement. */
export interface LoadedConversion {
  readonly id: string;
  readonly event: string;
  readonly ordinal: number;
  readonly tid: string | null;
  readonly tidlessSale: boolean;
  readonly requestHash: string;
  readonly receivedAt: number;
  readonly reversedAt: number | null;
  readonly reversalHash: string | null;
  readonly voidedAt: number | null;
  readonly cost: string | null;
  readonly costRaw: string | null;
  readonly currency: string | null;
  /** JSON text. */
  readonly fields: string | null;
  readonly postbackId: string;
  readonly tidKey: string | null;
  readonly reversedBy: string | null;
  readonly replacedBy: string | null;
}

/** A click and, for the integration asked for, its conversions. */
export interface LoadedClick {
  readonly integrationId: string;
  readonly seq: string;
  readonly tenantId: string;
  readonly clickId: string;
  readonly chatId: string;
  readonly campaignId: string | null;
  readonly revision: number;
  readonly erased: boolean;
  readonly test: boolean;
  readonly history: readonly LoadedConversion[] | null;
}

/** A click to look for: tenant, click id, and the integration whose history is wanted with it. */
export interface WantedClick {
  readonly t: string;
  readonly c: string;
  readonly i: string;
}

/** What a batch is judged on; integrations that are gone have no revision. */
export interface LoadedBatch {
  readonly clicks: readonly LoadedClick[];
  readonly revisions: ReadonlyMap<string, number>;
}

/** Of one page of what is parked: the rows whose click exists by now, and the last row of the page, null after the end. */
export interface ParkedPage {
  readonly ready: readonly string[];
  readonly lastId: string | null;
}

/** A stored row that waits to be judged again; `receivedAt` as the text of a bigint. */
export interface StoredPostback {
  readonly id: string;
  readonly tenantId: string;
  readonly integrationId: string;
  readonly method: string;
  readonly target: string;
  readonly pathEvent: string | null;
  readonly bodyType: 'form' | 'json' | null;
  /** JSON string literal. */
  readonly body: string | null;
  readonly rawSha256: string | null;
  readonly admission: 'secret_wrong' | 'address_not_allowed' | null;
  readonly address: string | null;
  readonly receivedAt: string;
  readonly attempts: number;
  readonly test: boolean;
  readonly status: VerdictStatus;
  readonly code: VerdictCode;
  readonly event: string | null;
  readonly clickId: string | null;
  readonly conversionId: string | null;
  readonly cost: string | null;
  readonly currency: string | null;
}

/** A postback row in the words of its table; `lane` is the click whose win it depends on. */
export interface PostbackRow {
  /** The status its row has to have still, when it is judged again; null for a new row. */
  readonly expected: VerdictStatus | null;
  readonly id: string;
  readonly tenant_id: string;
  readonly integration_id: string;
  readonly status: VerdictStatus;
  readonly code: VerdictCode;
  readonly message_args: string | null;
  readonly message_parameter: string | null;
  readonly warnings: string | null;
  readonly event: string | null;
  readonly reported_event: string | null;
  readonly click_id: string | null;
  readonly click_seq: string | null;
  readonly chat_id: string | null;
  readonly tid: string | null;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly conversion_id: string | null;
  readonly method: string;
  readonly target: string;
  readonly path_event: string | null;
  readonly body_type: 'form' | 'json' | null;
  readonly body: string | null;
  readonly raw_sha256: string | null;
  readonly address: string | null;
  readonly forwarded_for: string | null;
  readonly admission: string | null;
  readonly received_at: number;
  readonly judged_at: number | null;
  readonly duration_ms: number | null;
  readonly erased_at: number | null;
  readonly test: boolean;
  readonly parked_until: number | null;
  /** Milliseconds from the database's now until it is judged again. */
  readonly retry_in: number | null;
  readonly attempts: number;
  readonly lane: string | null;
}

/** Everything about a conversion that may change after it was recorded. */
export interface ConversionPatch {
  readonly id: string;
  readonly click_seq: string;
  readonly tid: string | null;
  readonly tid_key: string | null;
  readonly tidless_sale: boolean;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly cost_raw: string | null;
  readonly fields: string | null;
  readonly reversed_at: number | null;
  readonly reversed_by: string | null;
  readonly reversal_hash: string | null;
  readonly voided_at: number | null;
  readonly replaced_by: string | null;
}

export interface ConversionRow extends ConversionPatch {
  readonly tenant_id: string;
  readonly integration_id: string;
  readonly click_id: string;
  readonly chat_id: string;
  readonly campaign_id: string | null;
  readonly event: string;
  readonly reported_event: string;
  readonly ordinal: number;
  readonly request_hash: string;
  readonly received_at: number;
  readonly postback_id: string;
  readonly reason: string | null;
  readonly test: boolean;
}

export interface EventRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly ordinal: number | null;
  readonly click_seq: string | null;
  readonly conversion_id: string | null;
  readonly postback_id: string;
  readonly payload: string;
  readonly created_at: number;
  readonly lane: string | null;
  /** Its place among the events of its batch. */
  readonly n: number;
}

export interface BatchWrite {
  /** Clicks whose conversions change, with the revision they were judged on, by ascending `seq`. */
  readonly lanes: readonly { readonly seq: string; readonly revision: number }[];
  readonly postbacks: readonly PostbackRow[];
  readonly conversions: readonly ConversionRow[];
  readonly events: readonly EventRow[];
  readonly patches: readonly ConversionPatch[];
  /** Write nothing unless every click is won. @default false: each click stands for itself */
  readonly atomic?: boolean;
}

export interface WriteResult {
  /** `seq` of the clicks whose revision still held. */
  readonly won: ReadonlySet<string>;
  /** `seq` of the clicks that rows without a lane name and that are as they were; the others' rows are not written. */
  readonly kept: ReadonlySet<string>;
  /** Deliveries made for handlers. */
  readonly deliveries: number;
  /** Parked reversals with a tid on the clicks that were won: one of them may have found its conversion. */
  readonly reversals: readonly string[];
}
