import { draftConfigs, draftSettings, type PostbackConfigContent } from '../integrations/integration-draft';
import { clickIdMacro, integrationRecipe } from '../integrations/integration-recipe';
import { postbackUrl } from '../integrations/postback-url';
import { isDeposit } from '../rules/event-word.rule';
import { read } from '../rules/reading.rule';
import { type EventReading, type Reading } from '../rules/reading';
import { type Recipe } from '../rules/recipe';
import { macroNames, macroPieces, soleMacroName } from './macro-syntax';
import { type NetworkPreset } from './network-preset';
import { BUILT_IN_PRESETS } from './presets';
import { AS_SENT, OWN_NAMES, SAMPLE, type Sent } from './round-trip.cases';

const ADDRESS = '/api/postbacks/48d0524a-3abb-4cd5-82b8-404fa1cb4f7e/tracker-postback';

interface ReadyUrl {
  readonly preset: NetworkPreset;
  readonly config: PostbackConfigContent;
  readonly url: string;
  readonly recipe: Recipe;
}

function readyUrls(preset: NetworkPreset): readonly ReadyUrl[] {
  const settings = draftSettings({}, preset);
  const configs = draftConfigs(preset, settings);
  const recipe = integrationRecipe(settings, configs, preset);
  return configs.map((config) => ({
    preset,
    config,
    url: postbackUrl(ADDRESS, settings, config, preset, null),
    recipe,
  }));
}

const URLS = BUILT_IN_PRESETS.flatMap(readyUrls);
const NAMED = URLS.map((ready) => [ready.preset.key, ready.config.name, ready] as const);
/** A parameter of a URL: its name and value, each still as in the URL. */
const parametersIn = (url: string): readonly (readonly [name: string, value: string])[] =>
  (url.split('?')[1] ?? '').split('&').flatMap((pair) => {
    const [name = '', value = ''] = pair.split('=');
    return name === '' ? [] : [[name, value] as const];
  });

const received = (sent: Sent, recipe: Recipe, url = ADDRESS): Reading => {
  const joined = [url, sent.query].filter((part) => part !== undefined).join(url.includes('?') ? '&' : '?');
  return read({ target: joined, pathEvent: sent.path ?? null, body: sent.body ?? null }, recipe);
};
const short = (event: EventReading): string => (event.kind === 'event' ? event.name : event.kind);
const codesOf = ({ warnings }: Reading): readonly string[] => warnings.map(({ code }) => code);

/** What a word of the network has to come to. */
function meant({ eventMap }: NetworkPreset, word: string): string {
  const target = eventMap[word] ?? word;
  return { ignore: 'ignored', reversal: 'reversal', 'sale/resale': 'deposit_stream' }[target] ?? target;
}

/** The words that one URL can bring. */
function wordsOf({ preset, config }: ReadyUrl): readonly string[] {
  if (macroNames(config.event, preset.macroSyntax).length === 0) return [config.event];
  const words = Object.keys(preset.eventMap);
  return words.length === 0 ? ['a_goal'] : words;
}

/** The value of each macro in the URL of a config, as the network fills it in. */
function valuesOf({ preset, config }: ReadyUrl, word: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const put = (text: string | null, valueOf: (name: string) => string): void => {
    for (const name of macroNames(text ?? '', preset.macroSyntax)) {
      if (!values.has(name)) values.set(name, valueOf(name));
    }
  };
  const eventNames = macroNames(config.event, preset.macroSyntax);
  const cut = eventNames.length > 1 ? word.lastIndexOf('_') : word.length;
  put(config.event, (name) => (name === eventNames[0] ? word.slice(0, cut) : word.slice(cut + 1)));
  put(clickIdMacro(preset.clickIdParameter, null, preset), () => SAMPLE.click);
  put(config.cost, () => SAMPLE.cost);
  put(config.currency, () => SAMPLE.currency);
  put(config.tid, (name) => `t-${name}`);
  for (const { key, macro } of config.fields) put(macro, () => `v-${key}`);
  put(
    Object.entries(config.extra ?? {})
      .flat()
      .join('&'),
    () => SAMPLE.extra,
  );
  return values;
}

function filled(text: string, syntax: string | null, valueOf: (name: string) => string): string {
  return macroPieces(text, syntax)
    .map(({ text: piece, name }) => (name === null ? piece : valueOf(name)))
    .join('');
}

function sentBy(ready: ReadyUrl, word: string): { readonly reading: Reading; readonly tid: string | null } {
  const { preset, config, url, recipe } = ready;
  const ownNames = OWN_NAMES[preset.key]?.(word);
  if (ownNames !== undefined) {
    return {
      reading: received(ownNames, recipe, url.replace(/\/sale$|\/resale$|\/conf$|\/registration$/, '')),
      tid: ownNames.tid,
    };
  }
  const values = valuesOf(ready, word);
  const valueOf = (name: string): string => encodeURIComponent(values.get(name) ?? '');
  const tid =
    config.tid === null ? null : filled(config.tid, preset.macroSyntax, (name) => values.get(name) ?? '');
  return { reading: received({}, recipe, filled(url, preset.macroSyntax, valueOf)), tid };
}

function expectedCurrency({ preset, config }: ReadyUrl): string | null {
  if (preset.key in OWN_NAMES) return preset.currency ?? 'EUR';
  if (config.cost === null) return null;
  return config.currency !== null && macroNames(config.currency, preset.macroSyntax).length > 0
    ? 'EUR'
    : preset.currency;
}

