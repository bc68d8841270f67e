import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** AdCombo: one URL, the state of the order in `{status}`. */
export const adcomboPreset: NetworkPreset = {
  ...COMMON,
  key: 'adcombo',
  name: 'AdCombo',
  clickIdParameter: 'subacc4',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['revenue'], tid: ['trans_id'] },
  eventMap: {
    hold: 'ignore',
    confirmed: 'sale',
    rejected: 'reversal',
    trash: 'reversal',
  },
  currency: 'USD',
  postbacks: [
    {
      name: 'All Statuses',
      event: '{status}',
      cost: '{revenue}',
      currency: DEFAULT_CURRENCY,
      tid: '{trans_id}',
    },
  ],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    'Newer accounts use clickid instead of subacc4: set clickIdParameter to it, and the URL follows.',
    'An order on hold is set aside; rejected and trash take back the one that was confirmed.',
  ],
  evidence: 'vendor',
  verifiedOn: '2026-11-21',
};
