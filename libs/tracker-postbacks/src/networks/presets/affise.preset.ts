import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Any network on Affise: one URL, the state of the conversion as a number in `{status}`. */
export const affisePreset: NetworkPreset = {
  ...COMMON,
  key: 'affise',
  name: 'Affise',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'status' }],
  roles: { cost: ['sum'], tid: ['transactionid'] },
  eventMap: {
    1: 'sale',
    2: 'ignore',
    3: 'reversal',
    5: 'ignore',
  },
  postbacks: [
    {
      name: 'All Statuses',
      event: '{status}',
      cost: '{sum}',
      currency: '{currency}',
      tid: '{transactionid}',
    },
  ],
  form: oneUrlForm('All Statuses'),
  notes: [
    VERIFY,
    '1 is approved, 2 pending, 3 rejected, 5 on hold.',
    'Where the network pays for several goals, make one URL per goal with the event of your choice and add status={status} to it.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