test('there are presets for the networks that we know of', () => {
  expect(BUILT_IN_PRESETS.length).toBeGreaterThanOrEqual(38);
  expect(new Set(BUILT_IN_PRESETS.map(({ key }) => key)).size).toBe(BUILT_IN_PRESETS.length);
});

describe('every ready URL, filled in by its network', () => {
  test.each(NAMED)('%s: %s', (_, __, ready) => {
    const { preset, config } = ready;
    for (const word of wordsOf(ready)) {
      const { reading, tid } = sentBy(ready, word);
      const event = meant(preset, word);
      const hasCost = config.cost !== null || preset.key in OWN_NAMES;
      const isOwnAmount = preset.amountRule?.instead?.[event] !== undefined;
      const isUnpaid = !hasCost && isDeposit(event);
      expect({
        word,
        event: short(reading.event),
        click: reading.clickId,
        cost: reading.cost,
        currency: reading.currency,
        tid: reading.tid,
        fields: { ...reading.fields },
        warnings: codesOf(reading),
      }).toEqual({
        word,
        event,
        click: expect.objectContaining({ kind: 'value', value: SAMPLE.click, bareWord: null }),
        cost: hasCost ? (isOwnAmount ? SAMPLE.extra : SAMPLE.cost) : null,
        currency: expectedCurrency(ready),
        tid,
        fields: Object.fromEntries(
          // Binomo names its fields only where an amount comes along.
          preset.customFields
            .filter(
              ({ key }) =>
                reading.fields[key] !== undefined || config.fields.some((field) => field.key === key),
            )
            .map(({ key }) => [key, `v-${key}`]),
        ),
        warnings: isUnpaid ? ['amount_missing'] : [],
      });
    }
  });
});

const WITH_MACROS = NAMED.filter(([, , { preset }]) => preset.macroSyntax !== null);

describe('every ready URL with its macros left in', () => {
  test.each(WITH_MACROS)('%s: %s', (_, __, { preset, config, url, recipe }) => {
    const reading = received({}, recipe, url);
    const hasMacro = (text: string): boolean => macroNames(text, preset.macroSyntax).length > 0;
    const parameters = parametersIn(url);
    const unreplaced = parameters.filter(([name, value]) => !hasMacro(name) && hasMacro(value));
    const inNames = parameters.filter(([name]) => hasMacro(name));
    const told = (code: string): readonly (string | null)[] =>
      reading.warnings
        .filter((warning) => warning.code === code)
        .map(({ parameter }) => parameter)
        .toSorted();
    expect(told('macro_unreplaced')).toEqual(unreplaced.map(([name]) => name).toSorted());
    expect(told('macro_in_name')).toEqual(inNames.map(([name]) => name).toSorted());
    expect(reading).toMatchObject({ cost: null, tid: null, clickId: { kind: 'macro' }, fields: {} });
    expect(short(reading.event)).toBe(hasMacro(config.event) ? 'macro' : meant(preset, config.event));
  });
});

describe('every ready URL whose macros lost their marks', () => {
  test.each(WITH_MACROS)('%s: %s', (_, __, { preset, url, recipe }) => {
    const reading = received(
      {},
      recipe,
      filled(url, preset.macroSyntax, (name) => name),
    );
    const isRole = (name: string): boolean => /^(?:tracker\.|clickid$|fields\.)/.test(name);
    const names = parametersIn(url).flatMap(([name, value]) =>
      isRole(name) && soleMacroName(value, preset.macroSyntax) !== null ? [name] : [],
    );
    expect(
      reading.warnings
        .filter(({ code }) => code === 'macro_unreplaced')
        .map(({ parameter }) => parameter)
        .toSorted(),
    ).toEqual(names.toSorted());
  });
});

describe('every word of an event map, in the parameter that the network has for it', () => {
  const rows = BUILT_IN_PRESETS.flatMap((preset) =>
    Object.keys(preset.eventMap).flatMap((word) =>
      preset.event.flatMap((source) => {
        if (source.kind === 'parameter')
          return [[preset.key, `${source.name}=${word}`, word, preset] as const];
        return source.kind === 'flag' && source.name === word
          ? [[preset.key, `${word}=true`, word, preset] as const]
          : [];
      }),
    ),
  );

  test.each(rows)('%s: %s', (_, query, word, preset) => {
    const [ready] = readyUrls(preset);
    const recipe = ready?.recipe;
    if (recipe === undefined) throw new Error('no URL');
    expect(
      short(
        received({ query: query.toUpperCase().replace(/^[^=]+/, query.split('=')[0] ?? '') }, recipe).event,
      ),
    ).toBe(meant(preset, word));
  });
});

describe('as the network really sends it', () => {
  test.each(AS_SENT)('%s: %s', (key, _, sent, expected) => {
    const preset = BUILT_IN_PRESETS.find((one) => one.key === key);
    const recipe = preset === undefined ? undefined : readyUrls(preset)[0]?.recipe;
    if (recipe === undefined) throw new Error(`no preset ${key}`);
    const reading = received(sent, recipe);
    expect({
      event: short(reading.event),
      click: reading.clickId.kind === 'value' ? reading.clickId.value : null,
      cost: reading.cost,
      currency: reading.currency,
      tid: reading.tid,
      warnings: codesOf(reading),
    }).toEqual({ click: null, cost: null, currency: null, tid: null, warnings: [], ...expected });
  });
});
