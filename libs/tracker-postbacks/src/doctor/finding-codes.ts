import { type MessageArguments } from '../rules/codes';

/** What can be wrong with the text that was pasted, and with where it leads. */
export const PASTE_FINDINGS = [
  // the text as it was pasted
  'white_space',
  'text_around',
  'url_encoded',
  'html_entity',
  'html_character',
  'markdown_backslash',
  'scheme_missing',
  'question_mark_missing',
  'second_question_mark',
  // where it leads
  'not_https',
  'other_host',
  'other_path',
  'integration_unknown',
  'integration_other',
  'query_not_possible',
  // its secret
  'secret_missing',
  'secret_wrong',
  'secret_unused',
] as const;

/** What can be wrong with the parameters of a postback URL. */
export const PARAMETER_FINDINGS = [
  // names and values
  'parameter_misspelt',
  'parameter_repeated',
  'currency_name',
  'field_key_invalid',
  'macro_encoded',
  'macro_syntax',
  'macro_not_supported',
  'macro_braces_lost',
  'our_macro_on_postback',
  'click_macro_differs',
  'click_constant',
  'cost_constant',
  'tid_constant',
  'currency_invalid',
  'event_unfinished',
  'event_misspelt',
  'event_invalid',
  // what is not there
  'event_missing',
  'click_missing',
  'amount_missing',
] as const;

/** What can be wrong with a registration link. */
export const LINK_FINDINGS = [
  'link_macro_missing',
  'link_macro_damaged',
  'link_click_parameter',
  'link_click_parameter_taken',
  'network_macro_on_link',
] as const;

/** What can be wrong with a pasted URL; the corrected URL has none of these. */
export const URL_FINDINGS = [...PASTE_FINDINGS, ...PARAMETER_FINDINGS, ...LINK_FINDINGS] as const;

/** What is worth knowing about the integration itself. */
export const INTEGRATION_FINDINGS = [
  'registration_link',
  'secret_none',
  'secret_hidden',
  'currency_none',
  'event_unmapped',
  'event_not_allowed',
  'field_unknown',
  'deposits_elsewhere',
  'integration_paused',
  'integration_archived',
] as const;

export type UrlFindingCode = (typeof URL_FINDINGS)[number];
export type IntegrationFindingCode = (typeof INTEGRATION_FINDINGS)[number];
export type FindingCode = UrlFindingCode | IntegrationFindingCode;

/** One thing that the doctor found, before it is put into words. */
export interface Finding {
  readonly code: FindingCode;
  /** The parameter at fault as it was pasted; null when the URL or the integration as a whole is meant. */
  readonly parameter: string | null;
  readonly args?: MessageArguments;
}

const ABOUT_INTEGRATION: ReadonlySet<string> = new Set(INTEGRATION_FINDINGS);

/** Whether pasting another URL would end it, or only a change to the integration. */
export function aboutOf(code: FindingCode): 'url' | 'integration' {
  return ABOUT_INTEGRATION.has(code) ? 'integration' : 'url';
}
