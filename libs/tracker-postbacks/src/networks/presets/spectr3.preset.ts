import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm } from '../preset-parts';

/** Spectr3: JSON by POST. */
export const spectr3Preset: NetworkPreset = {
  ...COMMON,
  key: 'spectr3',
  name: 'Spectr3',
  clickIdParameter: 'click_id',
  macroSyntax: null,
  event: [{ kind: 'parameter', name: 'event' }],
  roles: { cost: ['amount'], currency: ['method_currency'], tid: ['trx'] },
  eventMap: {
    registration: 'registration',
    deposit: 'sale/resale',
  },
  customFields: [{ key: 'user_id', macro: 'user_id', description: 'The player’s id at Spectr3' }],
  postbacks: [{ name: 'All Events', event: '{event}', fields: [{ key: 'user_id', macro: 'user_id' }] }],
  form: oneUrlForm('All Events', 'POST'),
  notes: [
    'Spectr3 posts JSON under its own names; the URL carries no macros.',
    'Each deposit is reported, the first one included: which one was the first is told here.',
    'The amount is what was credited after the payment provider’s deductions.',
  ],
  evidence: 'official',
  source: 'https://spectr3.io/documentation-affiliate',
  verifiedOn: '2026-11-21',
};
