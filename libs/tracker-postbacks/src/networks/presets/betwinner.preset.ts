import { DEFAULT_CURRENCY, type NetworkPreset } from '../network-preset';
import { COMMON, NO_CURRENCY, NO_TID, oneUrlForm } from '../preset-parts';

/**
 * Betwinner: one URL, the event in `{eventType}`. Its `deposit` means every deposit, the first one included, and
 * `firstDeposit` reports that one once more.
 */
export const betwinnerPreset: NetworkPreset = {
  ...COMMON,
  key: 'betwinner',
  name: 'Betwinner Affiliates',
  clickIdParameter: 'extid',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'eventType' }],
  roles: { cost: ['depositAmount'] },
  eventMap: {
    registration: 'registration',
    deposit: 'sale/resale',
    // Comes beside `deposit` for the same money.
    firstdeposit: 'ignore',
    withdrawal: 'withdraw',
    newbet: 'bet',
    betresult: 'bet_result',
  },
  postbacks: [
    { name: 'All Events', event: '{eventType}', cost: '{depositAmount}', currency: DEFAULT_CURRENCY },
  ],
  form: oneUrlForm('All Events'),
  notes: [
    'Made from another vendor’s guide to Betwinner: verify the names in your cabinet.',
    'Switch on Registration and Deposits in the cabinet: the first deposit is told from later ones here, and First deposits would only repeat it.',
    'Bets are recorded as bet and bet_result if they are switched on, without an amount of their own.',
    NO_CURRENCY,
    NO_TID,
  ],
  evidence: 'vendor',
  source: 'https://help.mgid.com/betwinneraffiliates-affiliate-program-integration',
  verifiedOn: '2026-11-21',
};
