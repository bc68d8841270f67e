import { oneWinPreset } from '../networks/presets/1win.preset';
import { targetFrom } from './doctor-target.cases';
import { readingView, readTemplate } from './template-reading.rule';

const { recipe } = targetFrom(oneWinPreset, '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e', {
  roles: { event: ['status'] },
});
const readText = (query: string): ReturnType<typeof readTemplate> =>
  readTemplate({ target: `/?${query}`, pathEvent: null, body: null }, recipe);

describe('reading a template', () => {
  test('macros of the network count as filled and are shown as they stand', () => {
    const reading = readText(
      'tracker.event=sale&clickid={sub1}&tracker.cost={amount}&tracker.currency={cur}&tracker.tid={a}_{b}' +
        '&fields.user_id={user_id}&{goal}=true&country={country}',
    );
    expect(readingView(reading)).toEqual({
      event: 'sale',
      reportedEvent: 'sale',
      clickId: '{sub1}',
      cost: '{amount}',
      currency: '{cur}',
      tid: '{a}_{b}',
      fields: { user_id: '{user_id}' },
      params: { '{goal}': 'true', country: '{country}' },
    });
    expect(reading.warnings).toEqual([]);
  });

  test('an event macro is the event', () => {
    expect(readingView(readText('status={status}&clickid={sub1}'))).toMatchObject({
      event: '{status}',
      reportedEvent: '{status}',
    });
  });

  test('macros of another network stay unreplaced', () => {
    const reading = readText('tracker.event=sale&clickid=[sub1]&tracker.cost={amount}');
    expect(reading.clickId).toMatchObject({ kind: 'macro', value: '[sub1]' });
    expect(reading.warnings).toMatchObject([{ code: 'macro_unreplaced', parameter: 'clickid' }]);
  });
});
