import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, NO_CURRENCY, oneUrlForm, VERIFY } from '../preset-parts';

/** ClickDealer, on CAKE: one URL for conversions, macros like `#s2#`. */
export const clickdealerPreset: NetworkPreset = {
  ...COMMON,
  key: 'clickdealer',
  name: 'ClickDealer',
  clickIdParameter: 's2',
  macroSyntax: '#x#',
  roles: { cost: ['price'], tid: ['leadid'] },
  knownWords: { tid: ['tid'] },
  postbacks: [
    { name: 'Conversion', event: 'sale', cost: '#price#', currency: DEFAULT_CURRENCY, tid: '#leadid#' },
  ],
  form: oneUrlForm('Conversion'),
  notes: [
    VERIFY,
    'A conversion counts as the lead’s first deposit; change the event of the URL if your offer pays for something else.',
    'Other networks on CAKE call the transaction id #tid#.',
    NO_CURRENCY,
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
