import { type PostbackBody } from '../rules/reading';

/** What arrives: the path's event segment, the query, the body. */
export interface Sent {
  readonly path?: string;
  readonly query?: string;
  readonly body?: PostbackBody;
}

/** The values that every simulated network fills in. */
export const SAMPLE = {
  click: 'AbCdEf123456',
  cost: '12.50',
  currency: 'eur',
  /** In the extra parameters of a URL. */
  extra: '7.25',
} as const;

const BINOMO_FLAGS: Readonly<Record<string, string>> = {
  registration: 'reg',
  conf: 'conf',
  sale: 'ftd',
  resale: 'dep',
};

export const form = (query: string): PostbackBody => ({ type: 'form', text: query });
export const json = (body: unknown): PostbackBody => ({ type: 'json', text: JSON.stringify(body) });

/** Networks that fill in no macros: what they send under their own names, for one word of theirs. */
export const OWN_NAMES: Readonly<Record<string, (word: string) => Sent & { readonly tid: string }>> = {
  binomo: (word) => ({
    path: word,
    query: `click_id=${SAMPLE.click}&${BINOMO_FLAGS[word] ?? ''}=true&amount=${SAMPLE.cost}&transaction_id=B1&user_id=v-user_id`,
    tid: 'B1',
  }),
  digistore24: (word) => ({
    body: form(
      `event=${word}&custom=${SAMPLE.click}&order_id=v-order_id&pay_sequence_no=2&transaction_id=991&amount_brutto=${SAMPLE.cost}&currency=EUR`,
    ),
    tid: 'v-order_id_2',
  }),
  hotmart: (word) => ({
    body: json({
      id: '545e7d21-8fc4-4906-8fba-dcd7889f6481',
      event: word.toUpperCase(),
      version: '2.0.0',
      data: {
        buyer: { email: 'v-buyer_email', name: 'A. Buyer' },
        purchase: {
          origin: { sck: SAMPLE.click },
          price: { value: SAMPLE.cost, currency_value: 'EUR' },
          transaction: 'HP16015479281022',
        },
      },
    }),
    tid: 'HP16015479281022',
  }),
  spectr3: (word) => ({
    body: json({
      click_id: SAMPLE.click,
      event: word,
      user_id: 'v-user_id',
      trx: 'DEP123456789',
      deposit_id: 784,
      reference_id: '784',
      amount: SAMPLE.cost,
      method_currency: 'EUR',
    }),
    tid: 'DEP123456789',
  }),
};

/** What a postback has to be read as; what is left out is null or empty. */
export interface Expected {
  /** An event name, `ignored`, `reversal`, `deposit_stream` … */
  readonly event: string;
  readonly click?: string;
  readonly cost?: string;
  readonly currency?: string;
  readonly tid?: string;
  readonly warnings?: readonly string[];
}

type Row = readonly [network: string, what: string, sent: Sent, expected: Expected];

