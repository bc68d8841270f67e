import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_TID, VERIFY } from '../preset-parts';

/** Cellxpert (cell.expert) platforms: one URL per event, macros like `[afp1]`. */
export const cellxpertPreset: NetworkPreset = {
  ...COMMON,
  key: 'cellxpert',
  name: 'Cellxpert',
  clickIdParameter: 'afp1',
  macroSyntax: '[x]',
  roles: { cost: ['CommissionAmount'] },
  currency: 'EUR',
  postbacks: classicPostbacks({ cost: '[CommissionAmount]', currency: DEFAULT_CURRENCY }),
  form: CLASSIC_FORM,
  notes: [VERIFY, 'The amount is your commission, not the deposit.', NO_TID],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
