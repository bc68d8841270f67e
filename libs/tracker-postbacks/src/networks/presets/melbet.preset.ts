import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_TID, VERIFY } from '../preset-parts';

/** Melbet: one URL per event, amounts in US dollars. */
export const melbetPreset: NetworkPreset = {
  ...COMMON,
  key: 'melbet',
  name: 'Melbet Affiliates',
  clickIdParameter: 'click_id',
  macroSyntax: '{x}',
  roles: { cost: ['amount'] },
  currency: 'USD',
  postbacks: classicPostbacks({ cost: '{amount}', currency: DEFAULT_CURRENCY }),
  form: CLASSIC_FORM,
  notes: [VERIFY, NO_TID],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
