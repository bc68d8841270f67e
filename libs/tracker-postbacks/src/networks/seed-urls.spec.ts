import { draftConfigs, draftSettings } from '../integrations/integration-draft';
import { checkedSettings, type UpdateIntegration } from '../integrations/integration-settings';
import { postbackUrl } from '../integrations/postback-url';
import { NetworkRegistry } from './network-registry';

type Parameters = Readonly<Record<string, string>>;

/** The ready URLs of a network by their name, each as its parameters; a path event counts as `tracker.event`. */
function readyUrls(network: string, given: UpdateIntegration = {}): Readonly<Record<string, Parameters>> {
  const preset = new NetworkRegistry().get(network);
  const settings = draftSettings(checkedSettings(given), preset);
  const urls = draftConfigs(preset, settings).map((config) => {
    const url = postbackUrl('/tracker-postback', settings, config, preset, null);
    const [address = '', query = ''] = url.split('?');
    const path = address.slice('/tracker-postback'.length + 1);
    return [
      config.name,
      { ...parametersOf(query), ...(path === '' ? {} : { 'tracker.event': path }) },
    ] as const;
  });
  return Object.fromEntries(urls);
}

function parametersOf(query: string): Parameters {
  return Object.fromEntries(
    query.split('&').flatMap((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return name === '' ? [] : [[name, value] as const];
    }),
  );
}

/** What a help page's URL says once it is finished: braces that were lost, defaults that nobody finished. */
function completed(parameters: Parameters): Parameters {
  const finished: Readonly<Record<string, string>> = {
    first_deposit_: 'sale',
    recurring_deposit_: 'resale',
    sub1: '{sub1}',
  };
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name === 'currency' ? 'tracker.currency' : name,
      finished[value] ?? value,
    ]),
  );
}

const CUSTOM = { clickIdParameter: 'sub1', defaultCurrency: 'usd' } as const;

describe('the URLs of the help pages come out ready', () => {
  test.each<[string, string, UpdateIntegration, string]>([
    ['custom', 'Registration', CUSTOM, 'tracker.event=registration&clickid=sub1'],
    [
      'custom',
      'First Deposit',
      CUSTOM,
      'tracker.event=sale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd',
    ],
    ['1win', 'Registration', {}, 'tracker.event=registration&clickid={sub1}&fields.user_id={user_id}'],
    [
      '1win',
      'Registration',
      { clickIdParameter: 'sub4' },
      'tracker.event=registration&clickid={sub4}&fields.user_id={user_id}',
    ],
    ['binomo', 'Registration', {}, 'tracker.event=registration'],
    ['binomo', 'First Deposit', {}, 'tracker.event=sale'],
    ['binomo', 'Deposit', {}, 'tracker.event=resale'],
  ])('%s, %s: the same set of parameters', (network, name, given, query) => {
    expect(readyUrls(network, given)[name]).toEqual(completed(parametersOf(query)));
  });

  test.each<[string, string, UpdateIntegration, string]>([
    ['custom', 'First Deposit', CUSTOM, 'tracker.event=first_deposit_&clickid={sub1}'],
    ['custom', 'Recurring Deposit', CUSTOM, 'tracker.event=recurring_deposit_&clickid={sub1}'],
    ['custom', 'Recurring Deposit', CUSTOM, 'tracker.event=resale&clickid={sub1}&tracker.tid={event_id}'],
    ['pocket-option-revshare', 'Registration', {}, 'tracker.event=registration'],
    ['pocket-option-revshare', 'Email Confirmation', {}, 'tracker.event=conf'],
    ['pocket-option-revshare', 'Recurring Deposit', {}, 'tracker.event=resale&currency=usd'],
  ])('%s, %s: the same parameters, completed', (network, name, given, query) => {
    expect(readyUrls(network, given)[name]).toMatchObject(completed(parametersOf(query)));
  });

  test('1win: the seeds’ three links', () => {
    expect(Object.keys(readyUrls('1win'))).toEqual(['Registration', 'First Deposit', 'Recurring Deposit']);
  });
});
