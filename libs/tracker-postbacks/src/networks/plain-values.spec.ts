import { draftConfigs, draftSettings } from '../integrations/integration-draft';
import { integrationRecipe } from '../integrations/integration-recipe';
import { fieldMacro, roleMacro } from '../rules/macros.rule';
import { CANONICAL, type Recipe, type Role, ROLES } from '../rules/recipe';
import { type NetworkPreset } from './network-preset';
import { BUILT_IN_PRESETS } from './presets';

const HOW_MANY = 100_000;

/** A generator with a seed, so that a failure can be seen again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const random = randomOf(20_261_121);
const oneOf = <T>(first: T, ...others: readonly T[]): T => others[random(others.length + 1)] ?? first;
const text = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet.charAt(random(alphabet.length))).join('');
const DIGITS = '0123456789';
const HEX = '0123456789abcdef';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = (most: number): string => oneOf('1', '2', '9') + text(DIGITS, random(most));
const uuid = (): string => [8, 4, 4, 4, 12].map((length) => text(HEX, length)).join('-');

/** Values as real networks and leads bring them, per role and for custom fields. */
const KINDS: Readonly<Record<Role | 'field', readonly (() => string)[]>> = {
  event: [
    () => oneOf('registration', 'conf', 'sale', 'resale', 'withdraw', 'commission', 'FTD', 'first deposit'),
    () => `sale#${digits(2)}`,
    () => `${text(LETTERS, 5)}_${digits(2)}`,
    () => oneOf('1', '2', '3', '4', '5'),
    () => `${oneOf('Sale', 'Online Sale', 'Lead')}_${oneOf('APPROVED', 'REVERSED')}`,
  ],
  clickId: [
    () => text(LETTERS + DIGITS, 12),
    () => text(LETTERS + DIGITS, 23),
    uuid,
    () => `{${uuid()}}`,
    () => text(HEX, 32),
    () => digits(18),
    () => `${text(LETTERS, 4)}_${digits(6)}-${text(HEX, 4)}`,
    () => `${text(LETTERS + DIGITS, 20)}==`,
    () => `chat:${digits(9)}`,
  ],
  cost: [
    () => `${digits(5)}.${text(DIGITS, 2)}`,
    () => `${digits(2)} ${text(DIGITS, 3)},${text(DIGITS, 2)}`,
    () => `${oneOf('$', '€', '₽')}${digits(4)}`,
    () => `${digits(3)} ${oneOf('USD', 'eur', 'USDT')}`,
    () => `-${digits(3)}.${text(DIGITS, 1)}`,
    () => '0',
  ],
  currency: [() => oneOf('usd', 'USD', 'EUR', 'rub', 'USDT', 'KZT', 'inr', 'BTC', 'UAH', 'brl')],
  tid: [
    () => digits(12),
    uuid,
    () => `HP${text(DIGITS, 14)}`,
    () => `${digits(6)}_${digits(2)}`,
    () => text(LETTERS + DIGITS + '+/', 24),
    () => `ORD-${digits(5)}#${digits(1)}`,
  ],
  field: [
    () => oneOf('Null', 'None', 'Мария', 'José Ángel', 'O’Neil', 'Müller & Co'),
    () => `${text(LETTERS, 6)}@${text(LETTERS, 5)}.example`,
    () => `+${digits(10)}`,
    () => oneOf('RU', 'Kazakhstan', 'São Paulo', 'Côte d’Ivoire'),
    () => `https://${text(LETTERS, 8)}.example/?a=${digits(2)}%20b`,
    () => oneOf('50% off', '100%', '#1', '# 1 fan', 'a < b', '<3', '{}', '[]', '{"a":1}', '__', '2 > 1'),
    () => `{${uuid()}}`,
    () => `2026-11-${text(DIGITS, 2)} 09:30:00`,
    () => digits(9),
  ],
};

const VALUES = Array.from({ length: HOW_MANY }, () => {
  const role = oneOf<Role | 'field'>('field', ...ROLES);
  const kinds = KINDS[role];
  const value = kinds[random(kinds.length)]?.() ?? '';
  return { role, value, raw: encodeURIComponent(value) };
});

function recipeOf(preset: NetworkPreset): Recipe {
  const settings = draftSettings({}, preset);
  return integrationRecipe(settings, draftConfigs(preset, settings), preset);
}

test.each(BUILT_IN_PRESETS.map((preset) => [preset.key, recipeOf(preset)] as const))(
  '%s takes no real value for a macro',
  (_, recipe) => {
    const eventNames = recipe.event.flatMap((source) => (source.kind === 'parameter' ? [source.name] : []));
    const ownNames = { ...recipe, event: eventNames };
    const places = ROLES.map((role) => ({
      role,
      names: [...CANONICAL[role], ...ownNames[role]],
      words: { knownWords: recipe.knownWords[role], bareWords: recipe.bareWords[role] },
    }));
    const byRole = new Map(places.map((place) => [place.role as Role | 'field', place]));
    const { macroSyntax } = recipe;
    const fields = [...recipe.knownFieldWords, ['geo', null] as const];
    const taken = VALUES.filter(({ role, value, raw }, position) => {
      const place = byRole.get(role);
      if (place === undefined) {
        const [key = '', knownWords = null] = fields[position % fields.length] ?? [];
        return fieldMacro(raw, value, { key, knownWords, macroSyntax }) !== 'none';
      }
      const parameter = place.names[position % place.names.length] ?? null;
      return roleMacro(raw, value, { parameter, ...place.words }) !== 'none';
    });
    expect(taken).toEqual([]);
  },
);
