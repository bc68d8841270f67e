import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_CURRENCY, NO_TID, VERIFY } from '../preset-parts';

/** Alfaleads: one URL per event. */
export const alfaleadsPreset: NetworkPreset = {
  ...COMMON,
  key: 'alfaleads',
  name: 'Alfaleads',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  roles: { cost: ['sum'] },
  postbacks: classicPostbacks({ cost: '{sum}', currency: DEFAULT_CURRENCY }),
  form: CLASSIC_FORM,
  notes: [VERIFY, NO_CURRENCY, NO_TID],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
