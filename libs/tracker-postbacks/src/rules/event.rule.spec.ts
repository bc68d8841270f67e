import { type EventReading } from './reading';
import { read } from './reading.rule';
import { EMPTY_RECIPE, type EventSource, type Recipe } from './recipe';

function event(
  query: string,
  recipe: Partial<Recipe> = {},
  pathEvent: string | null = null,
): EventReading & { codes: string[] } {
  const reading = read({ target: `/p?${query}`, pathEvent, body: null }, { ...EMPTY_RECIPE, ...recipe });
  return {
    ...reading.event,
    codes: reading.warnings.map(({ code }) => code).filter((code) => code !== 'amount_missing'),
  };
}

const STATUS: EventSource = { kind: 'parameter', name: 'status' };
const GOAL: EventSource = { kind: 'parameter', name: 'goal' };
const COMPOSITE: EventSource = { kind: 'composite', template: '{goal}_{status}' };
const flags = (...names: string[]): EventSource[] => names.map((name) => ({ kind: 'flag', name }));
const MAP = new Map([
  ['ftd', 'sale'],
  ['dep', 'sale/resale'],
  ['hold', 'ignore'],
  ['rejected', 'reversal'],
  ['1_approved', 'conf'],
  ['odd', 'conversion'],
  ['\u0434\u0435\u043f', 'resale'],
]);

describe('an event word', () => {
  it.each<[string, Partial<EventReading>, string[]]>([
    ['registration', { kind: 'event', name: 'registration', word: 'registration' }, []],
    ['+SALE%20', { kind: 'event', name: 'sale', word: 'sale' }, []],
    ['withdraw', { kind: 'event', name: 'withdraw' }, []],
    ['vstyp1', { kind: 'event', name: 'vstyp1' }, []],
    ['new_postback_event_7', { kind: 'event', name: 'new_postback_event_7' }, []],
    ['a.b-c', { kind: 'event', name: 'a.b-c' }, []],
    ['e'.repeat(64), { kind: 'event', name: 'e'.repeat(64) }, []],
    ['FTD', { kind: 'event', name: 'sale', word: 'ftd' }, []],
    ['dep', { kind: 'deposit_stream', word: 'dep' }, []],
    ['hold', { kind: 'ignored', word: 'hold' }, []],
    ['rejected', { kind: 'reversal', word: 'rejected' }, []],
    ['reversal', { kind: 'reversal', word: 'reversal' }, []],
    ['%D0%94%D0%95%D0%9F', { kind: 'event', name: 'resale', word: '\u0434\u0435\u043f' }, []],
    ['sale#2', { kind: 'event', name: 'sale', word: 'sale#2' }, ['ordinal_ignored']],
    ['resale%2317', { kind: 'event', name: 'resale', word: 'resale#17' }, ['ordinal_ignored']],
    ['first_deposit_', { kind: 'event', name: 'sale', word: 'first_deposit_' }, ['event_unfinished']],
    [
      'recurring_deposit_',
      { kind: 'event', name: 'resale', word: 'recurring_deposit_' },
      ['event_unfinished'],
    ],
    ['e'.repeat(65), { kind: 'invalid' }, []],
    ['_x', { kind: 'invalid' }, []],
    ['two words', { kind: 'invalid' }, []],
    ['conf#2', { kind: 'invalid' }, []],
    ['sale/resale', { kind: 'invalid' }, []],
    ['%D0%B4%D0%B0', { kind: 'invalid', word: '\u0434\u0430' }, []],
    ['odd', { kind: 'invalid', word: 'odd' }, []],
    ...['fields', 'unmatched', 'conversion', 'amended', 'reinstated', 'ignore', 'error'].map(
      (name): [string, Partial<EventReading>, string[]] => [name, { kind: 'invalid', word: name }, []],
    ),
  ])('%s', (word, expected, codes) => {
    expect(event(`tracker.event=${word}`, { eventMap: MAP })).toMatchObject({
      ...expected,
      parameter: 'tracker.event',
      codes,
    });
  });

  it('is kept up to 255 characters when it is refused', () => {
    expect(event(`tracker.event=${'w'.repeat(5_000)}`)).toMatchObject({
      kind: 'invalid',
      word: 'w'.repeat(255),
    });
  });
});

