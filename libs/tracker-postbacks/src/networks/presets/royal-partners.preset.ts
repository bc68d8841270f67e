import { type NetworkPreset } from '../network-preset';
import { CLASSIC_FORM, classicPostbacks, COMMON, VERIFY } from '../preset-parts';

/** Royal.partners, on an Affilka-type platform: one URL per event, macros like `${amount}`. */
export const royalPartnersPreset: NetworkPreset = {
  ...COMMON,
  key: 'royal-partners',
  name: 'Royal.partners',
  clickIdParameter: 'ctag',
  macroSyntax: '${x}',
  roles: { cost: ['amount'], tid: ['deposit_id'] },
  customFields: [{ key: 'player_id', macro: '${player_id}', description: 'The player’s id at the casino' }],
  postbacks: classicPostbacks({ cost: '${amount}', currency: '${currency}', tid: '${deposit_id}' }, [
    { key: 'player_id', macro: '${player_id}' },
  ]),
  form: CLASSIC_FORM,
  notes: [VERIFY],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
