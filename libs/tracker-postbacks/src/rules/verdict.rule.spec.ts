import { judgeConversion, newConversion } from './conversion.rule';
import { read } from './reading.rule';
import { EMPTY_RECIPE } from './recipe';
import {
  type JudgeInput,
  type JudgingPolicy,
  type KnownClick,
  type PastConversion,
  type Verdict,
} from './verdict';
import { judge } from './verdict.rule';

const CLICK: KnownClick = { clickId: 'C', chatId: 'chat', campaignId: null, erased: false };
const POLICY: JudgingPolicy = {
  integrationId: 'I',
  campaignId: null,
  status: 'active',
  deletedAt: null,
  allowedEvents: null,
  duplicateWindowSeconds: 30,
};
const EVENT_MAP = new Map([
  ['ftd', 'sale'],
  ['dep', 'sale/resale'],
  ['hold', 'ignore'],
  ['trash', 'reversal'],
]);

/** A click's life on one integration: judges one query after another and remembers what was recorded. */
class Life {
  readonly history: PastConversion[] = [];

  constructor(private readonly given: Partial<JudgeInput> = {}) {}

  /** @param seconds when it arrives */
  send(query: string, seconds = 0): Verdict {
    const reading = read(
      { target: `/p?clickid=C&${query}`, pathEvent: null, body: null },
      { ...EMPTY_RECIPE, eventMap: EVENT_MAP },
    );
    const receivedAt = seconds * 1000;
    const verdict = judge({
      reading,
      admission: null,
      policy: POLICY,
      click: CLICK,
      history: this.history,
      receivedAt,
      ...this.given,
    });
    if (verdict.status !== 'accepted') return verdict;
    if (verdict.effect === 'recorded') {
      this.history.push({
        ...verdict.conversion,
        id: `${verdict.conversion.event}#${verdict.conversion.ordinal}`,
        requestHash: reading.requestHash,
        receivedAt,
        reversedAt: null,
        reversalHash: null,
        voidedAt: null,
        cost: reading.cost,
        currency: reading.currency,
        fields: reading.fields,
      });
    } else {
      const reversedAt = verdict.effect === 'reversed' ? verdict.reversedAt : null;
      const reversalHash = verdict.effect === 'reversed' ? reading.requestHash : null;
      this.history[this.history.indexOf(verdict.of)] = { ...verdict.of, reversedAt, reversalHash };
    }
    return verdict;
  }
}

/** One word for a verdict: what was recorded, what it repeats, or the code. */
function said(verdict: Verdict): string {
  if (verdict.status === 'accepted') {
    return verdict.effect === 'recorded'
      ? `${verdict.conversion.event}#${verdict.conversion.ordinal}`
      : `${verdict.effect} ${verdict.of.id}`;
  }
  return verdict.status === 'duplicate' ? `${verdict.code} as ${verdict.of.id}` : verdict.code;
}

type Step = readonly [query: string, said: string, seconds?: number];

function lives(steps: readonly Step[], given?: Partial<JudgeInput>): void {
  const life = new Life(given);
  expect(steps.map(([query, , seconds]) => said(life.send(`tracker.event=${query}`, seconds)))).toEqual(
    steps.map(([, expected]) => expected),
  );
}

