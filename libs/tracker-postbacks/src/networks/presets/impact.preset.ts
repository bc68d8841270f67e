import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/**
 * impact.com: one URL for every action and every change of its status. An action is named by the advertiser, so the word
 * is made of both: `<action>_<status>`.
 */
export const impactPreset: NetworkPreset = {
  ...COMMON,
  key: 'impact',
  name: 'impact.com',
  clickIdParameter: 'subId1',
  macroSyntax: '{x}',
  event: [{ kind: 'composite', template: '{ActionTrackerName}_{Status}' }],
  roles: { cost: ['payout'], tid: ['ActionId'] },
  eventMap: {
    sale_pending: 'ignore',
    sale_approved: 'sale',
    sale_reversed: 'reversal',
    'online sale_pending': 'ignore',
    'online sale_approved': 'sale',
    'online sale_reversed': 'reversal',
  },
  knownWords: { cost: ['DeltaPayout', 'OriginalAmount'] },
  postbacks: [
    {
      name: 'All Actions',
      event: '{ActionTrackerName}_{Status}',
      cost: '{payout}',
      currency: '{Currency}',
      tid: '{ActionId}',
    },
  ],
  form: oneUrlForm('All Actions'),
  notes: [
    VERIFY,
    'Add your advertisers’ actions to the event map: the action’s name, an underscore and the status, in lower case (“free trial_approved”). Until then an action with a space in its name is refused.',
    'A pending action is set aside; a reversed one takes back the approved one with the same action id.',
  ],
  evidence: 'official',
  verifiedOn: '2026-11-21',
};
