import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { VERIFY } from '../preset-parts';

const fields = [{ key: 'user_id', macro: '{user_id}' }] as const;

/** 1win and 1win.run: three slots, one URL each; no field of its own for a click id, so a sub parameter carries it. */
export const oneWinPreset: NetworkPreset = {
  key: '1win',
  name: '1win',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  event: [],
  roles: { cost: ['amount'], tid: ['event_id'] },
  eventMap: {},
  decimalMark: '.',
  currency: 'USD',
  knownWords: { cost: ['amount'], tid: ['event_id'] },
  bareWords: {},
  postbacks: [
    { name: 'Registration', event: 'registration', fields },
    { name: 'First Deposit', event: 'sale', cost: '{amount}', currency: DEFAULT_CURRENCY, fields },
    {
      name: 'Recurring Deposit',
      event: 'resale',
      cost: '{amount}',
      currency: DEFAULT_CURRENCY,
      tid: '{event_id}',
      fields,
    },
  ],
  customFields: [{ key: 'user_id', macro: '{user_id}', description: 'The player’s id at 1win' }],
  eventInPath: false,
  reply: null,
  form: [
    { field: 'Registration', enter: 'the URL of Registration' },
    { field: 'First deposit', enter: 'the URL of First Deposit' },
    { field: 'Repeat deposit', enter: 'the URL of Recurring Deposit' },
  ],
  notes: [
    VERIFY,
    'sub1 is usual for the click id; sub2, sub3, sub4 and so on work as well: choose the one you leave free.',
    '1win sends no currency: the URLs carry the integration’s default currency, USD unless you set another.',
  ],
  evidence: 'template',
  source: null,
  verifiedOn: '2026-11-21',
};