describe('what counts as one conversion', () => {
  // prettier-ignore
  const cases: readonly (readonly [string, readonly Step[]])[] = [
    ['a tid-less registration counts once', [['registration', 'registration#1'], ['registration&x=1', 'once_per_click as registration#1', 99]]],
    ['a registration counts once per tid', [['registration&tracker.tid=1', 'registration#1'], ['registration&tracker.tid=2', 'registration#2'], ['registration&tracker.tid=1', 'same_transaction as registration#1']]],
    ['a tid-less registration is a duplicate of any earlier one', [['registration&tracker.tid=1', 'registration#1'], ['registration', 'once_per_click as registration#1']]],
    ['conf is its own class', [['registration&tracker.tid=1', 'registration#1'], ['conf&tracker.tid=1', 'conf#1']]],
    ['a tid-less sale is a duplicate only of a tid-less sale', [['sale&tracker.tid=1', 'sale#1'], ['sale', 'resale#1'], ['sale', 'once_per_click as resale#1', 99]]],
    ['a later sale is a resale', [['sale&tracker.tid=1', 'sale#1'], ['sale&tracker.tid=2', 'resale#1'], ['sale&tracker.tid=3', 'resale#2']]],
    ['a resale stays one with no sale before it', [['resale&tracker.tid=1', 'resale#1'], ['sale&tracker.tid=2', 'sale#1']]],
    ['one tid as sale and as resale is one deposit', [['sale&tracker.tid=1', 'sale#1'], ['resale&tracker.tid=1', 'same_transaction as sale#1']]],
    ['a mapped word counts as what it means', [['ftd', 'sale#1'], ['sale', 'once_per_click as sale#1']]],
    ['the same resale within the window is one', [['resale&tracker.cost=5', 'resale#1'], ['resale&tracker.cost=5', 'same_request as resale#1', 29]]],
    ['the same resale at the end of the window counts', [['resale&tracker.cost=5', 'resale#1'], ['resale&tracker.cost=5', 'resale#2', 30]]],
    ['parameters in another order are the same request', [['resale&tracker.cost=5&a=1', 'resale#1'], ['resale&a=1&tracker.cost=5', 'same_request as resale#1', 1]]],
    ['another amount is another request', [['resale&tracker.cost=5', 'resale#1'], ['resale&tracker.cost=6', 'resale#2', 1]]],
    ['the window runs from the accepted one', [['resale', 'resale#1'], ['resale', 'same_request as resale#1', 20], ['resale', 'resale#2', 40]]],
    ['a request judged late is compared by arrival', [['resale', 'resale#1', 40], ['resale', 'same_request as resale#1', 20]]],
    ['custom events follow the window', [['withdraw', 'withdraw#1'], ['withdraw', 'same_request as withdraw#1', 1], ['vstyp1', 'vstyp1#1', 1]]],
    ['custom events count once per tid', [['withdraw&tracker.tid=1', 'withdraw#1'], ['withdraw&tracker.tid=1', 'same_transaction as withdraw#1', 99]]],
    ['an event that a network calls deposit is no deposit of ours', [['sale&tracker.tid=1', 'sale#1'], ['deposit&tracker.tid=1', 'deposit#1']]],
    ['a tid belongs to its class', [['sale&tracker.tid=1', 'sale#1'], ['withdraw&tracker.tid=1', 'withdraw#1']]],
    ['every deposit under one word: the first is the sale', [['dep&tracker.cost=5', 'sale#1'], ['dep&tracker.cost=6', 'resale#1', 1], ['dep&tracker.tid=9', 'resale#2', 2]]],
    ['the window of such a word looks at every deposit', [['dep&tracker.cost=5', 'sale#1'], ['dep&tracker.cost=5', 'same_request as sale#1', 29], ['dep&tracker.cost=5', 'resale#1', 30]]],
    ['such a word is no tid-less sale', [['dep', 'sale#1'], ['sale', 'resale#1', 1]]],
  ];

  it.each(cases)('%s', (_, steps) => {
    lives(steps);
  });

  it('counts every repetition with a window of 0', () => {
    lives(
      [
        ['resale', 'resale#1'],
        ['resale', 'resale#2'],
        ['withdraw', 'withdraw#1'],
        ['withdraw', 'withdraw#2'],
      ],
      {
        policy: { ...POLICY, duplicateWindowSeconds: 0 },
      },
    );
  });

  it('asks which deposit was first as of the arrival of one that is judged again', () => {
    const life = new Life({ asOf: 'arrival' });
    expect(said(life.send('tracker.event=sale&tracker.tid=2', 20))).toBe('sale#1');
    expect(said(life.send('tracker.event=sale&tracker.tid=1', 10))).toBe('sale#2');
    expect(said(life.send('tracker.event=sale&tracker.tid=3', 30))).toBe('resale#1');
    expect(said(life.send('tracker.event=reversal&tracker.tid=1', 40))).toBe('reversed sale#2');
    expect(said(life.send('tracker.event=reversal&tracker.tid=2', 40))).toBe('reversed sale#1');
    expect(said(life.send('tracker.event=sale&tracker.tid=4', 35))).toBe('resale#2');
    expect(said(life.send('tracker.event=sale&tracker.tid=5', 45))).toBe('sale#3');
  });

  it('never reuses the ordinal or heeds the tid of a voided conversion', () => {
    const life = new Life();
    life.send('tracker.event=sale&tracker.tid=1');
    life.history.splice(0, 1, ...life.history.map((past) => ({ ...past, voidedAt: 1 })));
    expect(said(life.send('tracker.event=sale&tracker.tid=1'))).toBe('sale#2');
  });
});

