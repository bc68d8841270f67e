import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Any network on Scaleo: one URL, the state of the conversion in `{conv_status}`. */
export const scaleoPreset: NetworkPreset = {
  ...COMMON,
  key: 'scaleo',
  name: 'Scaleo',
  clickIdParameter: 'aff_click_id',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'conv_status' }],
  roles: { cost: ['payout'], tid: ['transaction_id'] },
  eventMap: {
    pending: 'ignore',
    approved: 'sale',
    rejected: 'reversal',
    trash: 'reversal',
  },
  postbacks: [{ name: 'All Statuses', event: '{conv_status}', cost: '{payout}', currency: '{currency}' }],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    'Networks that offer {transaction_id} can send it as tracker.tid; without it a rejection takes back the click’s only open sale.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
