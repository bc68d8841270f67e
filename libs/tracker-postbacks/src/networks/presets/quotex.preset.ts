import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, NO_CURRENCY, oneUrlForm, VERIFY } from '../preset-parts';

/**
 * Quotex: one URL for everything. The event word stands in `{status}`, which the network also fills in as the *name* of a
 * parameter (`{status}=true` arrives as `ftd=true`).
 */
export const quotexPreset: NetworkPreset = {
  ...COMMON,
  key: 'quotex',
  name: 'Quotex',
  clickIdParameter: 'click_id',
  macroSyntax: '{x}',
  event: [
    { kind: 'flag', name: 'withdrawal' },
    { kind: 'flag', name: 'ftd' },
    { kind: 'flag', name: 'dep' },
    { kind: 'flag', name: 'conf' },
    { kind: 'flag', name: 'reg' },
    { kind: 'parameter', name: 'status' },
  ],
  roles: { cost: ['sumdep'], tid: ['event_id'] },
  eventMap: {
    reg: 'registration',
    conf: 'conf',
    ftd: 'sale',
    dep: 'resale',
    withdrawal: 'withdraw',
  },
  amountRule: { instead: { withdraw: ['sumwithdraw'] } },
  postbacks: [
    {
      name: 'All Events',
      event: '{status}',
      cost: '{sumdep}',
      currency: DEFAULT_CURRENCY,
      tid: '{event_id}',
      extra: { sumwithdraw: '{sumwithdraw}', '{status}': 'true' },
    },
  ],
  form: oneUrlForm('All Events'),
  notes: [
    VERIFY,
    NO_CURRENCY,
    'The event arrives twice, as tracker.event and as a parameter that is named like it: both say the same.',
    'A withdrawal is recorded with the amount of sumwithdraw, as sent.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
