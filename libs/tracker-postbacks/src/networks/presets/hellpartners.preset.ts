import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, VERIFY } from '../preset-parts';

/** Hellpartners: one URL per event, macros like `[subid]`; the payout is an echo of the landing link. */
export const hellpartnersPreset: NetworkPreset = {
  ...COMMON,
  key: 'hellpartners',
  name: 'Hellpartners',
  clickIdParameter: 'subid',
  macroSyntax: '[x]',
  roles: { cost: ['cpapayout'] },
  currency: 'EUR',
  postbacks: classicPostbacks({ cost: '[cpapayout]', currency: DEFAULT_CURRENCY, tid: '[tid]' }),
  form: CLASSIC_FORM,
  notes: [
    VERIFY,
    'The amount is what you put into the landing link as cpapayout: add that parameter to the registration link.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
