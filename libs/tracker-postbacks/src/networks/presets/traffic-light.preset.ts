import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Traffic Light: one URL, the state of the lead as a number in `{status}`. */
export const trafficLightPreset: NetworkPreset = {
  ...COMMON,
  key: 'traffic-light',
  name: 'Traffic Light',
  clickIdParameter: 'subid',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['payout'] },
  eventMap: {
    1: 'ignore',
    2: 'sale',
    3: 'reversal',
    4: 'reversal',
  },
  currency: 'RUB',
  postbacks: [{ name: 'All Statuses', event: '{status}', cost: '{payout}', currency: DEFAULT_CURRENCY }],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    '1 is pending, 2 approved, 3 and 4 rejected.',
    'Amounts are in roubles.',
    'Without a transaction id a rejection takes back the click’s only open sale.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
