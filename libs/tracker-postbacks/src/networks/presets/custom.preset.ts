import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';

/** Any network that has no preset: nothing is assumed about its names, only the common macro syntax. */
export const customPreset: NetworkPreset = {
  key: 'custom',
  name: 'Custom',
  clickIdParameter: 'clickid',
  macroSyntax: '{x}',
  event: [],
  roles: {},
  eventMap: {},
  decimalMark: null,
  currency: null,
  knownWords: {},
  bareWords: {},
  postbacks: [
    { name: 'Registration', event: 'registration' },
    {
      name: 'First Deposit',
      event: 'sale',
      cost: '{amount}',
      currency: DEFAULT_CURRENCY,
      currencyFallback: '{currency}',
    },
    {
      name: 'Recurring Deposit',
      event: 'resale',
      cost: '{amount}',
      currency: DEFAULT_CURRENCY,
      currencyFallback: '{currency}',
      tid: '{event_id}',
    },
  ],
  customFields: [],
  eventInPath: false,
  reply: null,
  form: [
    { field: 'Postback URL of the registration', enter: 'the URL of Registration' },
    { field: 'Postback URL of the first deposit', enter: 'the URL of First Deposit' },
    { field: 'Postback URL of later deposits', enter: 'the URL of Recurring Deposit' },
  ],
  notes: [
    'Set clickIdParameter to the parameter of the landing link that your network stores and echoes, e.g. sub1.',
    'Compare {amount}, {currency} and {event_id} with the macros that your network lists; names differ.',
    'Where the network sends one URL for every event, describe its words with roles and eventMap.',
  ],
  evidence: 'none',
  source: null,
  verifiedOn: '2026-11-21',
};
