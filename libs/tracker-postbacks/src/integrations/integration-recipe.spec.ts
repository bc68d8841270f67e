import { oneWinPreset } from '../networks/presets/1win.preset';
import { binomoPreset } from '../networks/presets/binomo.preset';
import { customPreset } from '../networks/presets/custom.preset';
import { pocketOptionRevsharePreset } from '../networks/presets/pocket-option-revshare.preset';
import { type NetworkPreset } from '../networks/network-preset';
import { type Recipe } from '../rules/recipe';
import { draftConfigs, draftSettings } from './integration-draft';
import { compileIntegration, integrationRecipe } from './integration-recipe';
import { checkedSettings, type UpdateIntegration } from './integration-settings';
import { TrackerIntegration } from './integration.entity';

function recipeOf(preset: NetworkPreset, given: UpdateIntegration = {}): Recipe {
  const settings = draftSettings(checkedSettings(given), preset);
  return integrationRecipe(settings, draftConfigs(preset, settings), preset);
}

describe('recipe of an integration', () => {
  test('1win: everything the URLs use is known', () => {
    expect(recipeOf(oneWinPreset)).toEqual({
      event: [],
      clickId: ['sub1'],
      cost: ['amount'],
      currency: [],
      tid: ['event_id'],
      eventMap: new Map(),
      fields: [{ key: 'user_id', parameter: 'user_id' }],
      knownWords: {
        event: new Set(),
        clickId: new Set(['sub1']),
        cost: new Set(['amount']),
        currency: new Set(),
        tid: new Set(['event_id']),
      },
      knownFieldWords: new Map([['user_id', new Set(['user_id'])]]),
      bareWords: {
        event: new Set(),
        clickId: new Set(),
        cost: new Set(),
        currency: new Set(),
        tid: new Set(),
      },
      macroSyntax: '{x}',
      decimalMark: '.',
      defaultCurrency: 'USD',
      presetCurrency: 'USD',
    } satisfies Recipe);
  });

  test('another click-id parameter takes the place of the network’s usual one', () => {
    const { clickId, knownWords } = recipeOf(oneWinPreset, { clickIdParameter: 'sub4' });
    expect(clickId).toEqual(['sub4']);
    expect(knownWords.clickId).toEqual(new Set(['sub4']));
  });

  test('Binomo: flags, and the field by the name the network appends', () => {
    const { event, eventMap, fields, knownFieldWords } = recipeOf(binomoPreset);
    expect(event[0]).toEqual({ kind: 'flag', name: 'ftd' });
    expect(eventMap.get('dep')).toBe('resale');
    expect(fields).toEqual([{ key: 'user_id', parameter: 'user_id' }]);
    expect(knownFieldWords).toEqual(new Map());
  });

  test('Pocket Option: both generations’ words, flags before status, a repeat deposit by dep', () => {
    const { event, eventMap } = recipeOf(pocketOptionRevsharePreset);
    expect(event.map((source) => (source.kind === 'composite' ? source.template : source.name))).toEqual([
      'ftd',
      'dep',
      'conf',
      'reg',
      'status',
    ]);
    expect(['emailconf', 'ftd', 'dep'].map((word) => eventMap.get(word))).toEqual(['conf', 'sale', 'resale']);
  });

  test('own roles and words come before those of the network', () => {
    const preset: NetworkPreset = {
      ...customPreset,
      roles: { cost: ['payout'] },
      eventMap: { ftd: 'sale', hold: 'ignore' },
    };
    const { cost, eventMap } = recipeOf(preset, {
      roles: { cost: ['sum', 'payout'] },
      eventMap: { FTD: 'first_deposit' },
    });
    expect(cost).toEqual(['sum', 'payout']);
    expect(eventMap).toEqual(
      new Map([
        ['ftd', 'first_deposit'],
        ['hold', 'ignore'],
      ]),
    );
  });

  test('roles.event: a name, a composite, and a flag where the name is a word itself', () => {
    const { event } = recipeOf(customPreset, {
      roles: { event: ['status', '{goal}_{status}', 'FTD'] },
      eventMap: { ftd: 'sale' },
    });
    expect(event).toEqual([
      { kind: 'parameter', name: 'status' },
      { kind: 'composite', template: '{goal}_{status}' },
      { kind: 'flag', name: 'FTD' },
    ]);
  });

  test('a constant is no known word and names no parameter', () => {
    const configs = [
      {
        event: '{status}',
        cost: '12.50',
        currency: 'usd',
        tid: '{id}_{goal}',
        fields: [{ key: 'src', macro: 'acme' }],
      },
    ];
    const recipe = integrationRecipe(draftSettings({}, customPreset), configs, customPreset);
    expect(recipe.knownWords).toEqual({
      event: new Set(['status']),
      clickId: new Set(['clickid']),
      cost: new Set(),
      currency: new Set(),
      tid: new Set(['id', 'goal']),
    });
    expect(recipe.fields).toEqual([]);
  });

  test('the compiled integration carries both valid secrets and no database types', () => {
    const row = Object.assign(new TrackerIntegration(), {
      ...draftSettings(checkedSettings({ events: ['Sale'] }), oneWinPreset),
      id: 'id',
      tenantId: 'default',
      network: '1win',
      status: 'active',
      secretHash: 'aa',
      previousSecretHash: 'bb',
      previousSecretValidUntil: new Date(1_000),
      revision: 7,
      deletedAt: new Date(2_000),
    });
    expect(compileIntegration(row, [], oneWinPreset)).toMatchObject({
      deletedAt: 2_000,
      secretHashes: [
        { hash: 'aa', validUntil: null },
        { hash: 'bb', validUntil: 1_000 },
      ],
      allowedEvents: new Set(['sale']),
      duplicateWindowSeconds: 30,
      revision: 7,
    });
  });

  test.each<[string, NetworkPreset, UpdateIntegration, readonly string[]]>([
    ['none', oneWinPreset, {}, []],
    ['the preset’s aggregates', pocketOptionRevsharePreset, {}, ['commission']],
    [
      'under the name they are recorded by',
      pocketOptionRevsharePreset,
      { eventMap: { commission: 'revshare' } },
      ['revshare'],
    ],
    ['none that are counted', pocketOptionRevsharePreset, { eventMap: { commission: 'resale' } }, []],
    ['none that are set aside', pocketOptionRevsharePreset, { eventMap: { commission: 'ignore' } }, []],
  ])('events that sums leave out: %s', (_, preset, given, expected) => {
    const settings = draftSettings(checkedSettings(given), preset);
    const row = Object.assign(new TrackerIntegration(), { ...settings, secretHash: null });
    expect(compileIntegration(row, [], preset).snapshotEvents).toEqual(new Set(expected));
  });

  test('the preset’s amount rule and suffixes are the recipe’s', () => {
    const amountRule = { negate: ['withdraw'], add: ['bonus'] };
    expect(recipeOf({ ...customPreset, amountRule, clickIdSuffixes: ['_'] })).toMatchObject({
      amountRule,
      clickIdSuffixes: ['_'],
    });
  });
});
