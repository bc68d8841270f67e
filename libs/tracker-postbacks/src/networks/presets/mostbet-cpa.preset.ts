import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Mostbet, CPA deals: one URL, the state of the lead in `{status}`. */
export const mostbetCpaPreset: NetworkPreset = {
  ...COMMON,
  key: 'mostbet-cpa',
  name: 'Mostbet CPA',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['fdp_usd'] },
  eventMap: {
    registration: 'registration',
    active: 'active',
    fd_approved: 'sale',
    fdp: 'sale',
    fd_rejected: 'reversal',
  },
  currency: 'USD',
  knownWords: { cost: ['profit', 'dep_sum_usd'] },
  postbacks: [
    { name: 'All Statuses', event: '{status}', cost: '{fdp_usd}', currency: DEFAULT_CURRENCY, tid: '{id}' },
  ],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    'fdp_usd is the first deposit in US dollars; profit would be what you are paid for it.',
    'fd_approved and fdp are the same deposit and carry the same id: it counts once.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