describe('where the event comes from', () => {
  it.each<[string, string, Partial<Recipe>, string | null, Partial<EventReading>, string[]]>([
    ['the canonical parameter', 'tracker.event=sale', {}, null, { kind: 'event', name: 'sale' }, []],
    [
      'in another case',
      'Tracker.Event=sale',
      {},
      null,
      { kind: 'event', name: 'sale', parameter: 'Tracker.Event' },
      [],
    ],
    ['the path', '', {}, 'Sale', { kind: 'event', name: 'sale', parameter: ':event' }, []],
    ['the path, encoded', '', {}, 'e%6Dail-conf', { kind: 'event', name: 'email-conf' }, []],
    [
      'the path through the map',
      '',
      { eventMap: MAP },
      'ftd',
      { kind: 'event', name: 'sale', word: 'ftd' },
      [],
    ],
    ['an empty path', '', {}, '', { kind: 'missing' }, []],
    [
      'tracker.event before the path',
      'tracker.event=sale',
      {},
      'conf',
      { kind: 'event', name: 'sale' },
      ['event_differs'],
    ],
    ['agreeing with the path', 'tracker.event=sale', {}, 'SALE', { kind: 'event', name: 'sale' }, []],
    [
      'a parameter',
      'status=ftd',
      { event: [STATUS], eventMap: MAP },
      null,
      { kind: 'event', name: 'sale', word: 'ftd', parameter: 'status' },
      [],
    ],
    ['a parameter, undeclared', 'status=ftd', {}, null, { kind: 'missing' }, []],
    [
      'a flag',
      'ftd=true',
      { event: flags('reg', 'ftd'), eventMap: MAP },
      null,
      { kind: 'event', name: 'sale', word: 'ftd', parameter: 'ftd' },
      [],
    ],
    ['a flag set by 1', 'reg=1', { event: flags('reg') }, null, { kind: 'event', name: 'reg' }, []],
    ['a flag set by YES', 'reg=YES', { event: flags('reg') }, null, { kind: 'event', name: 'reg' }, []],
    ['a flag set by on', 'reg=on', { event: flags('reg') }, null, { kind: 'event', name: 'reg' }, []],
    ['a flag set by its name', 'reg=Reg', { event: flags('reg') }, null, { kind: 'event', name: 'reg' }, []],
    [
      'a flag set twice',
      'reg=1&REG=true&reg=0',
      { event: flags('reg') },
      null,
      { kind: 'event', name: 'reg' },
      [],
    ],
    ['a flag not set', 'reg=0&ftd=', { event: flags('reg', 'ftd') }, null, { kind: 'missing' }, []],
    [
      'a flag left as a macro',
      'reg={reg}',
      { event: flags('reg') },
      null,
      { kind: 'macro', parameter: 'reg', value: '{reg}' },
      ['macro_unreplaced'],
    ],
    [
      'several flags, in the order of the preset',
      'dep=1&ftd=1',
      { event: flags('ftd', 'dep') },
      null,
      { kind: 'event', name: 'ftd' },
      ['event_differs'],
    ],
    [
      'a composite',
      'goal=1&status=Approved',
      { event: [COMPOSITE], eventMap: MAP },
      null,
      { kind: 'event', name: 'conf', word: '1_approved', parameter: '{goal}_{status}' },
      [],
    ],
    ['a composite without one part', 'goal=1', { event: [COMPOSITE] }, null, { kind: 'missing' }, []],
    [
      'a composite with a macro',
      'goal=1&status={status}',
      { event: [COMPOSITE] },
      null,
      { kind: 'macro', parameter: 'status', value: '{status}' },
      ['macro_unreplaced'],
    ],
    [
      'a composite of two words',
      'goal=1&goal=2&status=a',
      { event: [COMPOSITE] },
      null,
      { kind: 'conflict', parameter: '{goal}_{status}', values: ['1_a', '2_a'] },
      [],
    ],
    [
      'a macro name',
      '{status}=true&ftd=1',
      { event: flags('ftd') },
      null,
      { kind: 'event', name: 'ftd' },
      ['macro_in_name'],
    ],
    [
      'a second question mark',
      'tracker.event=sale?status=x&a=1',
      {},
      null,
      { kind: 'event', name: 'sale' },
      ['url_repaired'],
    ],
    [
      'a macro name after a second question mark',
      'tracker.event=sale?{status}=true',
      {},
      null,
      { kind: 'event', name: 'sale' },
      ['url_repaired', 'macro_in_name'],
    ],
    ['nothing', 'event=sale', {}, null, { kind: 'missing' }, []],
  ])('%s: %s', (_, query, recipe, pathEvent, expected, codes) => {
    expect(event(query, recipe, pathEvent)).toMatchObject({ ...expected, codes });
  });
});

