import { isIP } from 'node:net';
import { isMacroSyntax, macroNames } from '../networks/macro-syntax';
import { isEventName } from '../rules/event-word.rule';
import {
  MAP_DEPOSIT_STREAM,
  MAP_IGNORE,
  MAP_REVERSAL,
  type DecimalMark,
  type Role,
  ROLES,
} from '../rules/recipe';
import { Findings } from './findings';
import { type IntegrationReply, type IntegrationRoles } from './integration.entity';
import { isParameterName } from './parameter-name';

/** What can be changed about an integration: absent leaves unchanged, null clears. */
export interface UpdateIntegration {
  readonly name?: string | undefined;
  readonly status?: 'active' | 'paused' | undefined;
  /** Then only clicks of this campaign match. */
  readonly campaignId?: string | null | undefined;
  /** @default the network's usual one */
  readonly clickIdParameter?: string | null | undefined;
  /** The network's macro syntax around one `x`. @default the network's usual one */
  readonly macroSyntax?: string | null | undefined;
  /** Any case. */
  readonly defaultCurrency?: string | null | undefined;
  readonly decimalMark?: DecimalMark | null | undefined;
  /** CIDR blocks or single addresses; null allows every one. */
  readonly allowedAddresses?: readonly string[] | null | undefined;
  /** Event names that may be recorded; null allows every one. */
  readonly events?: readonly string[] | null | undefined;
  /** @default 30 */
  readonly duplicateWindowSeconds?: number | null | undefined;
  readonly reply?: IntegrationReply | null | undefined;
  /** Parameter names per role, replaced whole. */
  readonly roles?: IntegrationRoles | null | undefined;
  /** The network's word → event name, `ignore`, `reversal` or `sale/resale`, replaced whole. */
  readonly eventMap?: Readonly<Record<string, string>> | null | undefined;
}

/** A new integration; whatever is absent is filled in from the network's preset. */
export interface CreateIntegration extends Omit<UpdateIntegration, 'name' | 'status'> {
  readonly name: string;
  /** Key of a network preset. */
  readonly network: string;
  /** Make a secret; it is shown once. @default false */
  readonly secret?: boolean | undefined;
}

/** Settings as they are stored; only those that were given. */
export type CheckedSettings = {
  -readonly [K in Exclude<keyof UpdateIntegration, 'events'>]?: Exclude<UpdateIntegration[K], undefined>;
} & { allowedEvents?: readonly string[] | null };

export const DEFAULT_WINDOW_SECONDS = 30;
const MAX_WINDOW_SECONDS = 86_400;
const CURRENCY = /^(?=.*[A-Z])[A-Z0-9]{2,12}$/;
const LINK_PARAMETER = /^[A-Za-z0-9_.~[\]-]{1,64}$/;
const FORMATS = ['json', 'text', 'empty', 'gif'] as const;
const MAX_WORDS = 200;
const MAP_WORDS = new Set<string>([MAP_IGNORE, MAP_REVERSAL, MAP_DEPOSIT_STREAM]);

/**
 * Checks and normalises settings, whoever sent them: events and words in lower case, currencies in upper case.
 *
 * @throws {TrackerError} `validation_failed`
 */
export function checkedSettings(input: UpdateIntegration): CheckedSettings {
  const findings = new Findings();
  const settings: CheckedSettings = {};
  if (input.name !== undefined) settings.name = findings.text(input.name, 'name', 255);
  if (input.status !== undefined) {
    settings.status = oneOf(input.status, ['active', 'paused'], 'status', findings);
  }
  if (input.campaignId !== undefined) {
    settings.campaignId = orNull(input.campaignId, (value) => findings.text(value, 'campaignId', 255));
  }
  if (input.clickIdParameter !== undefined) {
    settings.clickIdParameter = orNull(input.clickIdParameter, (value) => linkParameter(value, findings));
  }
  if (input.macroSyntax !== undefined) {
    settings.macroSyntax = orNull(input.macroSyntax, (value) => macroSyntax(value, findings));
  }
  if (input.defaultCurrency !== undefined) {
    settings.defaultCurrency = orNull(input.defaultCurrency, (value) => currency(value, findings));
  }
  if (input.decimalMark !== undefined) {
    settings.decimalMark = orNull(input.decimalMark, (value) =>
      oneOf(value, ['.', ','], 'decimalMark', findings),
    );
  }
  if (input.allowedAddresses !== undefined) {
    settings.allowedAddresses = orNull(input.allowedAddresses, (value) =>
      list(value, 'allowedAddresses', findings, addressBlock),
    );
  }
  if (input.events !== undefined) {
    settings.allowedEvents = orNull(input.events, (value) => list(value, 'events', findings, eventName));
  }
  if (input.duplicateWindowSeconds !== undefined) {
    settings.duplicateWindowSeconds = orNull(input.duplicateWindowSeconds, (value) => {
      const isInRange = Number.isInteger(value) && value >= 0 && value <= MAX_WINDOW_SECONDS;
      findings.demand(
        isInRange,
        'duplicateWindowSeconds',
        `duplicateWindowSeconds has to be a whole number from 0 to ${MAX_WINDOW_SECONDS}`,
      );
      return value;
    });
  }
  if (input.reply !== undefined) settings.reply = orNull(input.reply, (value) => reply(value, findings));
  if (input.roles !== undefined) settings.roles = orNull(input.roles, (value) => roles(value, findings));
  if (input.eventMap !== undefined) {
    settings.eventMap = orNull(input.eventMap, (value) => eventMap(value, findings));
  }
  findings.throwIfAny();
  return settings;
}

