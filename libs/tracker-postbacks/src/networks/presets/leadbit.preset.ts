import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Leadbit: one URL, the state of the lead in `{status}`; its `{cost}` is the payout. */
export const leadbitPreset: NetworkPreset = {
  ...COMMON,
  key: 'leadbit',
  name: 'Leadbit',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['cost'] },
  eventMap: {
    new: 'ignore',
    confirm: 'sale',
    reject: 'reversal',
    decline: 'reversal',
    invalid: 'reversal',
    trash: 'reversal',
  },
  currency: 'USD',
  postbacks: [
    { name: 'All Statuses', event: '{status}', cost: '{cost}', currency: DEFAULT_CURRENCY, tid: '{id}' },
  ],
  form: oneUrlForm('All Statuses'),
  notes: [VERIFY, 'What Leadbit calls cost is what it pays you.'],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
