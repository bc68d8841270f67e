import { TrackerError } from '../tracker-postbacks.errors';
import { checkedSettings, type UpdateIntegration } from './integration-settings';
import { checkedPostbackConfig, type UpdatePostbackConfig } from './postback-config-settings';

/** The fields at fault, or the code of another refusal. */
function faultsOf(check: () => unknown): readonly string[] {
  try {
    check();
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error;
    if (error.code !== 'validation_failed') return [error.code];
    return (error.details ?? []).map(({ field }) => field);
  }
  return [];
}

describe('settings of an integration', () => {
  test.each<[UpdateIntegration, unknown]>([
    [{}, {}],
    [{ name: ' 1win ' }, { name: '1win' }],
    [{ defaultCurrency: ' usdt ' }, { defaultCurrency: 'USDT' }],
    [
      { campaignId: null, macroSyntax: null },
      { campaignId: null, macroSyntax: null },
    ],
    [{ clickIdParameter: '[afp1]' }, { clickIdParameter: '[afp1]' }],
    [{ events: ['Sale', 'sale', 'vstyp1'] }, { allowedEvents: ['sale', 'vstyp1'] }],
    [
      { allowedAddresses: ['203.0.113.7', '2001:db8::/32', '10.0.0.0/8'] },
      { allowedAddresses: ['203.0.113.7/32', '2001:db8::/32', '10.0.0.0/8'] },
    ],
    [{ duplicateWindowSeconds: 0 }, { duplicateWindowSeconds: 0 }],
    [
      { eventMap: { ' FTD ': 'Sale', dep: 'sale/resale', Trash: 'Reversal', hold: 'ignore' } },
      { eventMap: { ftd: 'sale', dep: 'sale/resale', trash: 'reversal', hold: 'ignore' } },
    ],
    [
      { roles: { event: ['{goal}_{status}'], cost: ['sum'], tid: ['{order}_{part}'] } },
      { roles: { event: ['{goal}_{status}'], cost: ['sum'], tid: ['{order}_{part}'] } },
    ],
    [
      { reply: { format: 'text', text: 'OK', always200: true } },
      { reply: { format: 'text', text: 'OK', always200: true } },
    ],
  ])('%j is stored as %j', (given, stored) => {
    expect(checkedSettings(given)).toEqual(stored);
  });

  test.each<[UpdateIntegration, string]>([
    [{ name: '' }, 'name'],
    [{ name: 'a\u0000b' }, 'name'],
    [{ name: 'x'.repeat(256) }, 'name'],
    [{ clickIdParameter: 'sub 1' }, 'clickIdParameter'],
    [{ clickIdParameter: 'key' }, 'clickIdParameter'],
    [{ clickIdParameter: 'tracker.event' }, 'clickIdParameter'],
    [{ clickIdParameter: 'fields.id' }, 'clickIdParameter'],
    [{ macroSyntax: '{}' }, 'macroSyntax'],
    [{ macroSyntax: '{xx}' }, 'macroSyntax'],
    [{ defaultCurrency: '$' }, 'defaultCurrency'],
    [{ defaultCurrency: '123' }, 'defaultCurrency'],
    [{ allowedAddresses: [] }, 'allowedAddresses'],
    [{ allowedAddresses: ['203.0.113.0/33'] }, 'allowedAddresses.0'],
    [{ allowedAddresses: ['10.0.0.1', 'crm.example.com'] }, 'allowedAddresses.1'],
    [{ allowedAddresses: ['fe80::1%eth0'] }, 'allowedAddresses.0'],
    [{ events: ['first deposit'] }, 'events.0'],
    [{ events: ['error'] }, 'events.0'],
    [{ duplicateWindowSeconds: 86_401 }, 'duplicateWindowSeconds'],
    [{ duplicateWindowSeconds: 1.5 }, 'duplicateWindowSeconds'],
    [{ eventMap: { ftd: 'First Deposit' } }, 'eventMap.ftd'],
    [{ eventMap: { ftd: 'unmatched' } }, 'eventMap.ftd'],
    [{ eventMap: { FTD: 'sale', ftd: 'resale' } }, 'eventMap.ftd'],
    [{ roles: { cost: ['key'] } }, 'roles.cost.0'],
    [{ roles: { cost: ['{sum}'] } }, 'roles.cost.0'],
    [{ roles: { tid: ['a&b'] } }, 'roles.tid.0'],
    [{ reply: { format: 'json', text: 'OK' } }, 'reply.text'],
  ])('%j is refused for %s', (given, fault) => {
    expect(faultsOf(() => checkedSettings(given))).toEqual([fault]);
  });

  test('everything at fault is named at once', () => {
    const given = { name: '', defaultCurrency: '?', duplicateWindowSeconds: -1 };
    expect(faultsOf(() => checkedSettings(given))).toEqual([
      'name',
      'defaultCurrency',
      'duplicateWindowSeconds',
    ]);
  });
});

describe('postback config', () => {
  const url = { macroSyntax: '{x}', eventInPath: false };

  test.each<[UpdatePostbackConfig, unknown]>([
    [{ event: 'Sale' }, { event: 'sale' }],
    [{ event: '{Status}' }, { event: '{Status}' }],
    [{ event: 'Reversal' }, { event: 'reversal' }],
    [
      { cost: '{amount}', currency: 'usd', tid: null },
      { cost: '{amount}', currency: 'usd', tid: null },
    ],
    [
      { fields: null, extra: null },
      { fields: [], extra: null },
    ],
    [{ fields: [{ key: 'Имя', macro: '{name}' }] }, { fields: [{ key: 'Имя', macro: '{name}' }] }],
    [{ extra: { '{status}': 'true' } }, { extra: { '{status}': 'true' } }],
  ])('%j is stored as %j', (given, stored) => {
    expect(checkedPostbackConfig(given, url)).toEqual(stored);
  });

  test.each<[UpdatePostbackConfig, string]>([
    [{ event: 'first deposit' }, 'event'],
    [{ event: 'amended' }, 'event'],
    [{ event: '' }, 'event'],
    [{ currency: 'dollars and cents' }, 'currency'],
    [{ tid: '777' }, 'tid'],
    [{ fields: [{ key: '__proto__', macro: '{a}' }] }, 'fields.0.key'],
    [{ fields: [{ key: 'a\nb', macro: '{a}' }] }, 'fields.0.key'],
    [{ fields: [{ key: 'x'.repeat(65), macro: '{a}' }] }, 'fields.0.key'],
    [
      {
        fields: [
          { key: 'a', macro: '{a}' },
          { key: 'a', macro: '{b}' },
        ],
      },
      'fields.1.key',
    ],
    [{ fields: [{ key: 'a', macro: ' ' }] }, 'fields.0.macro'],
    [{ extra: { 'tracker.cost': '1' } }, 'extra.tracker.cost'],
    [{ extra: { key: 'mine' } }, 'extra.key'],
  ])('%j is refused for %s', (given, fault) => {
    expect(faultsOf(() => checkedPostbackConfig(given, url))).toEqual([fault]);
  });

  test('a network that appends everything itself takes a name and field mappings only', () => {
    const path = { macroSyntax: null, eventInPath: true };
    const faults = faultsOf(() =>
      checkedPostbackConfig({ event: '{status}', cost: '{a}', extra: { a: 'b' } }, path),
    );
    expect(faults).toEqual(['event', 'cost', 'extra']);
    expect(checkedPostbackConfig({ event: 'conf', fields: [] }, path)).toEqual({ event: 'conf', fields: [] });
  });
});