function orNull<T, R>(value: T | null, check: (value: T) => R): R | null {
  return value === null ? null : check(value);
}

function oneOf<T extends string>(value: T, allowed: readonly T[], field: string, findings: Findings): T {
  if (!allowed.includes(value))
    findings.add(field, `${field} has to be one of ${allowed.join(' ')}`, allowed);
  return value;
}

function linkParameter(value: unknown, findings: Findings): string {
  const name = findings.text(value, 'clickIdParameter', 64);
  findings.demand(
    name === '' || (LINK_PARAMETER.test(name) && isParameterName(name)),
    'clickIdParameter',
    'clickIdParameter has to be URL-safe (letters, digits, _ . ~ - [ ]) and none of our own parameter names',
  );
  return name;
}

function macroSyntax(value: unknown, findings: Findings): string {
  const syntax = findings.text(value, 'macroSyntax', 32);
  findings.demand(
    syntax === '' || (isMacroSyntax(syntax) && !/[\s&?]/.test(syntax)),
    'macroSyntax',
    'macroSyntax has to hold exactly one x between the marks, like {x}, [x] or #x#',
  );
  return syntax;
}

function currency(value: unknown, findings: Findings): string {
  const code = findings.text(value, 'defaultCurrency', 12).toUpperCase();
  findings.demand(
    code === '' || CURRENCY.test(code),
    'defaultCurrency',
    'defaultCurrency has to be a code of 2 to 12 letters and digits, like USD or USDT',
  );
  return code;
}

function list(
  values: unknown,
  field: string,
  findings: Findings,
  check: (value: string, field: string, findings: Findings) => string,
): readonly string[] {
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_WORDS) {
    findings.add(field, `${field} has to be a list of 1 to ${MAX_WORDS} entries, or null for no restriction`);
    return [];
  }
  const checked = values.map((value: unknown, index) => {
    const path = `${field}.${index}`;
    const text = findings.text(value, path, 64);
    return text === '' ? '' : check(text, path, findings);
  });
  return [...new Set(checked)];
}

function eventName(value: string, field: string, findings: Findings): string {
  const name = value.toLowerCase();
  findings.demand(
    isEventName(name),
    field,
    `${field} has to be an event name like sale, and not a reserved one`,
  );
  return name;
}

/** A block in CIDR notation; a single address is a block of one. */
function addressBlock(value: string, field: string, findings: Findings): string {
  const [address = '', length, ...rest] = value.split('/');
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const isBlock =
    version !== 0 &&
    !address.includes('%') &&
    rest.length === 0 &&
    (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits));
  findings.demand(isBlock, field, `${field} has to be an address or a CIDR block, like 203.0.113.0/24`);
  return `${address}/${length ?? bits}`;
}

function reply(value: IntegrationReply, findings: Findings): IntegrationReply {
  const { format, text, always200 } = value;
  oneOf(format, FORMATS, 'reply.format', findings);
  findings.demand(
    text === undefined || format === 'text',
    'reply.text',
    'reply.text is answered with the format text only',
  );
  findings.demand(
    always200 === undefined || typeof always200 === 'boolean',
    'reply.always200',
    'reply.always200 has to be true or false',
  );
  return {
    format,
    ...(text === undefined ? {} : { text: findings.text(text, 'reply.text', 1024) }),
    ...(always200 === undefined ? {} : { always200 }),
  };
}

function roles(value: IntegrationRoles, findings: Findings): IntegrationRoles {
  const checked: Partial<Record<Role, readonly string[]>> = {};
  for (const [role, names] of Object.entries(value) as [string, readonly string[] | undefined][]) {
    if (names === undefined) continue;
    const known = ROLES.find((one) => one === role);
    if (known === undefined) findings.add(`roles.${role}`, `roles.${role} is no role`, ROLES);
    else {
      checked[known] = list(names, `roles.${role}`, findings, (name, field) => {
        const mayBeComposite = known === 'event' || known === 'tid';
        const isComposite = mayBeComposite && macroNames(name, '{x}').length > 0;
        findings.demand(
          isComposite || (isParameterName(name) && !/[{}]/.test(name)),
          field,
          `${field} has to be a parameter name that is none of our own` +
            (mayBeComposite ? ', or a composite like {goal}_{status}' : ''),
        );
        return name;
      });
    }
  }
  return checked;
}

function eventMap(
  value: Readonly<Record<string, string>>,
  findings: Findings,
): Readonly<Record<string, string>> {
  const entries = Object.entries(value);
  findings.demand(entries.length <= MAX_WORDS, 'eventMap', `eventMap has to have at most ${MAX_WORDS} words`);
  const checked = new Map<string, string>();
  for (const [sent, meant] of entries) {
    const field = `eventMap.${sent}`;
    const word = findings.text(sent, field, 128).toLowerCase();
    const target = findings.text(meant, field, 64).toLowerCase();
    findings.demand(
      target === '' || MAP_WORDS.has(target) || isEventName(target),
      field,
      `${field} has to lead to an event name, to ignore, to reversal or to sale/resale`,
    );
    findings.demand(
      (checked.get(word) ?? target) === target,
      field,
      `${field} is there twice with different meanings: words are matched without regard to case`,
    );
    checked.set(word, target);
  }
  return Object.fromEntries(checked);
}
