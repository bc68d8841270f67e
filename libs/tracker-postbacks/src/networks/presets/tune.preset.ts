import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Any network on TUNE (HasOffers): one URL, the state of the conversion in `{status}`. */
export const tunePreset: NetworkPreset = {
  ...COMMON,
  key: 'tune',
  name: 'TUNE / HasOffers',
  clickIdParameter: 'aff_sub',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { clickId: ['aff_click_id'], cost: ['payout'], tid: ['transaction_id'] },
  eventMap: {
    pending: 'ignore',
    approved: 'sale',
    rejected: 'reversal',
  },
  postbacks: [
    {
      name: 'All Statuses',
      event: '{status}',
      cost: '{payout}',
      currency: '{currency}',
      tid: '{transaction_id}',
    },
  ],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    'Templates disagree whether aff_sub or aff_click_id carries the click id: set clickIdParameter to yours, and the URL follows.',
    'approved counts as the lead’s first deposit; where the network pays for several events, make one URL per event and add status={status} to it.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