describe('what takes a conversion back', () => {
  // prettier-ignore
  const cases: readonly (readonly [string, readonly Step[]])[] = [
    ['a reversal takes back the conversion of its tid', [['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=1', 'reversed sale#1']]],
    ['a mapped word does the same', [['sale&tracker.tid=1', 'sale#1'], ['trash&tracker.tid=1', 'reversed sale#1']]],
    ['never that of another tid', [['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=2', 'nothing_to_reverse']]],
    ['a second one with the tid is a repetition', [['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=1', 'reversed sale#1'], ['reversal&tracker.tid=1&x=1', 'same_transaction as sale#1', 99]]],
    ['deposits first where two classes share a tid', [['registration&tracker.tid=1', 'registration#1'], ['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=1', 'reversed sale#1'], ['reversal&tracker.tid=1', 'same_transaction as sale#1']]],
    ['a registration where it alone has the tid', [['registration&tracker.tid=1', 'registration#1'], ['reversal&tracker.tid=1', 'reversed registration#1']]],
    ['without a tid the only open deposit', [['sale', 'sale#1'], ['registration', 'registration#1'], ['reversal', 'reversed sale#1']]],
    ['without a tid nothing when none is open', [['registration', 'registration#1'], ['reversal', 'nothing_to_reverse']]],
    ['without a tid nothing when several are open', [['sale&tracker.tid=1', 'sale#1'], ['resale&tracker.tid=2', 'resale#1'], ['reversal', 'nothing_to_reverse']]],
    ['a tid-less one within the window is a repetition', [['sale', 'sale#1'], ['reversal', 'reversed sale#1', 1], ['reversal', 'same_request as sale#1', 30], ['reversal', 'nothing_to_reverse', 32]]],
    ['after it the next deposit is a sale again', [['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=1', 'reversed sale#1'], ['sale&tracker.tid=2', 'sale#2'], ['sale&tracker.tid=3', 'resale#1']]],
    ['a deposit repeated within the window stays reversed', [['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=1', 'reversed sale#1', 10], ['sale&tracker.tid=1', 'same_transaction as sale#1', 40]]],
    ['a deposit repeated after the window counts again', [['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=1', 'reversed sale#1', 10], ['sale&tracker.tid=1', 'reinstated sale#1', 41]]],
    ['so does a tid-less sale', [['sale', 'sale#1'], ['reversal', 'reversed sale#1', 10], ['sale', 'reinstated sale#1', 41]]],
    ['and it can be taken back again', [['sale&tracker.tid=1', 'sale#1'], ['reversal&tracker.tid=1', 'reversed sale#1', 10], ['sale&tracker.tid=1', 'reinstated sale#1', 41], ['reversal&tracker.tid=1', 'reversed sale#1', 42]]],
    ['a registration is not reinstated', [['registration&tracker.tid=1', 'registration#1'], ['reversal&tracker.tid=1', 'reversed registration#1'], ['registration&tracker.tid=1', 'same_transaction as registration#1', 99]]],
    ['a deposit that was sent before its reversal does not reinstate', [['sale&tracker.tid=1', 'sale#1', 50], ['reversal&tracker.tid=1', 'reversed sale#1', 60], ['sale&tracker.tid=1', 'same_transaction as sale#1', 55]]],
    ['a reversal that overtook counts from the deposit on', [['sale&tracker.tid=1', 'sale#1', 500], ['reversal&tracker.tid=1', 'reversed sale#1', 10], ['sale&tracker.tid=1', 'same_transaction as sale#1', 510]]],
  ];

  it.each(cases)('%s', (_, steps) => {
    lives(steps);
  });
});

describe('the order of the tests', () => {
  const now = (given: Partial<JudgeInput>, query: string): { code: string; warnings: string[] } => {
    const { code, warnings } = new Life(given).send(query);
    return { code, warnings: warnings.map((warning) => warning.code) };
  };
  const paused = { ...POLICY, status: 'paused' } as const;
  const deleted = { ...paused, deletedAt: 1 };
  const long = 'x'.repeat(256);
  // prettier-ignore
  const cases: readonly (readonly [string, Partial<JudgeInput>, string, string, readonly string[]])[] = [
    ['secret before everything', { admission: 'secret_wrong', policy: deleted }, '', 'secret_wrong', []],
    ['size before state', { policy: paused }, `tracker.event=conf&tracker.tid=${long}`, 'too_large', ['integration_paused']],
    ['deleted before paused', { policy: deleted }, 'tracker.event=conf', 'integration_deleted', []],
    ['state before event', { policy: paused, click: null }, '', 'integration_paused', ['event_missing', 'click_unknown']],
    ['event before click', { click: null }, '', 'event_missing', ['click_unknown']],
    ['an invalid event', {}, 'tracker.event=no+event', 'event_invalid', []],
    ['an event left as a macro', {}, 'tracker.event={goal}', 'macro_unreplaced', ['macro_unreplaced']],
    ['two events', {}, 'tracker.event=sale&tracker.event=conf', 'conflicting_parameter', []],
    ['an event set aside', {}, 'tracker.event=hold', 'event_ignored', []],
    ['an event that is not allowed', { policy: { ...POLICY, allowedEvents: new Set(['conf']) } }, 'tracker.event=vip', 'event_not_allowed', []],
    ['a deposit word where no deposit is allowed', { policy: { ...POLICY, allowedEvents: new Set(['conf']) } }, 'tracker.event=dep', 'event_not_allowed', ['amount_missing']],
    ['a deposit word where one is', { policy: { ...POLICY, allowedEvents: new Set(['resale']) } }, 'tracker.event=dep&tracker.cost=1', 'ok', []],
    ['an allowed event', { policy: { ...POLICY, allowedEvents: new Set(['conf']) } }, 'tracker.event=conf', 'ok', []],
    ['an unknown click', { click: null }, 'tracker.event=conf', 'click_unknown', []],
    ['two clicks', { click: null }, 'tracker.event=conf&clickid=D', 'conflicting_parameter', []],
    ['an erased click', { click: { ...CLICK, erased: true } }, 'tracker.event=conf', 'click_erased', []],
    ["another campaign's click", { policy: { ...POLICY, campaignId: 'K' } }, 'tracker.event=conf', 'campaign_mismatch', []],
    ["the campaign's own click", { policy: { ...POLICY, campaignId: 'K' }, click: { ...CLICK, campaignId: 'K' } }, 'tracker.event=conf', 'ok', []],
  ];

  it.each(cases)('%s', (_, given, query, code, warnings) => {
    expect(now(given, query)).toEqual({ code, warnings });
  });

  it.each([
    ['', 'click_missing'],
    ['clickid={sub1}', 'macro_unreplaced'],
  ])('a click id sent as "%s" is %s', (query, code) => {
    const reading = read(
      { target: `/p?tracker.event=conf&${query}`, pathEvent: null, body: null },
      EMPTY_RECIPE,
    );
    const verdict = judge({
      reading,
      admission: null,
      policy: POLICY,
      click: null,
      history: [],
      receivedAt: 0,
    });
    expect(verdict.code).toBe(code);
  });
});

