import { TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from './ledger';
import { MovableClock, outcomeOf, sendStep } from './sequence';

type Row = readonly [name: string, steps: readonly string[], outcomes: readonly string[]];

// prettier-ignore
const ONCE_PER_CLICK: readonly Row[] = [
  ['a registration counts once per click', ['registration', 'registration'], ['registration#1', 'registration#1 again: once_per_click']],
  ['however late', ['registration', '+90000s registration'], ['registration#1', 'registration#1 again: once_per_click']],
  ['and whatever else it says', ['registration', 'registration&geo=BR'], ['registration#1', 'registration#1 again: once_per_click']],
  ['in any case', ['Registration', 'REGISTRATION'], ['registration#1', 'registration#1 again: once_per_click']],
  ['a conf counts once per click', ['conf', '+60s conf'], ['conf#1', 'conf#1 again: once_per_click']],
  ['registration and conf are two events', ['registration', 'conf'], ['registration#1', 'conf#1']],
  ["a tid'd registration counts once per tid", ['registration&tracker.tid=1', '+60s registration&tracker.tid=1'], ['registration#1', 'registration#1 again: same_transaction']],
  ['registrations with different tids all count', ['registration&tracker.tid=1', 'registration&tracker.tid=2'], ['registration#1', 'registration#2']],
  ["a tid-less registration repeats an earlier tid'd one", ['registration&tracker.tid=1', 'registration'], ['registration#1', 'registration#1 again: once_per_click']],
  ["a tid'd registration after a tid-less one counts", ['registration', 'registration&tracker.tid=1'], ['registration#1', 'registration#2']],
  ['a tid-less conf repeats the earliest', ['conf&tracker.tid=1', 'conf&tracker.tid=2', 'conf'], ['conf#1', 'conf#2', 'conf#1 again: once_per_click']],
  ['one tid may be a registration, a conf and a deposit', ['registration&tracker.tid=1', 'conf&tracker.tid=1', 'sale&tracker.tid=1'], ['registration#1', 'conf#1', 'sale#1']],
];

// prettier-ignore
const SALES: readonly Row[] = [
  ['a tid-less sale counts once per click', ['sale&tracker.cost=9', '+90000s sale&tracker.cost=9'], ['sale#1', 'sale#1 again: once_per_click']],
  ["a tid'd sale counts once per tid", ['sale&tracker.tid=1', '+60s sale&tracker.tid=1'], ['sale#1', 'sale#1 again: same_transaction']],
  ['a sale with another tid is a resale', ['sale&tracker.tid=1', 'sale&tracker.tid=2', 'sale&tracker.tid=3'], ['sale#1', 'resale#1', 'resale#2']],
  ["a tid-less sale after a tid'd one is a resale, once", ['sale&tracker.tid=1', 'sale', 'sale'], ['sale#1', 'resale#1', 'resale#1 again: once_per_click']],
  ["a tid'd sale after a tid-less one is a resale", ['sale', 'sale&tracker.tid=1'], ['sale#1', 'resale#1']],
  ['the same tid as sale and as resale is one deposit', ['sale&tracker.tid=1', 'resale&tracker.tid=1'], ['sale#1', 'sale#1 again: same_transaction']],
  ['the same tid as resale and as sale is one deposit', ['resale&tracker.tid=1', 'sale&tracker.tid=1'], ['resale#1', 'resale#1 again: same_transaction']],
  ['a resale stays one with no sale before it', ['resale&tracker.tid=1', 'sale&tracker.tid=2', 'resale&tracker.tid=3'], ['resale#1', 'sale#1', 'resale#2']],
  ['tids are compared byte for byte', ['sale&tracker.tid=Ab', 'sale&tracker.tid=ab', 'sale&tracker.tid=%C3%A1b', 'sale&tracker.tid=a%CC%81b'], ['sale#1', 'resale#1', 'resale#2', 'resale#3']],
  ['but without blanks around them', ['sale&tracker.tid=7', 'sale&tracker.tid=%207%E2%80%8B'], ['sale#1', 'sale#1 again: same_transaction']],
  ['an unusable tid is none', ['sale&tracker.tid=0', 'sale&tracker.tid=-', 'sale&tracker.tid=777_{goal}', 'sale&tracker.tid=null'], ['sale#1', 'sale#1 again: once_per_click', 'sale#1 again: once_per_click', 'sale#1 again: once_per_click']],
  ['the number in sale#2 is ours to give', ['sale%232&tracker.tid=1', 'resale%239&tracker.tid=2'], ['sale#1', 'resale#1']],
  ['a mapped word is the event it leads to', ['ftd', 'sale'], ['sale#1', 'sale#1 again: once_per_click']],
  ['a mapped word shares tids with the event it leads to', ['ftd&tracker.tid=1', 'sale&tracker.tid=1'], ['sale#1', 'sale#1 again: same_transaction']],
  ['a deposit does not use up the registration', ['sale', 'registration'], ['sale#1', 'registration#1']],
];

// prettier-ignore
const WINDOWS: readonly Row[] = [
  ['the same tid-less resale at once is a duplicate', ['resale&tracker.cost=5', 'resale&tracker.cost=5'], ['resale#1', 'resale#1 again: same_request']],
  ['still 29.999 s later', ['resale&tracker.cost=5', '+29.999s resale&tracker.cost=5'], ['resale#1', 'resale#1 again: same_request']],
  ['no more 30 s later', ['resale&tracker.cost=5', '+30s resale&tracker.cost=5'], ['resale#1', 'resale#2']],
  ['the window begins at the accepted one, not at its duplicate', ['resale&a=1', '+20s resale&a=1', '+20s resale&a=1', '+20s resale&a=1'], ['resale#1', 'resale#1 again: same_request', 'resale#2', 'resale#2 again: same_request']],
  ['another parameter value is another request', ['resale&tracker.cost=5', 'resale&tracker.cost=6'], ['resale#1', 'resale#2']],
  ['another order of parameters is the same request', ['resale&a=1&b=2', 'resale&b=2&a=1'], ['resale#1', 'resale#1 again: same_request']],
  ["a tid'd resale counts once per tid, however late", ['resale&tracker.tid=1', '+90000s resale&tracker.tid=1&geo=BR'], ['resale#1', 'resale#1 again: same_transaction']],
  ["tid'd and tid-less resales do not meet", ['resale', 'resale&tracker.tid=1', 'resale'], ['resale#1', 'resale#2', 'resale#1 again: same_request']],
  ['the same custom event at once is a duplicate', ['withdraw&tracker.cost=-5', 'withdraw&tracker.cost=-5', '+30s withdraw&tracker.cost=-5'], ['withdraw#1', 'withdraw#1 again: same_request', 'withdraw#2']],
  ['another custom event counts', ['vstyp1', 'new_postback_event_7', 'vstyp1&a=1'], ['vstyp1#1', 'new_postback_event_7#1', 'vstyp1#2']],
  ['a custom event counts once per tid', ['withdraw&tracker.tid=1', '+60s withdraw&tracker.tid=1', 'withdraw&tracker.tid=2'], ['withdraw#1', 'withdraw#1 again: same_transaction', 'withdraw#2']],
  ['a custom event shares no tids with deposits', ['sale&tracker.tid=1', 'withdraw&tracker.tid=1'], ['sale#1', 'withdraw#1']],
  ['the first deposit of a stream is the sale', ['deposit&tracker.cost=5', 'deposit&tracker.cost=6', 'deposit&tracker.cost=7'], ['sale#1', 'resale#1', 'resale#2']],
  ['the window of a stream looks at the sale too', ['deposit&tracker.cost=5', 'deposit&tracker.cost=5', '+30s deposit&tracker.cost=5', '+29s deposit&tracker.cost=5'], ['sale#1', 'sale#1 again: same_request', 'resale#1', 'resale#1 again: same_request']],
  ['a stream counts once per tid', ['deposit&tracker.tid=1', '+60s deposit&tracker.tid=1', 'deposit&tracker.tid=2', 'sale&tracker.tid=2'], ['sale#1', 'sale#1 again: same_transaction', 'resale#1', 'resale#1 again: same_transaction']],
  ['a stream after a sale brings resales', ['sale&tracker.tid=1', 'deposit&tracker.tid=2'], ['sale#1', 'resale#1']],
  ['a tid-less sale after a stream is no repeated sale', ['deposit&tracker.cost=5', 'sale&tracker.cost=5', 'sale'], ['sale#1', 'resale#1', 'resale#1 again: once_per_click']],
  ['a reversal of nothing is kept aside', ['reversal', 'sale&tracker.tid=1'], ['nothing_to_reverse', 'sale#1']],
];

// prettier-ignore
const WINDOW_ZERO: readonly Row[] = [
  ['every tid-less resale counts', ['resale', 'resale', 'resale'], ['resale#1', 'resale#2', 'resale#3']],
  ['every custom event counts', ['withdraw', 'withdraw'], ['withdraw#1', 'withdraw#2']],
  ['every deposit of a stream counts', ['deposit', 'deposit'], ['sale#1', 'resale#1']],
  ['a tid still counts once', ['resale&tracker.tid=1', 'resale&tracker.tid=1'], ['resale#1', 'resale#1 again: same_transaction']],
  ['a tid-less sale still counts once', ['sale', 'sale'], ['sale#1', 'sale#1 again: once_per_click']],
];

// prettier-ignore
const SET_ASIDE: readonly Row[] = [
  ['a word mapped to ignore', ['hold', 'sale'], ['event_ignored', 'event_not_allowed']],
  ['an event outside the allow-list', ['vstyp1', 'registration'], ['event_not_allowed', 'registration#1']],
  ['a declared word mapped to ignore overrules the event', ['registration&state=hold', 'registration'], ['event_ignored', 'registration#1']],
];

const EVENT_MAP = { ftd: 'sale', deposit: 'sale/resale', hold: 'ignore' };
const INTEGRATIONS = [
  ['once per click', { eventMap: EVENT_MAP }, ONCE_PER_CLICK],
  ['sales', { eventMap: EVENT_MAP }, SALES],
  ['windows', { eventMap: EVENT_MAP }, WINDOWS],
  ['window 0', { eventMap: EVENT_MAP, duplicateWindowSeconds: 0 }, WINDOW_ZERO],
  ['set aside', { eventMap: EVENT_MAP, events: ['registration'], roles: { event: ['state'] } }, SET_ASIDE],
] as const;

describe.each(ADAPTERS)('what counts as one conversion on %s', (adapter) => {
  const clock = new MovableClock();
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter, options: { clock } });
    ledger = ledgerOf(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  describe.each(INTEGRATIONS)('%s', (_, settings, rows) => {
    let crm: Crm;

    beforeAll(async () => {
      crm = await createCrm(application, settings);
    });

    it.each(rows)('%s', async (_name, steps, outcomes) => {
      const clickId = await crm.newClick();
      const seen: string[] = [];
      for (const step of steps) {
        const reply = await sendStep(crm, clock, clickId, step);
        expect(reply.status).toBe(200);
        seen.push(await outcomeOf(application, reply));
      }
      expect(seen).toEqual(outcomes);

      const counted = outcomes.filter((outcome) => /^\S+#\d+$/.test(outcome));
      expect(await ledger.conversionsOf(clickId)).toEqual(counted);
      const events = (await ledger.eventsOf(clickId)).map(({ name, payload }) =>
        name === 'unmatched' ? name : `${name}#${payload['ordinal']}`,
      );
      expect(events).toEqual(
        outcomes.flatMap((outcome) => {
          if (outcome === 'nothing_to_reverse') return ['unmatched'];
          return counted.includes(outcome) ? [outcome] : [];
        }),
      );
    });
  });

  it('remembers under which word a resale was reported', async () => {
    const crm = await createCrm(application);
    const clickId = await crm.newClick();
    await sendStep(crm, clock, clickId, 'sale&tracker.tid=1');
    const reply = await sendStep(crm, clock, clickId, 'SALE&tracker.tid=2');
    expect(await ledger.conversion(reply.body['conversionId'])).toMatchObject({
      event: 'resale',
      reported_event: 'sale',
    });
    const [, second] = await ledger.eventsOf(clickId);
    expect(second).toMatchObject({ name: 'resale', payload: { reportedEvent: 'sale', ordinal: 1 } });
  });

  it('judges history per integration', async () => {
    const [one, other] = [await createCrm(application), await createCrm(application)];
    const clickId = await one.newClick();
    for (const crm of [one, other]) {
      for (const [step, outcome] of [
        ['sale&tracker.tid=1', 'sale#1'],
        ['sale&tracker.tid=1', 'sale#1 again: same_transaction'],
        ['registration', 'registration#1'],
      ] as const) {
        expect(await outcomeOf(application, await sendStep(crm, clock, clickId, step))).toBe(outcome);
      }
    }
    expect((await ledger.conversionsOf(clickId)).sort()).toEqual([
      'registration#1',
      'registration#1',
      'sale#1',
      'sale#1',
    ]);
  });

  it('takes the same parameters by GET, form and JSON for the same request', async () => {
    const crm = await createCrm(application);
    const clickId = await crm.newClick();
    const values = { 'tracker.event': 'resale', clickid: clickId, 'tracker.cost': '5' };
    const bodies = [
      ['application/x-www-form-urlencoded', new URLSearchParams(values).toString()],
      ['application/json', JSON.stringify(values)],
    ] as const;
    expect((await crm.send(new URLSearchParams(values).toString())).body['status']).toBe('accepted');
    for (const [type, body] of bodies) {
      const reply = await crm.send('', { method: 'POST', headers: { 'Content-Type': type }, body });
      expect(reply.body['code']).toBe('same_request');
    }
  });

  it('leaves the secret out of the comparison', async () => {
    const crm = await createCrm(application);
    const { secret } = await application.app.get(TrackerIntegrations).rotateSecret(crm.integrationId);
    const clickId = await crm.newClick();
    const query = `tracker.event=resale&clickid=${clickId}&a=1`;
    const first = await crm.send(`${query}&key=${secret}`);
    const second = await crm.send(query, { headers: { 'X-Tracker-Key': secret } });
    expect([first.body['code'], second.body['code']]).toEqual(['ok', 'same_request']);
  });
});
