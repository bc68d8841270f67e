import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** LemonAD (limonad): one URL, the state of the lead in `{status}`. */
export const lemonadPreset: NetworkPreset = {
  ...COMMON,
  key: 'lemonad',
  name: 'LemonAD',
  clickIdParameter: 'clickid',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['payout'], tid: ['leadid'] },
  eventMap: {
    lead: 'ignore',
    sale: 'sale',
    rejected: 'reversal',
    trash: 'reversal',
  },
  currency: 'USD',
  knownWords: { cost: ['payoutOrZero'] },
  postbacks: [
    {
      name: 'All Statuses',
      event: '{status}',
      cost: '{payout}',
      currency: DEFAULT_CURRENCY,
      tid: '{leadid}',
    },
  ],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    'A lead that is not confirmed yet is set aside. {payoutOrZero} works in the place of {payout}.',
  ],
  evidence: 'official',
  verifiedOn: '2026-11-21',
};