it('makes no conversion of an event that is none', () => {
  const reading = read({ target: '/p?clickid=C', pathEvent: null, body: null }, EMPTY_RECIPE);
  const input = { reading, admission: null, policy: POLICY, click: CLICK, history: [], receivedAt: 0 };
  expect(() => judgeConversion(input, [])).toThrow(/"missing" makes no conversion/);
});

it('makes the conversion of a duplicate that a person counts anyway', () => {
  const life = new Life();
  life.send('tracker.event=sale&tracker.tid=1');
  const reading = read(
    { target: '/p?clickid=C&tracker.event=sale&tracker.tid=1', pathEvent: null, body: null },
    EMPTY_RECIPE,
  );
  const input = {
    reading,
    admission: null,
    policy: POLICY,
    click: CLICK,
    history: life.history,
    receivedAt: 0,
  };
  expect(judge(input).status).toBe('duplicate');
  expect(newConversion(input)).toMatchObject({
    event: 'resale',
    reportedEvent: 'sale',
    ordinal: 1,
    tid: '1',
  });
});

describe('what a duplicate brings', () => {
  const after = (first: string, second: string): Verdict => {
    const life = new Life();
    life.send(`tracker.event=sale&tracker.tid=1&${first}`);
    return life.send(`tracker.event=sale&tracker.tid=1&${second}`);
  };
  // prettier-ignore
  const cases: readonly (readonly [string, string, string, object | null, object | null, readonly string[]])[] = [
    ['nothing', 'tracker.cost=5&fields.a=1', 'tracker.cost=5&fields.a=1', null, null, []],
    ['other field values, those alone', 'tracker.cost=5&fields.a=1&fields.b=1', 'tracker.cost=5&fields.a=2&fields.b=1', { a: '2' }, null, []],
    ['a new field', 'tracker.cost=5', 'tracker.cost=5&fields.a=1', { a: '1' }, null, []],
    ['an amount that was missing', '', 'tracker.cost=5&tracker.currency=eur', null, { cost: '5', currency: 'EUR' }, []],
    ['another amount', 'tracker.cost=5', 'tracker.cost=6', null, null, ['amount_differs']],
    ['another currency', 'tracker.cost=5&tracker.currency=eur', 'tracker.cost=5&tracker.currency=usd', null, null, ['amount_differs']],
    ['the same amount in another form', 'tracker.cost=5.50&tracker.currency=eur', 'tracker.cost=5.5', null, null, []],
    ['no amount this time', 'tracker.cost=5&tracker.currency=eur', '', null, null, ['amount_missing']],
  ];

  it.each(cases)('%s', (_, first, second, fields, amount, warnings) => {
    const verdict = after(first, second);
    if (verdict.status !== 'duplicate') throw new Error(verdict.code);
    expect(verdict.news.fields === null ? null : { ...verdict.news.fields }).toEqual(fields);
    expect(verdict.news.amount).toEqual(amount);
    expect(verdict.warnings.map(({ code }) => code)).toEqual(warnings);
  });
});
