import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { VERIFY } from '../preset-parts';

const fields = [{ key: 'trader_id', macro: '{trader_id}' }] as const;
const flags = ['ftd', 'dep', 'conf', 'reg'] as const;

/**
 * Pocket Option, revenue share. Two generations of URLs are in use: the first says `registration`, `conf`, `resale` with a
 * bare `currency=usd` and leaves the click id to the network, which appends `click_id=`; its successor says `emailconf`,
 * `sale`, `resale`, `withdraw` and `commission` with macros. Both are read.
 */
export const pocketOptionRevsharePreset: NetworkPreset = {
  key: 'pocket-option-revshare',
  name: 'PocketOption RevShare',
  clickIdParameter: 'click_id',
  macroSyntax: '{x}',
  // What `status` holds is not documented, so the flags come first.
  event: [...flags.map((name) => ({ kind: 'flag', name }) as const), { kind: 'parameter', name: 'status' }],
  // No `commission`: it is a daily aggregate that may ride along on any postback.
  roles: { cost: ['sumdep', 'wdr_sum'], currency: ['currency'] },
  eventMap: {
    reg: 'registration',
    conf: 'conf',
    emailconf: 'conf',
    ftd: 'sale',
    // A flag of its own beside `ftd`: a repeat deposit.
    dep: 'resale',
    withdrawal: 'withdraw',
  },
  decimalMark: '.',
  currency: 'USD',
  knownWords: {
    clickId: ['click_id'],
    cost: ['sumdep', 'totaldep', 'wdr_sum', 'commission'],
    event: ['status'],
  },
  bareWords: {},
  postbacks: [
    { name: 'Registration', event: 'registration', fields },
    { name: 'Email Confirmation', event: 'conf', fields },
    { name: 'First Deposit', event: 'sale', cost: '{sumdep}', currency: DEFAULT_CURRENCY, fields },
    { name: 'Recurring Deposit', event: 'resale', cost: '{sumdep}', currency: DEFAULT_CURRENCY, fields },
    { name: 'Withdrawal', event: 'withdraw', cost: '{wdr_sum}', currency: DEFAULT_CURRENCY, fields },
    {
      name: 'Commission',
      event: 'commission',
      cost: '{commission}',
      currency: DEFAULT_CURRENCY,
      fields,
      snapshot: true,
    },
  ],
  customFields: [{ key: 'trader_id', macro: '{trader_id}', description: 'The trader’s id at Pocket Option' }],
  eventInPath: false,
  reply: null,
  form: [
    { field: 'URL', enter: 'the URL of the event; one postback per event' },
    { field: 'Event', enter: 'the event that the URL is for' },
    { field: 'Method', enter: 'GET' },
    { field: 'Click id', enter: 'click_id' },
  ],
  notes: [
    VERIFY,
    'Create one postback per event in the cabinet.',
    'Amounts are always in US dollars.',
    'There is no transaction id: two equal repeat deposits within the duplicate window count once.',
    'Commission is a total that is updated once a day: it is recorded as the event commission and never summed.',
  ],
  evidence: 'template',
  source: null,
  verifiedOn: '2026-11-21',
};
