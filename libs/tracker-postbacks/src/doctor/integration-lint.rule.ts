import { distance } from 'fastest-levenshtein';
import { type MessageArguments } from '../rules/codes';
import { type Finding, type IntegrationFindingCode } from './finding-codes';
import { type LintTarget, outcomeOf } from './lint-target';

/** Another integration of the tenant that recorded deposits which this one recorded too. */
export interface DepositTwin {
  readonly name: string;
  readonly count: number;
}

/** What is known about an integration besides its URLs. */
export interface IntegrationFacts {
  readonly status: 'active' | 'paused';
  readonly isArchived: boolean;
  /** It has a secret or an address allow-list. */
  readonly isGuarded: boolean;
  /** Null allows every event. */
  readonly allowedEvents: readonly string[] | null;
  readonly hasCurrency: boolean;
  readonly twins: readonly DepositTwin[];
  /** Null when the host does not list them. */
  readonly customFields: ReadonlySet<string> | null;
}

/** What the pasted URL says, as far as the integration is concerned. */
export interface UrlFacts {
  /** What the URL's event comes to; null when it says none. */
  readonly event: string | null;
  readonly fieldKeys: readonly string[];
  readonly hasCurrency: boolean;
}

/** What is wrong with an integration, whatever URL is pasted. */
export function lintIntegration(
  { configs, recipe }: Pick<LintTarget, 'configs' | 'recipe'>,
  facts: IntegrationFacts,
  url: UrlFacts | null,
): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (code: IntegrationFindingCode, parameter: string | null, args?: MessageArguments): void => {
    findings.push({ code, parameter, ...(args === undefined ? {} : { args }) });
  };
  const outcomes = configs.map(({ event }) => outcomeOf(event, recipe));
  const takesMoney = [...outcomes, url?.event ?? null].some(isDeposit);
  if (facts.isArchived) report('integration_archived', null);
  else if (facts.status === 'paused') report('integration_paused', null);
  if (takesMoney && !facts.isGuarded) report('secret_none', 'key');
  if (url !== null && isDeposit(url.event) && !facts.hasCurrency && !url.hasCurrency) {
    report('currency_none', 'tracker.currency');
  }
  const event = url?.event ?? null;
  if (facts.allowedEvents !== null && event !== null && !isAllowed(event, facts.allowedEvents)) {
    report('event_not_allowed', 'tracker.event', { value: event });
  }
  for (const { name, count } of facts.twins)
    report('deposits_elsewhere', null, { name, value: String(count) });
  for (const key of unknownFields(configs, url, facts.customFields)) {
    report('field_unknown', `fields.${key}`, { value: key, suggestion: alike(key, facts.customFields) });
  }
  return findings;
}

function isDeposit(event: string | null): boolean {
  return event === 'sale' || event === 'resale' || event === 'sale/resale';
}

function isAllowed(event: string, allowed: readonly string[]): boolean {
  if (event === 'ignore' || event === 'reversal') return true;
  return event === 'sale/resale' ? allowed.some(isDeposit) : allowed.includes(event);
}

function unknownFields(
  configs: LintTarget['configs'],
  url: UrlFacts | null,
  known: ReadonlySet<string> | null,
): readonly string[] {
  if (known === null) return [];
  const mapped = configs.flatMap(({ fields }) => fields.map(({ key }) => key));
  return [...new Set([...mapped, ...(url?.fieldKeys ?? [])])].filter((key) => !known.has(key));
}

function alike(key: string, known: ReadonlySet<string> | null): string {
  const near = [...(known ?? [])].find((other) => distance(other.toLowerCase(), key.toLowerCase()) <= 2);
  return near === undefined ? '' : ` (${near})`;
}
