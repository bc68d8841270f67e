import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, NO_CURRENCY } from '../preset-parts';

/** Brokers on RapidPace CRM: one URL per type; `Deposit` means the second and later ones. */
export const rapidpacePreset: NetworkPreset = {
  ...COMMON,
  key: 'rapidpace',
  name: 'RapidPace CRM',
  clickIdParameter: 'click_id',
  macroSyntax: '{{x}}',
  roles: { cost: ['amount'], tid: ['postback_id'] },
  postbacks: classicPostbacks({ cost: '{{amount}}', currency: DEFAULT_CURRENCY, tid: '{{postback_id}}' }),
  form: CLASSIC_FORM,
  notes: [
    'FTD is the first deposit, Deposit every later one.',
    NO_CURRENCY,
    'The macros look like our own; in a postback URL they are RapidPace’s.',
  ],
  evidence: 'official',
  source: 'https://docs.rapidpacecrm.com/article/affiliates-postbacks',
  verifiedOn: '2026-11-21',
};
