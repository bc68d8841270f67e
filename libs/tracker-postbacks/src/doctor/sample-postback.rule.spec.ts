import { BUILT_IN_PRESETS } from '../networks/presets';
import { binomoPreset } from '../networks/presets/binomo.preset';
import { customPreset } from '../networks/presets/custom.preset';
import { oneWinPreset } from '../networks/presets/1win.preset';
import { read } from '../rules/reading.rule';
import { targetFrom } from './doctor-target.cases';
import { type LintTarget, outcomeOf } from './lint-target';
import { macrosIn } from './macro-forms.rule';
import { samplePostback } from './sample-postback.rule';

const ID = '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e';
const VALUES = { clickId: 'AbCdEfGh1234', tid: 'test-1' };

function readSample(event: string, target: LintTarget): ReturnType<typeof read> {
  const { pathEvent, query } = samplePostback(event, target, VALUES);
  return read({ target: `/?${query}`, pathEvent, body: null }, target.recipe);
}

describe('a sample postback', () => {
  test.each(BUILT_IN_PRESETS.map((preset) => [preset.key, preset] as const))(
    'of each event of %s is read as that event, of the test click',
    (_, preset) => {
      const target = targetFrom(preset, ID);
      const events = target.configs
        .map(({ event }) => event)
        .flatMap((event) =>
          macrosIn(event, target.recipe.macroSyntax).length > 0
            ? [...target.recipe.eventMap.keys()]
            : [event],
        );
      for (const event of events) {
        const reading = readSample(event, target);
        const read = 'name' in reading.event ? reading.event.name : reading.event.kind;
        const expected = outcomeOf(event, target.recipe) ?? event;
        expect({ event, read }).toEqual({
          event,
          read: { ignore: 'ignored', 'sale/resale': 'deposit_stream' }[expected] ?? expected,
        });
        expect({ event, clickId: reading.clickId }).toMatchObject({ clickId: { value: VALUES.clickId } });
        expect(reading.warnings.filter(({ code }) => code.startsWith('macro'))).toEqual([]);
      }
    },
  );

  test('of an event without a config has what every integration understands', () => {
    const target = targetFrom(customPreset, ID, { defaultCurrency: 'EUR' });
    expect(samplePostback('vstyp1', target, VALUES).query).toBe('tracker.event=vstyp1&clickid=AbCdEfGh1234');
    const withoutConfigs = { ...target, configs: [] };
    expect(samplePostback('sale', withoutConfigs, VALUES).query).toBe(
      'tracker.event=sale&clickid=AbCdEfGh1234&tracker.cost=12.50&tracker.currency=EUR',
    );
  });

  test('has the amount in the integration’s decimal mark', () => {
    expect(readSample('sale', targetFrom(oneWinPreset, ID, { decimalMark: ',' }))).toMatchObject({
      cost: '12.50',
    });
  });

  test('of a network that appends its parameters has them', () => {
    expect(samplePostback('sale', targetFrom(binomoPreset, ID), VALUES)).toEqual({
      pathEvent: 'sale',
      query: 'click_id=AbCdEfGh1234&amount=12.50&transaction_id=test-1&user_id=1000001',
    });
  });
});
