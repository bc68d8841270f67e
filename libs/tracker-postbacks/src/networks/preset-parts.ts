import { type FieldMapping } from '../rules/recipe';
import { type NetworkPreset, type PresetFormField, type PresetPostback } from './network-preset';

/** What most networks have in common; a preset adds what is its own. */
export const COMMON = {
  event: [],
  roles: {},
  eventMap: {},
  decimalMark: '.',
  currency: null,
  knownWords: {},
  bareWords: {},
  customFields: [],
  eventInPath: false,
  reply: null,
  source: null,
} as const satisfies Partial<NetworkPreset>;

/** For presets that were made from a tracker's template. */
export const VERIFY =
  'Made from public tracker templates, which may lag behind the network: verify the names in your cabinet.';
/** For networks whose amounts come without a currency. */
export const NO_CURRENCY =
  'The network sends no currency: set the integration’s default currency, or amounts are kept without one.';
/** For networks without a transaction id. */
export const NO_TID =
  'There is no transaction id: two equal repeat deposits within the duplicate window count once.';

/** The three classic URLs, for networks that call one URL per event. */
export function classicPostbacks(
  deposit: Pick<PresetPostback, 'cost' | 'currency' | 'tid'>,
  fields?: readonly FieldMapping[],
): readonly PresetPostback[] {
  const mapped = fields === undefined ? {} : { fields };
  return [
    { name: 'Registration', event: 'registration', ...mapped },
    { name: 'First Deposit', event: 'sale', ...deposit, ...mapped },
    { name: 'Recurring Deposit', event: 'resale', ...deposit, ...mapped },
  ];
}

export const CLASSIC_FORM: readonly PresetFormField[] = [
  { field: 'Postback of the registration', enter: 'the URL of Registration' },
  { field: 'Postback of the first deposit', enter: 'the URL of First Deposit' },
  { field: 'Postback of repeat deposits', enter: 'the URL of Recurring Deposit' },
];

/** For networks that call one URL whatever happens. */
export function oneUrlForm(name: string, method: 'GET' | 'POST' = 'GET'): readonly PresetFormField[] {
  return [
    { field: 'Postback URL', enter: `the URL of ${name}` },
    { field: 'Method', enter: method },
  ];
}
