import { type NetworkPreset } from './network-preset';

type Given = Readonly<Record<string, unknown>>;
interface Shape {
  readonly holds: (value: unknown) => boolean;
  readonly wanted: string;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isGiven = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf =
  (isOne: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isOne);
const recordOf =
  (isOne: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    isGiven(value) && Object.values(value).every(isOne);
const having =
  (...keys: readonly string[]) =>
  (value: unknown): boolean =>
    isGiven(value) && keys.every((key) => isText(value[key]));

const isMapping = having('key', 'macro');
const isSource = (value: unknown): boolean =>
  isGiven(value) &&
  (value['kind'] === 'composite'
    ? isText(value['template'])
    : (value['kind'] === 'parameter' || value['kind'] === 'flag') && isText(value['name']));
const isPostback = (value: unknown): boolean =>
  having('name', 'event')(value) &&
  isGiven(value) &&
  ['cost', 'currency', 'currencyFallback', 'tid'].every((key) => optional(isText)(value[key])) &&
  optional(listOf(isMapping))(value['fields']) &&
  optional(recordOf(isText))(value['extra']);
const isReply = (value: unknown): boolean =>
  isGiven(value) && ['json', 'text', 'empty', 'gif'].some((format) => format === value['format']);
const isAmountRule = (value: unknown): boolean =>
  isGiven(value) &&
  optional(listOf(isText))(value['negate']) &&
  optional(listOf(isText))(value['add']) &&
  optional(recordOf(listOf(isText)))(value['instead']);

function optional(holds: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || holds(value);
}
function nullable(holds: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === null || holds(value);
}

const TEXT: Shape = { holds: isText, wanted: 'a text' };
const TEXT_OR_NULL: Shape = { holds: nullable(isText), wanted: 'a text or null' };
const PER_ROLE: Shape = { holds: recordOf(listOf(isText)), wanted: 'lists of names per role' };

const SHAPES: Readonly<Record<keyof NetworkPreset, Shape>> = {
  key: TEXT,
  name: TEXT,
  clickIdParameter: TEXT,
  macroSyntax: TEXT_OR_NULL,
  clickIdMacro: { holds: optional(isText), wanted: 'a text' },
  event: { holds: listOf(isSource), wanted: 'a list of { kind: "parameter" | "flag", name } or composites' },
  roles: PER_ROLE,
  eventMap: { holds: recordOf(isText), wanted: 'words and what they lead to' },
  amountRule: { holds: optional(isAmountRule), wanted: '{ negate, add, instead }' },
  clickIdSuffixes: { holds: optional(listOf(isText)), wanted: 'a list of texts' },
  decimalMark: {
    holds: (value) => value === null || value === '.' || value === ',',
    wanted: '".", "," or null',
  },
  currency: TEXT_OR_NULL,
  knownWords: PER_ROLE,
  bareWords: PER_ROLE,
  postbacks: { holds: listOf(isPostback), wanted: 'a list of { name, event, … }' },
  customFields: {
    holds: listOf(having('key', 'macro', 'description')),
    wanted: 'a list of { key, macro, description }',
  },
  eventInPath: { holds: (value) => typeof value === 'boolean', wanted: 'true or false' },
  reply: { holds: nullable(isReply), wanted: 'a reply with a format, or null' },
  form: { holds: listOf(having('field', 'enter')), wanted: 'a list of { field, enter }' },
  notes: { holds: listOf(isText), wanted: 'a list of texts' },
  evidence: {
    holds: (value) => ['official', 'vendor', 'template', 'none'].some((one) => one === value),
    wanted: 'official, vendor, template or none',
  },
  source: TEXT_OR_NULL,
  verifiedOn: TEXT,
};

/** Where a preset does not have the form of one: hosts may write theirs in JavaScript, or read it from a file. */
export function shapeProblems(preset: NetworkPreset): readonly { field: string; message: string }[] {
  const given: Given = { ...preset };
  return Object.entries(SHAPES).flatMap(([field, { holds, wanted }]) =>
    holds(given[field]) ? [] : [{ field, message: `has to be ${wanted}` }],
  );
}
