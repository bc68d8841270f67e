import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from './ledger';
import { MovableClock, sendStep } from './sequence';

/** What the conversion is worth after all steps, as `amount currency fields`. */
type Row = readonly [
  name: string,
  steps: readonly string[],
  events: readonly string[],
  conversion: string,
  lastWarnings: readonly string[],
];

const AGAIN = 'sale&tracker.tid=1';
const DIFFERS = 'amount_differs tracker.cost';

// prettier-ignore
const NEWS: readonly Row[] = [
  ['a duplicate with the same fields says nothing', [`${AGAIN}&tracker.cost=5&fields.a=1`, `${AGAIN}&tracker.cost=5&fields.a=1`], ['sale'], '5 null {"a":"1"}', []],
  ['a field the conversion did not have', [`${AGAIN}&tracker.cost=5&fields.a=1`, `${AGAIN}&fields.b=2`], ['sale', 'fields {"b":"2"}'], '5 null {"a":"1","b":"2"}', ['amount_missing null']],
  ['a field with another value', [`${AGAIN}&tracker.cost=5&fields.a=1&fields.b=2`, `${AGAIN}&tracker.cost=5&fields.a=3&fields.b=2`], ['sale', 'fields {"a":"3"}'], '5 null {"a":"3","b":"2"}', []],
  ['is told once', [`${AGAIN}&tracker.cost=5`, `${AGAIN}&tracker.cost=5&fields.a=1`, `${AGAIN}&tracker.cost=5&fields.a=1`], ['sale', 'fields {"a":"1"}'], '5 null {"a":"1"}', []],
  ['and again when it changes back', [`${AGAIN}&tracker.cost=5&fields.a=1`, `${AGAIN}&tracker.cost=5&fields.a=2`, `${AGAIN}&tracker.cost=5&fields.a=1`], ['sale', 'fields {"a":"2"}', 'fields {"a":"1"}'], '5 null {"a":"1"}', []],
  ['an absent field never clears one', [`${AGAIN}&tracker.cost=5&fields.a=1`, `${AGAIN}&tracker.cost=5&fields.a=&fields.b=null`], ['sale'], '5 null {"a":"1"}', []],
  ['a macro left in a field never replaces one', [`${AGAIN}&tracker.cost=5&fields.a=1`, `${AGAIN}&tracker.cost=5&fields.a={a}`], ['sale'], '5 null {"a":"1"}', ['macro_unreplaced fields.a']],
  ['an amount fills a missing one', [AGAIN, `${AGAIN}&tracker.cost=12.50&tracker.currency=eur`], ['sale', 'amended null null → 12.50 EUR'], '12.50 EUR {}', []],
  ['an amount fills an unreadable one', [`${AGAIN}&tracker.cost=1,234`, `${AGAIN}&tracker.cost=1234`], ['sale', 'amended null null → 1234 null'], '1234 null {}', []],
  ['it is filled in once', [AGAIN, `${AGAIN}&tracker.cost=5`, `${AGAIN}&tracker.cost=6`], ['sale', 'amended null null → 5 null'], '5 null {}', [DIFFERS]],
  ['an amount and a field at once', [AGAIN, `${AGAIN}&tracker.cost=5&fields.a=1`], ['sale', 'amended null null → 5 null', 'fields {"a":"1"}'], '5 null {"a":"1"}', []],
  ['another amount is told and not taken', [`${AGAIN}&tracker.cost=5&tracker.currency=usd`, `${AGAIN}&tracker.cost=6&tracker.currency=usd`], ['sale'], '5 USD {}', [DIFFERS]],
  ['another currency is told and not taken', [`${AGAIN}&tracker.cost=5&tracker.currency=usd`, `${AGAIN}&tracker.cost=5&tracker.currency=eur`], ['sale'], '5 USD {}', [DIFFERS]],
  ['12.5 is 12.50', [`${AGAIN}&tracker.cost=12.50`, `${AGAIN}&tracker.cost=12.5`], ['sale'], '12.50 null {}', []],
  ['100 is not 10', [`${AGAIN}&tracker.cost=100`, `${AGAIN}&tracker.cost=10`], ['sale'], '100 null {}', [DIFFERS]],
  ['0 is an amount and is not filled', [`${AGAIN}&tracker.cost=0`, `${AGAIN}&tracker.cost=5`], ['sale'], '0 null {}', [DIFFERS]],
  ['an unreadable amount in a duplicate takes nothing', [`${AGAIN}&tracker.cost=5`, `${AGAIN}&tracker.cost=Infinity`], ['sale'], '5 null {}', ['amount_unreadable tracker.cost']],
];

describe.each(ADAPTERS)('what a duplicate brings on %s', (adapter) => {
  const clock = new MovableClock();
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter, options: { clock } });
    ledger = ledgerOf(application);
    crm = await createCrm(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const eventsOf = async (clickId: string): Promise<string[]> =>
    (await ledger.eventsOf(clickId)).map(({ name, payload }) => {
      if (name === 'fields') return `fields ${JSON.stringify(payload['fields'])}`;
      if (name !== 'amended') return name;
      const { before, after } = payload;
      return `amended ${before.cost} ${before.currency} → ${after.cost} ${after.currency}`;
    });

  it.each(NEWS)('%s', async (_, steps, events, expected, lastWarnings) => {
    const clickId = await crm.newClick();
    const replies = [];
    for (const step of steps) replies.push(await sendStep(crm, clock, clickId, step));
    expect(replies.map(({ body }) => body['status'])).toEqual([
      'accepted',
      ...steps.slice(1).map(() => 'duplicate'),
    ]);

    expect(await eventsOf(clickId)).toEqual(events);
    const { cost, currency, fields } = await ledger.conversion(replies[0]?.body['conversionId']);
    expect(`${cost} ${currency} ${fields}`).toBe(expected);
    const warnings: { code: string; parameter: string | null }[] = replies.at(-1)?.body['warnings'];
    expect(warnings.map(({ code, parameter }) => `${code} ${parameter}`)).toEqual(lastWarnings);
  });

  it('names both amounts where they differ', async () => {
    const clickId = await crm.newClick();
    await sendStep(crm, clock, clickId, `${AGAIN}&tracker.cost=5&tracker.currency=usd`);
    const { body } = await sendStep(crm, clock, clickId, `${AGAIN}&tracker.cost=7&tracker.currency=eur`);
    expect(body['warnings'][0].message).toMatch(/5 USD.*7 EUR/);
  });

  it('sees what a duplicate brought when both come in one batch', async () => {
    const clickId = await crm.newClick();
    const query = `tracker.event=sale&clickid=${clickId}&tracker.tid=1`;
    const replies = await Promise.all([
      crm.send(query),
      crm.send(`${query}&tracker.cost=5&fields.a=1`),
      crm.send(`${query}&tracker.cost=5&fields.a=1&fields.b=2`),
    ]);
    const accepted = replies.filter(({ body }) => body['status'] === 'accepted');
    expect(accepted).toHaveLength(1);
    const { cost, fields } = await ledger.conversion(accepted[0]?.body['conversionId']);
    expect([cost, JSON.parse(fields)]).toEqual(['5', { a: '1', b: '2' }]);
    expect((await ledger.eventsOf(clickId)).filter(({ name }) => name === 'sale')).toHaveLength(1);
  });
});
