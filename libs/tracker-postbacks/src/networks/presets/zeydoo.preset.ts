import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_TID, VERIFY } from '../preset-parts';

/** Zeydoo: one URL per event. */
export const zeydooPreset: NetworkPreset = {
  ...COMMON,
  key: 'zeydoo',
  name: 'Zeydoo',
  clickIdParameter: 'ymid',
  macroSyntax: '{x}',
  roles: { cost: ['amount'] },
  currency: 'USD',
  postbacks: classicPostbacks({ cost: '{amount}', currency: DEFAULT_CURRENCY }),
  form: CLASSIC_FORM,
  notes: [VERIFY, NO_TID],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
