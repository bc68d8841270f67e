import { type NetworkPreset } from '../network-preset';

const flags = [
  'ftd',
  'first_deposit',
  'dep',
  'deposit',
  'conf',
  'reg',
  'registration',
  'install',
  'app_install',
] as const;

/**
 * Binomo (binpartner). The network appends `?click_id=…&reg=true` with names that its form lets one choose, and does not
 * work with a base URL that has a `?`.
 */
export const binomoPreset: NetworkPreset = {
  key: 'binomo',
  name: 'Binomo',
  clickIdParameter: 'click_id',
  macroSyntax: null,
  event: flags.map((name) => ({ kind: 'flag', name }) as const),
  roles: {
    cost: ['amount', 'deposit_amount', 'sumdep', 'sum'],
    currency: ['currency'],
    tid: ['transaction_id', 'tid'],
  },
  eventMap: {
    reg: 'registration',
    registration: 'registration',
    conf: 'conf',
    ftd: 'sale',
    first_deposit: 'sale',
    // At this network "deposit" means the second and later ones.
    dep: 'resale',
    deposit: 'resale',
    install: 'install',
    app_install: 'install',
  },
  decimalMark: '.',
  currency: 'USD',
  knownWords: {},
  bareWords: {},
  postbacks: [
    { name: 'Registration', event: 'registration' },
    { name: 'Email Confirmation', event: 'conf' },
    {
      name: 'First Deposit',
      event: 'sale',
      fields: [{ key: 'user_id', macro: 'user_id' }],
    },
    {
      name: 'Deposit',
      event: 'resale',
      fields: [{ key: 'user_id', macro: 'user_id' }],
    },
  ],
  customFields: [{ key: 'user_id', macro: 'user_id', description: 'The trader’s id at Binomo' }],
  eventInPath: true,
  reply: null,
  form: [
    {
      field: 'Postback URL',
      enter: 'the URL of the event, or the base URL where one form serves all events',
    },
    { field: 'Event: registration of the trader', enter: 'reg' },
    { field: 'Event: mail confirmation', enter: 'conf' },
    { field: 'Event: first deposit', enter: 'ftd' },
    { field: 'Event: subsequent deposit', enter: 'dep' },
    { field: 'Event: app installed', enter: 'install' },
    { field: 'Variable: click ID', enter: 'click_id' },
    { field: 'Variable: deposit amount', enter: 'amount' },
    { field: 'Variable: transaction ID', enter: 'transaction_id' },
    { field: 'Variable: user ID', enter: 'user_id' },
    { field: 'Campaign and sub-account', enter: 'leave empty, so that all of them are reported' },
  ],
  notes: [
    'Add nothing that begins with "?" to the URL: Binomo appends its parameters itself and stops working otherwise.',
    'Where the cabinet takes one URL for all events, paste the base URL: the flags say which event it was.',
    'Binomo names events and variables as you tell it to; use the names of the form guide.',
    'Amounts are in USD. A secret cannot be used, as the URL can carry no query.',
  ],
  evidence: 'official',
  source: 'https://binpartner.com/en/postback_manual',
  verifiedOn: '2026-11-21',
};
