import { Findings } from '../integrations/findings';
import { type LinkProblem, type LinkValues } from '../rules/link-rendering.rule';
import { checkedBaseUrl, linkUrl } from '../rules/link-template.rule';
import { type Locale } from '../rules/messages';
import { quotable } from '../rules/text.rule';
import { TrackerError } from '../tracker-postbacks.errors';
import { baseUrlMessage, findingFix, findingMessage, renderingMessage } from './link-messages';

/** What can be changed about a link: absent leaves unchanged. */
export interface UpdateLink {
  readonly name?: string | undefined;
  /** The landing URL that the network gave out; http(s), at most 2,000 characters. */
  readonly baseUrl?: string | undefined;
}

/** As stored; only what was given. */
export interface CheckedLink {
  readonly name?: string;
  readonly baseUrl?: string;
}

/** A new registration link. */
export interface CreateLink {
  readonly name: string;
  readonly baseUrl: string;
}

/** Which links to list. */
export interface ListLinks {
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** 1 to 200. @default 50 */
  readonly limit?: number | undefined;
}

/** The lead a link is for, and what fills its macros. */
export interface RenderLink {
  /** The host's chat of the lead. */
  readonly chatId: string;
  readonly values?: LinkValues | undefined;
}

const GROUPS = ['tracker', 'fields', 'variables'] as const;
/** Faults named in one refusal. */
const MAX_DETAILS = 20;

/**
 * Checks what is to be stored of a link; only what was given.
 *
 * @throws {TrackerError} `validation_failed`, `base_url_invalid`, `click_parameter_taken`
 */
export function checkedLink(
  { name, baseUrl }: UpdateLink,
  clickIdParameter: string,
  locale: Locale,
): CheckedLink {
  const findings = new Findings();
  const checkedName = name === undefined ? undefined : findings.text(name, 'name', 255);
  findings.throwIfAny();
  return {
    ...(checkedName === undefined ? {} : { name: checkedName }),
    ...(baseUrl === undefined ? {} : { baseUrl: usableBaseUrl(baseUrl, clickIdParameter, locale) }),
  };
}

/**
 * Checks a render request by hand: its keys are the CRM's, and class-transformer drops keys such as `valueOf` and calls
 * what stands in `constructor`.
 *
 * @throws {TrackerError} `validation_failed`
 */
export function checkedRender(request: unknown): RenderLink {
  const findings = new Findings();
  const { chatId, values, ...others } = recordOf(request, '', findings);
  const { tracker, fields, variables, ...otherGroups } =
    values === undefined ? {} : recordOf(values, 'values', findings);
  for (const key of Object.keys(others)) unknownKey(quotable(key), findings);
  for (const key of Object.keys(otherGroups)) unknownKey(`values.${quotable(key)}`, findings);
  findings.demand(typeof chatId === 'string', 'chatId', 'chatId must be a string');
  const given = { tracker, fields, variables };
  for (const group of GROUPS) checkGroup(given[group], `values.${group}`, findings);
  findings.throwIfAny();
  // Checked above, key by key.
  return { chatId: chatId as string, values: given as LinkValues };
}

/** The click-id parameter holds something else. */
export function clickParameterTaken(
  parameter: string,
  value: string,
  statusCode: 400 | 409,
  locale: Locale,
): TrackerError {
  const args = { parameter, value: quotable(value) };
  const message = findingMessage('click_parameter_taken', locale, args);
  const fix = findingFix('click_parameter_taken', locale, args);
  return new TrackerError('click_parameter_taken', statusCode, `${message} ${fix}`, [
    { field: 'baseUrl', message: fix },
  ]);
}

/** What kept a link from being rendered; `macro_left` wherever a `{{…}}` would have been left. */
export function renderingRefused(problems: readonly LinkProblem[], locale: Locale): TrackerError {
  const [first] = problems;
  const code =
    first?.reason === 'too_long'
      ? 'url_too_long'
      : first?.reason === 'folder'
        ? 'value_not_usable'
        : 'macro_left';
  const details = problems.slice(0, MAX_DETAILS).map(({ reason, macro, field }) => ({
    field,
    message: renderingMessage(reason, locale, { macro, field }),
  }));
  return new TrackerError(code, 422, details.map(({ message }) => message).join(' '), details);
}

function usableBaseUrl(given: string, clickIdParameter: string, locale: Locale): string {
  const checked = checkedBaseUrl(given);
  if (!checked.ok) {
    const message = baseUrlMessage(checked.problem, locale);
    throw new TrackerError('base_url_invalid', 400, message, [{ field: 'baseUrl', message }]);
  }
  const link = linkUrl(checked.baseUrl, clickIdParameter);
  if (!link.ok) throw clickParameterTaken(clickIdParameter, link.value, 400, locale);
  return checked.baseUrl;
}

function recordOf(value: unknown, field: string, findings: Findings): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  findings.add(field, `${field === '' ? 'the body' : field} must be an object`);
  return {};
}

function checkGroup(group: unknown, field: string, findings: Findings): void {
  if (group === undefined) return;
  for (const [key, value] of Object.entries(recordOf(group, field, findings))) {
    const isScalar = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
    const path = `${field}.${quotable(key)}`;
    findings.demand(isScalar, path, `${path} must be a string, a number, a boolean or null`);
  }
}

function unknownKey(path: string, findings: Findings): void {
  findings.add(path, `property ${path} should not exist`);
}
