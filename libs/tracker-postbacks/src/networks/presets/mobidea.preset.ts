import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Mobidea: one URL for conversions; the link parameter and its macro have different names. */
export const mobideaPreset: NetworkPreset = {
  ...COMMON,
  key: 'mobidea',
  name: 'Mobidea',
  clickIdParameter: 'pub_click_id',
  macroSyntax: '{{X}}',
  clickIdMacro: '{{EXTERNAL_ID}}',
  roles: { cost: ['money'] },
  currency: 'USD',
  postbacks: [{ name: 'Conversion', event: 'sale', cost: '{{MONEY}}', currency: DEFAULT_CURRENCY }],
  form: oneUrlForm('Conversion'),
  notes: [
    VERIFY,
    'A conversion counts as the lead’s first deposit; change the event of the URL if your offer pays for something else.',
    'Without a transaction id one conversion of a click counts.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
