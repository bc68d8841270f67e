/** What was decided about a postback, in one word. */
export const VERDICT_STATUSES = [
  'accepted',
  'duplicate',
  'unmatched',
  'ignored',
  'deferred',
  'rejected',
  'quarantined',
] as const;
export type VerdictStatus = (typeof VERDICT_STATUSES)[number];

/** Every verdict code, under the one status it can occur with. */
export const VERDICT_CODES = {
  accepted: ['ok'],
  duplicate: ['same_transaction', 'once_per_click', 'same_request'],
  unmatched: ['click_unknown', 'click_missing', 'nothing_to_reverse'],
  ignored: [
    'event_ignored',
    'event_not_allowed',
    'campaign_mismatch',
    'integration_paused',
    'integration_deleted',
    'click_erased',
  ],
  deferred: ['stored_for_later', 'judging_failed'],
  rejected: ['event_missing', 'event_invalid', 'macro_unreplaced', 'conflicting_parameter', 'too_large'],
  quarantined: ['secret_wrong', 'address_not_allowed'],
} as const satisfies Record<VerdictStatus, readonly string[]>;

export type VerdictCodeOf<S extends VerdictStatus> = (typeof VERDICT_CODES)[S][number];
export type VerdictCode = VerdictCodeOf<VerdictStatus>;

/** The HTTP status a verdict is answered with, before the integration's own reply settings. */
export const HTTP_STATUS_OF: Readonly<Record<VerdictStatus, 200 | 400 | 403>> = {
  accepted: 200,
  duplicate: 200,
  unmatched: 200,
  ignored: 200,
  deferred: 200,
  rejected: 400,
  quarantined: 403,
};

/** Codes that occur as warnings only; a verdict code that lost to an earlier one is a warning too. */
export const WARNING_CODES = [
  'amount_ambiguous',
  'amount_differs',
  'amount_missing',
  'amount_unreadable',
  'currency_differs',
  'currency_unreadable',
  'decimal_mark_differs',
  'event_differs',
  'event_overruled',
  'event_unfinished',
  'field_cut',
  'field_dropped',
  'json_too_deep',
  'body_unreadable',
  'macro_in_name',
  'macro_in_value',
  'not_utf8',
  'ordinal_ignored',
  'parameters_cut',
  'parameter_differs',
  'plus_restored',
  'role_differs',
  'tid_unusable',
  'url_repaired',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number] | VerdictCode;

/** Values put into a message; each is cut to 64 characters when the message is written. */
export type MessageArguments = Readonly<Record<string, string>>;

/** Something odd about a postback that did not decide its verdict. */
export interface Warning {
  readonly code: WarningCode;
  /** The parameter at fault as it was named in the request; null when the request as a whole is meant. */
  readonly parameter: string | null;
  readonly args?: MessageArguments;
}
