import { type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_TID, VERIFY } from '../preset-parts';

/** 7bitpartners and Boomerang: one URL per event, no amounts. */
export const sevenBitPartnersPreset: NetworkPreset = {
  ...COMMON,
  key: '7bit-partners',
  name: '7bitpartners / Boomerang',
  clickIdParameter: 'visit_id',
  macroSyntax: '${x}',
  roles: { cost: ['amount'] },
  currency: 'EUR',
  // Templates leave the word itself where an amount would stand.
  bareWords: { cost: ['amount'] },
  postbacks: classicPostbacks({}),
  form: CLASSIC_FORM,
  notes: [
    VERIFY,
    'The network sends no amounts: deposits are recorded without one. Amounts added by hand count as euros.',
    NO_TID,
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
