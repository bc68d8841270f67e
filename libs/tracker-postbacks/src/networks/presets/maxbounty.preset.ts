import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** MaxBounty: one URL for conversions, macros in upper case like `#S2#`. */
export const maxbountyPreset: NetworkPreset = {
  ...COMMON,
  key: 'maxbounty',
  name: 'MaxBounty',
  clickIdParameter: 's2',
  macroSyntax: '#X#',
  roles: { cost: ['rate'] },
  currency: 'USD',
  postbacks: [{ name: 'Conversion', event: 'sale', cost: '#RATE#', currency: DEFAULT_CURRENCY }],
  form: oneUrlForm('Conversion'),
  notes: [
    VERIFY,
    'A conversion counts as the lead’s first deposit; change the event of the URL if your offer pays for something else.',
    'There is no transaction id (#OFFID# is the offer): one conversion of a click counts.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
