import { type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_TID, VERIFY } from '../preset-parts';

/** Pin-Up: one URL per event; the sub parameter is written in camel case. */
export const pinUpPreset: NetworkPreset = {
  ...COMMON,
  key: 'pin-up',
  name: 'Pin-Up Partners',
  clickIdParameter: 'subId1',
  macroSyntax: '{x}',
  roles: { cost: ['payment'] },
  postbacks: classicPostbacks({ cost: '{payment}', currency: '{currency}' }),
  form: CLASSIC_FORM,
  notes: [VERIFY, NO_TID],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
