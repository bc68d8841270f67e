import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm } from '../preset-parts';

/** CPAlead: one URL for conversions; wants a fast 2xx and repeats what it does not get one for. */
export const cpaleadPreset: NetworkPreset = {
  ...COMMON,
  key: 'cpalead',
  name: 'CPAlead',
  clickIdParameter: 'subid',
  macroSyntax: '{x}',
  roles: { cost: ['payout'], tid: ['lead_id'] },
  currency: 'USD',
  reply: { format: 'text', text: 'OK', always200: true },
  postbacks: [
    { name: 'Conversion', event: 'sale', cost: '{payout}', currency: DEFAULT_CURRENCY, tid: '{lead_id}' },
  ],
  form: oneUrlForm('Conversion'),
  notes: [
    'A conversion counts as the lead’s first deposit; change the event of the URL if your offer pays for something else.',
    'Make a secret for the integration instead of using the {password} macro: it stands in the URL as key.',
  ],
  evidence: 'official',
  source: 'https://www.cpalead.com/en/postback/documentation',
  verifiedOn: '2026-11-21',
};
