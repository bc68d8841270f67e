import { type NetworkPreset } from '../network-preset';
import { COMMON } from '../preset-parts';

/** Hotmart webhooks: JSON by POST, read through flattened names. */
export const hotmartPreset: NetworkPreset = {
  ...COMMON,
  key: 'hotmart',
  name: 'Hotmart',
  clickIdParameter: 'sck',
  macroSyntax: null,
  event: [{ kind: 'parameter', name: 'event' }],
  roles: {
    clickId: [
      'data.purchase.origin.sck',
      'data.purchase.tracking.source_sck',
      'data.purchase.sckPaymentLink',
    ],
    cost: ['data.purchase.price.value'],
    currency: ['data.purchase.price.currency_value'],
    tid: ['data.purchase.transaction'],
  },
  eventMap: {
    purchase_approved: 'sale/resale',
    // The same transaction, when the time for refunds is over.
    purchase_complete: 'sale/resale',
    purchase_refunded: 'reversal',
    purchase_chargeback: 'reversal',
    purchase_canceled: 'ignore',
    purchase_expired: 'ignore',
    purchase_delayed: 'ignore',
    purchase_billet_printed: 'ignore',
    purchase_out_of_shopping_cart: 'ignore',
    purchase_protest: 'ignore',
    subscription_cancellation: 'subscription_cancelled',
  },
  postbacks: [
    { name: 'All Events', event: '{event}', fields: [{ key: 'buyer_email', macro: 'data.buyer.email' }] },
  ],
  customFields: [
    { key: 'buyer_email', macro: 'data.buyer.email', description: 'The buyer’s e-mail address' },
  ],
  reply: { format: 'json', always200: true },
  form: [
    { field: 'URL', enter: 'the URL of All Events' },
    { field: 'Version', enter: '2.0.0' },
    { field: 'Events', enter: 'purchases: approved, complete, refunded, chargeback' },
  ],
  notes: [
    'Hotmart posts JSON under its own names; the URL carries no macros. Where exactly sck comes back depends on the kind of link: verify it with a test purchase.',
    'Hotmart switches a URL off after errors, so the reply is always 200.',
    'An opened dispute is set aside; the refund or chargeback that may follow takes the purchase back.',
  ],
  evidence: 'official',
  verifiedOn: '2026-11-21',
};
