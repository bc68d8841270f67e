import { type NetworkPreset } from '../networks/network-preset';
import { oneWinPreset } from '../networks/presets/1win.preset';
import { binomoPreset } from '../networks/presets/binomo.preset';
import { customPreset } from '../networks/presets/custom.preset';
import { pocketOptionRevsharePreset } from '../networks/presets/pocket-option-revshare.preset';
import { quotexPreset } from '../networks/presets/quotex.preset';
import { spectr3Preset } from '../networks/presets/spectr3.preset';
import {
  draftConfigs,
  draftSettings,
  followedCurrency,
  type PostbackConfigContent,
} from './integration-draft';
import { checkedSettings, type UpdateIntegration } from './integration-settings';
import { HIDDEN_SECRET, postbackUrl } from './postback-url';

const ADDRESS = 'https://crm.example.com/api/postbacks/48d0524a-3abb-4cd5-82b8-404fa1cb4f7e/tracker-postback';

/** The URLs that a new integration of a network gets, without the part that is the same for all. */
function urlsOf(
  preset: NetworkPreset,
  given: UpdateIntegration = {},
  secret: string | null = null,
): readonly string[] {
  const settings = draftSettings(checkedSettings(given), preset);
  return draftConfigs(preset, settings).map((config) => {
    const url = postbackUrl(ADDRESS, settings, config, preset, secret);
    expect(url.startsWith(ADDRESS)).toBe(true);
    return url.slice(ADDRESS.length);
  });
}

const SALE: PostbackConfigContent = {
  name: 'Sale',
  event: 'sale',
  cost: null,
  currency: null,
  tid: null,
  fields: [],
  extra: null,
};

function urlOf(
  config: Partial<PostbackConfigContent>,
  given: UpdateIntegration = {},
  secret: string | null = null,
) {
  const settings = draftSettings(checkedSettings(given), customPreset);
  return postbackUrl('', settings, { ...SALE, ...config }, customPreset, secret);
}

