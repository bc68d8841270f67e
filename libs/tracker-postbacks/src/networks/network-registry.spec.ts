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

  test('ships the networks of the seeds', () => {
    expect(new NetworkRegistry().all().map(({ key }) => key)).toEqual([
      '1win',
      'binomo',
      'pocket-option-revshare',
      'custom',
    ]);
  });

  test('every preset but custom states the decimal mark', () => {
    const marks = BUILT_IN_PRESETS.map(({ key, decimalMark }) => [key, decimalMark]);
    expect(Object.fromEntries(marks)).toEqual({
      '1win': '.',
      binomo: '.',
      'pocket-option-revshare': '.',
      custom: null,
    });
  });

  test('a host registers networks of its own, or replaces one of ours', () => {
    const registry = new NetworkRegistry();
    registry.register([acme(), acme({ key: '1win' })]);
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
  ])('a preset wrong in %s stops the boot, naming key and field', (field, change) => {
    const preset = acme(change);
    const register = () => {
      new NetworkRegistry().register([preset]);
    };
    expect(register).toThrow(TrackerSetupError);
    expect(register).toThrow(`"${preset.key}" cannot be used: ${field} `);
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
        details: [{ field: 'network', allowed: ['1win', 'binomo', 'pocket-option-revshare', 'custom'] }],
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
