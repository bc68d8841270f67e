import { type NetworkPreset } from '../network-preset';
import { COMMON, oneUrlForm, VERIFY } from '../preset-parts';

/** 4rabet: one URL, the goal of the offer in `{goal}`. */
export const fourRabetPreset: NetworkPreset = {
  ...COMMON,
  key: '4rabet',
  name: '4rabet',
  clickIdParameter: 'sub_id2',
  macroSyntax: '{x}',
  event: [{ kind: 'parameter', name: 'goal' }],
  roles: { cost: ['revenue'] },
  postbacks: [{ name: 'All Goals', event: '{goal}', cost: '{revenue}', currency: '{currency}', tid: '{id}' }],
  form: oneUrlForm('All Goals'),
  notes: [
    VERIFY,
    'Goals are named by the offer: let the event map lead them to registration, sale or resale. A goal without an entry is recorded under its own name.',
  ],
  evidence: 'template',
  verifiedOn: '2026-11-21',
};
