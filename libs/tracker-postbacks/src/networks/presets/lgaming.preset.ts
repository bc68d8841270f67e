import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_TID, VERIFY } from '../preset-parts';

/** LGaming: one URL per event, payouts in US dollars. */
export const lgamingPreset: NetworkPreset = {
  ...COMMON,
  key: 'lgaming',
  name: 'LGaming',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  roles: { cost: ['payout'] },
  currency: 'USD',
  postbacks: classicPostbacks({ cost: '{payout}', currency: DEFAULT_CURRENCY }),
  form: CLASSIC_FORM,
  notes: [VERIFY, 'The amount is your payout, not the deposit.', NO_TID],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
