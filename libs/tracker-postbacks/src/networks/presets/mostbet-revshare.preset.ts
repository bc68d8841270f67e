import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** Mostbet, revenue share: aggregates of a period, no events of a lead. */
export const mostbetRevsharePreset: NetworkPreset = {
  ...COMMON,
  key: 'mostbet-revshare',
  name: 'Mostbet RevShare',
  clickIdParameter: 'sub1',
  macroSyntax: '{x}',
  roles: { cost: ['rs'] },
  currency: 'USD',
  knownWords: { cost: ['dep_sum', 'bid_win', 'bid_loss'] },
  postbacks: [
    {
      name: 'Revenue Share',
      event: 'revshare',
      cost: '{rs}',
      currency: DEFAULT_CURRENCY,
      extra: {
        period_from: '{periodFrom}',
        period_till: '{periodTill}',
        dep_sum: '{dep_sum}',
        bid_win: '{bid_win}',
        bid_loss: '{bid_loss}',
      },
      snapshot: true,
    },
  ],
  form: oneUrlForm('Revenue Share'),
  notes: [
    VERIFY,
    'Each postback is the aggregate of a period: it is recorded as the event revshare and never summed.',
    'Whether a loss is sent as a negative amount is not documented: the amount is kept as sent.',
    'Deposits of a lead do not come from here: use Mostbet CPA beside it if your deal has both.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
