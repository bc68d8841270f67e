import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Everad: one URL, the state of the lead in `{status}`. */
export const everadPreset: NetworkPreset = {
  ...COMMON,
  key: 'everad',
  name: 'Everad',
  clickIdParameter: 'sid5',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['payout'] },
  eventMap: {
    pending: 'ignore',
    approved: 'sale',
    rejected: 'reversal',
    trash: 'reversal',
  },
  postbacks: [{ name: 'All Statuses', event: '{status}', cost: '{payout}', currency: '{currency}' }],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    'Some accounts use sid1 instead of sid5: set clickIdParameter to it, and the URL follows.',
    'Without a transaction id a rejection takes back the click’s only open sale.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
