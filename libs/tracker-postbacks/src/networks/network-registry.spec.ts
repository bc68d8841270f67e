import { TrackerError, TrackerSetupError } from '../tracker-postbacks.errors';
import { NetworkRegistry } from './network-registry';
import { type NetworkPreset } from './network-preset';
import { networkView } from './network-view';
import { presetProblems } from './preset-check';
import { BUILT_IN_PRESETS } from './presets';
import { customPreset } from './presets/custom.preset';

const acme = (change: Partial<NetworkPreset> = {}): NetworkPreset => ({
  ...customPreset,
  key: 'acme',
  name: 'Acme Partners',
  ...change,
});

describe('network registry', () => {
  test.each(BUILT_IN_PRESETS.map((preset) => [preset.key, preset] as const))(
    '%s has no problem',
    (_, preset) => {
      expect(presetProblems(preset)).toEqual([]);
    },
  );

  test('ships the networks of the seeds first, and custom last', () => {
    const keys = new NetworkRegistry().all().map(({ key }) => key);
    expect(keys.slice(0, 3)).toEqual(['1win', 'binomo', 'pocket-option-revshare']);
    expect(keys.at(-1)).toBe('custom');
    expect(keys.slice(3, -1)).toEqual(keys.slice(3, -1).toSorted());
  });

  test('every preset but custom states the decimal mark', () => {
    const unset = BUILT_IN_PRESETS.filter(({ decimalMark }) => decimalMark !== '.');
    expect(unset).toEqual([customPreset]);
  });

  test('a preset made from a template says that it is to be verified in the cabinet', () => {
    const silent = BUILT_IN_PRESETS.filter(
      ({ evidence, notes }) =>
        (evidence === 'template' || evidence === 'vendor') && !notes.some((note) => note.includes('verify')),
    );
    expect(silent).toEqual([]);
  });

  test('a host registers networks of its own, or replaces one of ours', () => {
    const registry = new NetworkRegistry({ networks: [acme(), acme({ key: '1win' })] });
    expect(registry.named('acme').name).toBe('Acme Partners');
    expect(registry.get('1win').name).toBe('Acme Partners');
  });

  test.each<[string, Partial<NetworkPreset>]>([
    ['key', { key: 'Acme Partners' }],
    ['name', { name: ' ' }],
    ['clickIdParameter', { clickIdParameter: 'sub 1' }],
    ['macroSyntax', { macroSyntax: '{}' }],
    ['currency', { currency: 'usd' }],
    ['verifiedOn', { verifiedOn: 'yesterday' }],
    ['eventMap.FTD', { eventMap: { FTD: 'sale' } }],
    ['eventMap.ftd', { eventMap: { ftd: 'First Deposit' } }],
    ['eventMap.err', { eventMap: { err: 'error' } }],
    ['event.0', { event: [{ kind: 'composite', template: 'goal_status' }] }],
    ['event.0', { event: [{ kind: 'flag', name: '' }] }],
    ['postbacks.0.event', { postbacks: [{ name: 'Sale', event: 'SALE!' }] }],
    ['postbacks.0.name', { postbacks: [{ name: '', event: 'sale' }] }],
    [
      'postbacks.1.event',
      {
        postbacks: [
          { name: 'Sale', event: 'sale' },
          { name: 'Again', event: 'sale' },
        ],
      },
    ],
    ['postbacks.0.event', { eventInPath: true, postbacks: [{ name: 'All', event: '{status}' }] }],
    ['postbacks.0.snapshot', { postbacks: [{ name: 'Daily', event: 'sale', snapshot: true }] }],
    ['postbacks.0.snapshot', { postbacks: [{ name: 'Daily', event: '{status}', snapshot: true }] }],
    [
      'postbacks.0.snapshot',
      { eventMap: { daily: 'resale' }, postbacks: [{ name: 'Daily', event: 'daily', snapshot: true }] },
    ],
    ['eventMap.status', { eventMap: { status: 'sale' }, postbacks: [{ name: 'All', event: '{status}' }] }],
    ['eventMap.state', { eventMap: { state: 'sale' }, event: [{ kind: 'parameter', name: 'state' }] }],
    ['clickIdSuffixes.0', { clickIdSuffixes: [''] }],
    ['amountRule', { amountRule: { negate: ['With Draw'] } }],
    ['amountRule', { amountRule: { instead: { 'With Draw': ['sum'] } } }],
  ])('a preset wrong in %s stops the boot, naming key and field', (field, change) => {
    const preset = acme(change);
    const register = () => {
      new NetworkRegistry({ networks: [preset] });
    };
    expect(register).toThrow(TrackerSetupError);
    expect(register).toThrow(`"${preset.key}" cannot be used: ${field} `);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['key', { key: 5 }],
    ['key', { key: undefined }],
    ['name', { name: null }],
    ['event', { event: [{ kind: 'regexp', name: 'x' }] }],
    ['roles', { roles: { cost: 'amount' } }],
    ['eventMap', { eventMap: ['ftd'] }],
    ['amountRule', { amountRule: { add: 'rs' } }],
    ['decimalMark', { decimalMark: ';' }],
    ['postbacks', { postbacks: undefined }],
    ['postbacks', { postbacks: [{ name: 'Sale' }] }],
    ['postbacks', { postbacks: [{ name: 'Sale', event: 'sale', fields: [{ key: 'geo' }] }] }],
    ['customFields', { customFields: null }],
    ['reply', { reply: { format: 'xml' } }],
    ['evidence', { evidence: 'hearsay' }],
  ])('a preset from untyped data, wrong in %s, is refused in the same way', (field, change) => {
    const preset: NetworkPreset = Object.assign(acme(), change);
    expect(presetProblems(preset)).toEqual([
      expect.objectContaining({ field, message: expect.stringMatching(/^has to be /) }),
    ]);
    expect(() => new NetworkRegistry({ networks: [preset] })).toThrow(TrackerSetupError);
  });

  test('an unknown key is 404 in the catalogue and 400, with what is allowed, for a new integration', () => {
    const registry = new NetworkRegistry();
    expect(() => registry.get('nope')).toThrow(
      expect.objectContaining({ code: 'not_found', statusCode: 404 }),
    );
    try {
      registry.named('nope');
    } catch (error) {
      expect(error).toBeInstanceOf(TrackerError);
      expect(error).toMatchObject({
        code: 'validation_failed',
        statusCode: 400,
        details: [{ field: 'network', allowed: BUILT_IN_PRESETS.map(({ key }) => key) }],
      });
    }
    expect.assertions(3);
  });

  test('an integration whose preset a host has dropped is read as custom', () => {
    expect(new NetworkRegistry().forIntegration('gone')).toBe(customPreset);
  });

  test('the catalogue says what an integration gets', () => {
    expect(networkView(new NetworkRegistry().get('binomo'))).toMatchObject({
      clickIdParameter: 'click_id',
      macroSyntax: null,
      events: ['registration', 'conf', 'sale', 'resale'],
      eventInPath: true,
      secretPossible: false,
      evidence: 'official',
      verifiedOn: '2026-11-21',
    });
  });
});
