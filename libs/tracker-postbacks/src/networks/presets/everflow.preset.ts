import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Any network on Everflow: one URL, the state of the conversion in `{status}`. */
export const everflowPreset: NetworkPreset = {
  ...COMMON,
  key: 'everflow',
  name: 'Everflow',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['amount'] },
  eventMap: {
    pending: 'ignore',
    approved: 'sale',
    rejected: 'reversal',
  },
  postbacks: [{ name: 'All Statuses', event: '{status}', cost: '{amount}', currency: '{currency}' }],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    'approved counts as the lead’s first deposit; where the network pays for several events, make one URL per event and add status={status} to it.',
    'Without a transaction id a rejection takes back the click’s only open sale.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