describe('words that differ', () => {
  const declared: Partial<Recipe> = { event: [STATUS, GOAL], eventMap: MAP };

  it.each<[string, string, Partial<EventReading>, string[]]>([
    [
      'the same word in two cases',
      'tracker.event=sale&tracker.event=SALE',
      { kind: 'event', name: 'sale' },
      [],
    ],
    [
      'one key, two words',
      'tracker.event=sale&tracker.event=resale',
      { kind: 'conflict', parameter: 'tracker.event', values: ['sale', 'resale'] },
      [],
    ],
    [
      'one key, one of them absent',
      'tracker.event=null&tracker.event=resale&tracker.event=',
      { kind: 'event', name: 'resale' },
      [],
    ],
    [
      'one key, one of them a macro',
      'tracker.event={event}&tracker.event=resale',
      { kind: 'event', name: 'resale' },
      ['macro_unreplaced'],
    ],
    [
      'only macros',
      'tracker.event={event}&status=status',
      { kind: 'macro', parameter: 'tracker.event', value: '{event}' },
      ['macro_unreplaced', 'macro_unreplaced'],
    ],
    [
      'its own name',
      'tracker.event=EVENT',
      { kind: 'macro', parameter: 'tracker.event', value: 'EVENT' },
      ['macro_unreplaced'],
    ],
    ['the same meaning', 'tracker.event=sale&status=ftd', { kind: 'event', name: 'sale', word: 'sale' }, []],
    [
      'a stream agrees with a deposit',
      'tracker.event=resale&status=dep',
      { kind: 'event', name: 'resale' },
      [],
    ],
    ['a deposit agrees with a stream', 'status=dep&goal=ftd', { kind: 'deposit_stream' }, []],
    [
      'another meaning',
      'tracker.event=registration&status=ftd',
      { kind: 'event', name: 'registration' },
      ['event_differs'],
    ],
    [
      'a stream is no registration',
      'tracker.event=registration&status=dep',
      { kind: 'event', name: 'registration' },
      ['event_differs'],
    ],
    [
      'set aside by the status',
      'tracker.event=sale&status=hold',
      { kind: 'ignored', word: 'hold', parameter: 'status' },
      ['event_overruled'],
    ],
    [
      'taken back by the status',
      'tracker.event=sale&status=rejected',
      { kind: 'reversal', word: 'rejected', parameter: 'status' },
      ['event_overruled'],
    ],
    [
      'taken back by any declared parameter',
      'tracker.event=sale&status=ftd&goal=rejected',
      { kind: 'reversal', parameter: 'goal' },
      ['event_overruled'],
    ],
    [
      'a reversal sent and mapped',
      'tracker.event=reversal&status=rejected',
      { kind: 'reversal', word: 'reversal' },
      [],
    ],
    [
      'among declared ones the order decides',
      'status=ftd&goal=rejected',
      { kind: 'event', name: 'sale' },
      ['event_differs'],
    ],
    [
      'exactly named before other cases',
      'tracker.event=sale&TRACKER.EVENT=conf',
      { kind: 'event', name: 'sale' },
      ['event_differs'],
    ],
  ])('%s: %s', (_, query, expected, codes) => {
    expect(event(query, declared)).toMatchObject({ ...expected, codes });
  });

  it('overrules the path too', () => {
    expect(event('status=hold', declared, 'sale')).toMatchObject({
      kind: 'ignored',
      codes: ['event_overruled'],
    });
  });
});
