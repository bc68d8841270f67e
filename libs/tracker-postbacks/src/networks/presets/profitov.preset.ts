import { type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, VERIFY } from '../preset-parts';

/** Profitov: one URL per event; a transaction is told by its id and its goal together. */
export const profitovPreset: NetworkPreset = {
  ...COMMON,
  key: 'profitov',
  name: 'Profitov',
  clickIdParameter: 'sub4',
  macroSyntax: '{x}',
  roles: { cost: ['sum'] },
  postbacks: classicPostbacks({ cost: '{sum}', currency: '{currency}', tid: '{transactionid}_{goal}' }),
  form: CLASSIC_FORM,
  notes: [VERIFY],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