/** Postbacks as networks with a way of their own really send them. */
// prettier-ignore
export const AS_SENT: readonly Row[] = [
  ['binomo', 'flags on the base URL', { query: 'ftd=true&click_id=K1&amount=50&transaction_id=77' }, { event: 'sale', click: 'K1', cost: '50', currency: 'USD', tid: '77' }],
  ['binomo', 'every flag, one set', { query: 'reg=false&conf=0&ftd=&dep=true&click_id=K1&amount=50' }, { event: 'resale', click: 'K1', cost: '50', currency: 'USD' }],
  ['binomo', 'the app', { query: 'install=true&click_id=K1' }, { event: 'install', click: 'K1' }],
  ['pocket-option-revshare', 'first generation', { query: 'tracker.event=registration&click_id=K1&reg=1&id=&site_id=5' }, { event: 'registration', click: 'K1' }],
  ['pocket-option-revshare', 'first generation, deposit', { query: 'tracker.event=resale&currency=usd&click_id=K1&id=&dep=1&sumdep=25&totaldep=75' }, { event: 'resale', click: 'K1', cost: '25', currency: 'USD' }],
  ['pocket-option-revshare', 'second generation, mail', { query: 'tracker.event=emailconf&clickid=K1&fields.trader_id=9&id=' }, { event: 'conf', click: 'K1' }],
  ['pocket-option-revshare', 'second generation, withdrawal', { query: 'tracker.event=withdraw&clickid=K1&tracker.cost=30&tracker.currency=usd' }, { event: 'withdraw', click: 'K1', cost: '30', currency: 'USD' }],
  ['pocket-option-revshare', 'second generation, commission', { query: 'tracker.event=commission&clickid=K1&tracker.cost=-4.10&tracker.currency=usd' }, { event: 'commission', click: 'K1', cost: '-4.10', currency: 'USD' }],
  ['quotex', 'the event as a parameter name', { query: 'clickid=K1&ftd=true&tracker.cost=30&tracker.tid=e1' }, { event: 'sale', click: 'K1', cost: '30', tid: 'e1' }],
  ['quotex', 'a withdrawal', { query: 'tracker.event=withdrawal&clickid=K1&tracker.cost=0&sumwithdraw=15&withdrawal=true' }, { event: 'withdraw', click: 'K1', cost: '15' }],
  ['quotex', 'a withdrawal with nothing in its own parameter', { query: 'tracker.event=withdrawal&clickid=K1&tracker.cost=15&sumwithdraw=' }, { event: 'withdraw', click: 'K1', cost: '15' }],
  ['quotex', '{status}=true left as it is', { query: 'clickid=K1&{status}=true' }, { event: 'missing', click: 'K1', warnings: ['macro_in_name'] }],
  ['betwinner', 'the first deposit, told twice', { query: 'tracker.event=firstDeposit&clickid=K1&tracker.cost=20' }, { event: 'ignored', click: 'K1', cost: '20' }],
  ['betwinner', 'every deposit', { query: 'tracker.event=deposit&clickid=K1&tracker.cost=20' }, { event: 'deposit_stream', click: 'K1', cost: '20' }],
  ['adcombo', 'an event of our own, and the order is trash', { query: 'tracker.event=sale&status=trash&clickid=K1&tracker.tid=5&tracker.cost=9' }, { event: 'reversal', click: 'K1', cost: '9', currency: 'USD', tid: '5', warnings: ['event_overruled'] }],
  ['adcombo', 'on hold', { query: 'status=hold&subacc4=K1&trans_id=5&revenue=9' }, { event: 'ignored', click: 'K1', cost: '9', currency: 'USD', tid: '5' }],
  ['traffic-light', 'a number for pending', { query: 'tracker.event=1&clickid=K1&tracker.cost=350' }, { event: 'ignored', click: 'K1', cost: '350', currency: 'RUB' }],
  ['traffic-light', 'a number for approved', { query: 'status=2&subid=K1&payout=350' }, { event: 'sale', click: 'K1', cost: '350', currency: 'RUB' }],
  ['traffic-light', 'a number for rejected', { query: 'status=4&subid=K1' }, { event: 'reversal', click: 'K1' }],
  ['profitov', 'a transaction told by id and goal', { query: 'tracker.event=resale&clickid=K1&tracker.cost=5&tracker.currency=EUR&tracker.tid=777_2' }, { event: 'resale', click: 'K1', cost: '5', currency: 'EUR', tid: '777_2' }],
  ['profitov', 'half a transaction', { query: 'tracker.event=resale&clickid=K1&tracker.cost=5&tracker.currency=EUR&tracker.tid=777_{goal}' }, { event: 'resale', click: 'K1', cost: '5', currency: 'EUR', warnings: ['macro_unreplaced'] }],
  ['7bit-partners', 'the word amount for an amount', { query: 'tracker.event=sale&clickid=K1&tracker.cost=amount' }, { event: 'sale', click: 'K1', warnings: ['macro_unreplaced', 'amount_missing'] }],
  ['impact', 'action and status', { query: 'tracker.event=Online+Sale_APPROVED&clickid=K1&tracker.cost=8&tracker.currency=EUR&tracker.tid=A9' }, { event: 'sale', click: 'K1', cost: '8', currency: 'EUR', tid: 'A9' }],
  ['impact', 'action and status under their own names', { body: form('ActionTrackerName=Sale&Status=REVERSED&subId1=K1&ActionId=A9') }, { event: 'reversal', click: 'K1', tid: 'A9' }],
  ['mobidea', 'the echo of its oddly named macro', { query: 'tracker.event=sale&clickid=K1&tracker.cost=1.5' }, { event: 'sale', click: 'K1', cost: '1.5', currency: 'USD' }],
  ['cellxpert', 'its macro left in a query', { query: 'tracker.event=registration&clickid=[afp1]' }, { event: 'registration', warnings: ['macro_unreplaced'] }],
  ['digistore24', 'a payment by form', { body: form('event=on_payment&order_id=ORD-1&pay_sequence_no=0&transaction_id=1&amount_brutto=49.99&currency=EUR&custom=K1&email=a%40b.example') }, { event: 'deposit_stream', click: 'K1', cost: '49.99', currency: 'EUR', tid: 'ORD-1_0' }],
  ['digistore24', 'its refund', { body: form('event=on_refund&order_id=ORD-1&pay_sequence_no=0&transaction_id=2&amount_brutto=-49.99&currency=EUR&custom=K1') }, { event: 'reversal', click: 'K1', cost: '-49.99', currency: 'EUR', tid: 'ORD-1_0' }],
  ['digistore24', 'the connection test', { body: form('event=connection_test') }, { event: 'ignored' }],
  ['hotmart', 'an approved purchase, as deep as it comes', { body: json({ event: 'PURCHASE_APPROVED', data: { product: { content: { products: [{ id: 1, name: 'Ice' }] } }, purchase: { sckPaymentLink: 'K1', transaction: 'HP1', price: { value: 149.5, currency_value: 'BRL' } } } }) }, { event: 'deposit_stream', click: 'K1', cost: '149.5', currency: 'BRL', tid: 'HP1', warnings: ['json_too_deep'] }],
  ['hotmart', 'a chargeback', { body: json({ event: 'PURCHASE_CHARGEBACK', data: { purchase: { origin: { sck: 'K1' }, transaction: 'HP1', price: { value: 1500, currency_value: 'BRL' } } } }) }, { event: 'reversal', click: 'K1', cost: '1500', currency: 'BRL', tid: 'HP1' }],
  ['spectr3', 'a registration', { body: json({ click_id: 'K1', event: 'registration', user_id: 2451, reference_id: '2451', timestamp: '2026-06-09T12:30:00+00:00' }) }, { event: 'registration', click: 'K1' }],
  ['spectr3', 'a deposit in coins', { body: json({ deposit_id: 784, trx: 'DEP1', method_currency: 'USDT', click_id: 'K1', event: 'deposit', amount: 95.5, reference_id: '784' }) }, { event: 'deposit_stream', click: 'K1', cost: '95.5', currency: 'USDT', tid: 'DEP1' }],
];