describe('ready postback URLs', () => {
  test('1win, as in the seeds', () => {
    expect(urlsOf(oneWinPreset)).toEqual([
      '?tracker.event=registration&clickid={sub1}&fields.user_id={user_id}',
      '?tracker.event=sale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd&fields.user_id={user_id}',
      '?tracker.event=resale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd&tracker.tid={event_id}&fields.user_id={user_id}',
    ]);
  });

  test('the click macro follows the chosen click-id parameter', () => {
    expect(urlsOf(oneWinPreset, { clickIdParameter: 'sub4' })[0]).toContain('&clickid={sub4}&');
  });

  test('Binomo: the event in the path, and no question mark', () => {
    expect(urlsOf(binomoPreset)).toEqual(['/registration', '/conf', '/sale', '/resale']);
  });

  test('Pocket Option: both generations’ events, with the click id', () => {
    expect(urlsOf(pocketOptionRevsharePreset)).toEqual([
      '?tracker.event=registration&clickid={click_id}&fields.trader_id={trader_id}',
      '?tracker.event=conf&clickid={click_id}&fields.trader_id={trader_id}',
      '?tracker.event=sale&clickid={click_id}&tracker.cost={sumdep}&tracker.currency=usd&fields.trader_id={trader_id}',
      '?tracker.event=resale&clickid={click_id}&tracker.cost={sumdep}&tracker.currency=usd&fields.trader_id={trader_id}',
      '?tracker.event=withdraw&clickid={click_id}&tracker.cost={wdr_sum}&tracker.currency=usd&fields.trader_id={trader_id}',
      '?tracker.event=commission&clickid={click_id}&tracker.cost={commission}&tracker.currency=usd&fields.trader_id={trader_id}',
    ]);
  });

  test('custom, in the macro syntax and currency chosen', () => {
    expect(urlsOf(customPreset, { clickIdParameter: 'sub1', defaultCurrency: 'usd' })).toEqual([
      '?tracker.event=registration&clickid={sub1}',
      '?tracker.event=sale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd',
      '?tracker.event=resale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd&tracker.tid={event_id}',
    ]);
    expect(urlsOf(customPreset, { clickIdParameter: 's2', macroSyntax: '#X#' })[1]).toBe(
      '?tracker.event=sale&clickid=#S2#&tracker.cost=#AMOUNT#&tracker.currency=#CURRENCY#',
    );
  });

  test('event, click id, cost, currency, tid, fields, extras, key: in this order', () => {
    const config = {
      cost: '{amount}',
      currency: '{currency}',
      tid: '{id}_{goal}',
      fields: [
        { key: 'geo', macro: '{country}' },
        { key: 'user_id', macro: '{user_id}' },
      ],
      extra: { '{status}': 'true', source: 'acme' },
    };
    expect(urlOf(config, {}, 'S3cret')).toBe(
      '?tracker.event=sale&clickid={clickid}&tracker.cost={amount}&tracker.currency={currency}&tracker.tid={id}_{goal}' +
        '&fields.geo={country}&fields.user_id={user_id}&{status}=true&source=acme&key=S3cret',
    );
  });

  test('a hidden secret is shown as such', () => {
    expect(urlOf({}, {}, HIDDEN_SECRET)).toBe('?tracker.event=sale&clickid={clickid}&key=•••');
  });

  test.each([
    ['{Offer name}', '{x}', '{Offer name}'],
    ['[afp1]', '[x]', '[afp1]'],
    ['#tid#', '#x#', '#tid#'],
    ['%amount%', '%x%', '%amount%'],
    ['[afp1]', '{x}', '[afp1]'],
    ['a&b=c', '{x}', 'a%26b=c'],
    ['100% of {amount}', '{x}', '100%25%20of%20{amount}'],
    ['#1', '{x}', '%231'],
    ['гео', '{x}', '%D0%B3%D0%B5%D0%BE'],
  ])('%s in %s stands as %s', (text, macroSyntax, written) => {
    expect(urlOf({ cost: text }, { macroSyntax })).toContain(`&tracker.cost=${written}`);
  });

  test('a preset may name a click-id macro of its own, which holds for its own parameter', () => {
    const preset = {
      ...customPreset,
      clickIdParameter: 'pub_click_id',
      macroSyntax: '{{X}}',
      clickIdMacro: '{{EXTERNAL_ID}}',
    };
    expect(urlsOf(preset)[0]).toContain('clickid={{EXTERNAL_ID}}');
    expect(urlsOf(preset, { clickIdParameter: 'sub2' })[0]).toContain('clickid={{SUB2}}');
  });

  test('a network without macros that takes a query gets no click id: it appends its own', () => {
    expect(urlsOf({ ...customPreset, macroSyntax: null })[0]).toBe('?tracker.event=registration');
  });

  test('a network that sends a body under its own names gets the bare URL, with the secret', () => {
    expect(urlsOf(spectr3Preset)).toEqual(['']);
    expect(urlsOf(spectr3Preset, {}, 'S3cret')).toEqual(['?key=S3cret']);
  });

  test('macros that are parameter names follow the chosen syntax too', () => {
    expect(urlsOf(quotexPreset, { macroSyntax: '[x]' })).toEqual([
      '?tracker.event=[status]&clickid=[click_id]&tracker.cost=[sumdep]&tracker.tid=[event_id]&sumwithdraw=[sumwithdraw]&[status]=true',
    ]);
  });

  test.each([
    ['usd', 'USD', 'EUR', 'eur'],
    ['USD', 'USD', null, null],
    ['{currency}', 'USD', 'EUR', '{currency}'],
    ['gbp', 'USD', 'EUR', 'gbp'],
    [null, 'USD', 'EUR', null],
  ])('currency %p, default from %p to %p: %p', (currency, before, after, expected) => {
    expect(followedCurrency(currency, before, after)).toBe(expected);
  });
});
