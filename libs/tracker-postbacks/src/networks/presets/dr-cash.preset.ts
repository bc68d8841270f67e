import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Dr.Cash: one URL, the state of the lead in `{status}`. */
export const drCashPreset: NetworkPreset = {
  ...COMMON,
  key: 'dr-cash',
  name: 'Dr.Cash',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['payment'] },
  eventMap: {
    pending: 'ignore',
    approved: 'sale',
    rejected: 'reversal',
    trash: 'reversal',
  },
  currency: 'USD',
  postbacks: [{ name: 'All Statuses', event: '{status}', cost: '{payment}', currency: DEFAULT_CURRENCY }],
  form: oneUrlForm('All Statuses'),
  notes: [VERIFY, 'Without a transaction id a rejection takes back the click’s only open sale.'],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
