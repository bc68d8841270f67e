import { type NetworkPreset } from '../network-preset';
import { COMMON } from '../preset-parts';

/** Digistore24 instant payment notifications: a form by POST, answered with `OK`. */
export const digistore24Preset: NetworkPreset = {
  ...COMMON,
  key: 'digistore24',
  name: 'Digistore24',
  clickIdParameter: 'custom',
  macroSyntax: null,
  event: [{ kind: 'parameter', name: 'event' }],
  roles: {
    cost: ['amount_brutto'],
    // A refund has a transaction of its own, and all payments of a subscription share the order.
    tid: ['{order_id}_{pay_sequence_no}'],
  },
  eventMap: {
    on_payment: 'sale/resale',
    on_refund: 'reversal',
    on_chargeback: 'reversal',
    on_payment_missed: 'payment_missed',
    payment_denial: 'ignore',
    on_rebill_cancelled: 'rebill_cancelled',
    on_rebill_resumed: 'rebill_resumed',
    last_paid_day: 'last_paid_day',
    on_affiliation: 'ignore',
    eticket: 'ignore',
    custom_form: 'ignore',
    connection_test: 'ignore',
  },
  currency: 'EUR',
  postbacks: [{ name: 'All Events', event: '{event}', fields: [{ key: 'order_id', macro: 'order_id' }] }],
  customFields: [{ key: 'order_id', macro: 'order_id', description: 'The order at Digistore24' }],
  reply: { format: 'text', text: 'OK', always200: true },
  form: [
    { field: 'Type of the connection', enter: 'generic (IPN)' },
    { field: 'IPN URL', enter: 'the URL of All Events' },
    { field: 'HTTP method', enter: 'POST' },
    { field: 'Grouping of calls', enter: 'off' },
  ],
  notes: [
    'Digistore24 posts a form under its own names; the URL carries no macros.',
    'The click id comes back in custom: put that parameter on the link to the order form.',
    'A refund takes back the payment with the same order_id and pay_sequence_no: verify both names in your cabinet, as they come from public integrations.',
    'A reply that does not begin with OK counts as a failure there, so the reply is always OK.',
  ],
  evidence: 'official',
  source: 'https://dev.digistore24.com/hc/en-us/articles/32480217565969-Quick-Integration-Guide',
  verifiedOn: '2026-11-21',
};
