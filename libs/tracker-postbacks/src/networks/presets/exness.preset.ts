import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, NO_TID } from '../preset-parts';

/** Exness: one URL per event type; `Deposit` is every single deposit. */
export const exnessPreset: NetworkPreset = {
  ...COMMON,
  key: 'exness',
  name: 'Exness Affiliates',
  clickIdParameter: 'cid',
  macroSyntax: '{x}',
  roles: { cost: ['aff_value'] },
  eventMap: { deposit: 'sale/resale' },
  currency: 'USD',
  postbacks: [
    { name: 'Registration', event: 'registration' },
    { name: 'Deposit', event: 'deposit', cost: '{aff_value}', currency: DEFAULT_CURRENCY },
    {
      name: 'First Deposit (24 hours)',
      event: 'first_deposit_24h',
      cost: '{aff_value}',
      currency: DEFAULT_CURRENCY,
      snapshot: true,
    },
    { name: 'Qualification', event: 'qualification', cost: '{aff_value}', currency: DEFAULT_CURRENCY },
  ],
  form: [
    { field: 'Event type: Registration', enter: 'the URL of Registration' },
    { field: 'Event type: Deposit', enter: 'the URL of Deposit' },
    { field: 'Event type: First Deposit', enter: 'the URL of First Deposit (24 hours), if you need it' },
    { field: 'Event type: Qualification', enter: 'the URL of Qualification' },
  ],
  notes: [
    'Deposit reports each single deposit, the first one included: which one was the first is told here.',
    'Under CPA, First Deposit is the sum of the first 24 hours. It repeats money that Deposit reports, so it is recorded as an event of its own and never summed.',
    'Qualification carries your reward, not a deposit.',
    'Exness sends in batches: registrations every 10 minutes, everything else every 2 hours.',
    NO_TID,
  ],
  evidence: 'official',
  source: 'https://get.exness-affiliates.help/hc/en-us/articles/360013719979-Global-postbacks-integration',
  verifiedOn: '2026-11-21',
};
