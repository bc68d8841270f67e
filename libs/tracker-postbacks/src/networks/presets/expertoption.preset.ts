import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, NO_CURRENCY, oneUrlForm, VERIFY } from '../preset-parts';

/** ExpertOption: one URL for what you are paid for. */
export const expertOptionPreset: NetworkPreset = {
  ...COMMON,
  key: 'expertoption',
  name: 'ExpertOption',
  clickIdParameter: 'click_id',
  macroSyntax: '{x}',
  roles: { cost: ['payout'], tid: ['transaction_id'] },
  postbacks: [
    {
      name: 'Sale',
      event: 'sale',
      cost: '{payout}',
      currency: DEFAULT_CURRENCY,
      tid: '{transaction_id}',
      extra: { sale_status: 'real' },
    },
  ],
  form: oneUrlForm('Sale'),
  notes: [
    VERIFY,
    'The network names no event: each postback counts as a deposit, told apart by its transaction id.',
    NO_CURRENCY,
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
