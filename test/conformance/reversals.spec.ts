import { TrackerClicks } from 'nestjs-tracker-postbacks';
import { IntakeService } from '../../libs/tracker-postbacks/src/postbacks/intake.service';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from './ledger';
import { MovableClock, outcomeOf, sendStep } from './sequence';

/** Steps, outcomes, events in the order they were recorded, and what is open in the end. */
type Row = readonly [
  name: string,
  steps: readonly string[],
  outcomes: readonly string[],
  events: readonly string[],
  open: readonly string[],
];

const D1 = 'sale&tracker.tid=1&tracker.cost=5';
const D2 = 'resale&tracker.tid=2&tracker.cost=6';
const R1 = 'reversal&tracker.tid=1';

// prettier-ignore
const REVERSALS: readonly Row[] = [
  ['with a tid takes that deposit back', [D1, R1], ['sale#1', 'sale#1'], ['sale#1', 'reversal#1'], []],
  ['with a tid leaves the others alone', [D1, D2, 'reversal&tracker.tid=2'], ['sale#1', 'resale#1', 'resale#1'], ['sale#1', 'resale#1', 'reversal#1'], ['sale#1']],
  ['without a tid takes the only open deposit back', [D1, 'reversal'], ['sale#1', 'sale#1'], ['sale#1', 'reversal#1'], []],
  ['without a tid chooses nothing among several', [D1, D2, 'reversal'], ['sale#1', 'resale#1', 'nothing_to_reverse'], ['sale#1', 'resale#1', 'unmatched'], ['sale#1', 'resale#1']],
  ['without a tid takes no registration back', ['registration', 'reversal'], ['registration#1', 'nothing_to_reverse'], ['registration#1', 'unmatched'], ['registration#1']],
  ['of an unknown tid never takes another', [D1, 'reversal&tracker.tid=9'], ['sale#1', 'nothing_to_reverse'], ['sale#1', 'unmatched'], ['sale#1']],
  ['of a tid prefers the deposit', ['withdraw&tracker.tid=1', D1, R1], ['withdraw#1', 'sale#1', 'sale#1'], ['withdraw#1', 'sale#1', 'reversal#1'], ['withdraw#1']],
  ['of a tid takes another class where no deposit has it', ['withdraw&tracker.tid=1', R1], ['withdraw#1', 'withdraw#1'], ['withdraw#1', 'reversal#1'], []],
  ['with the same tid again is a duplicate', [D1, R1, '+90000s reversal&tracker.tid=1'], ['sale#1', 'sale#1', 'sale#1 again: same_transaction'], ['sale#1', 'reversal#1'], []],
  ['without a tid at once again is a duplicate', [D1, 'reversal', '+29s reversal'], ['sale#1', 'sale#1', 'sale#1 again: same_request'], ['sale#1', 'reversal#1'], []],
  ['that overtook its deposit waits for it', [R1, D1], ['nothing_to_reverse', 'sale#1'], ['unmatched', 'sale#1', 'reversal#1'], []],
  ['that overtook waits past other deposits', [R1, D2, D1], ['nothing_to_reverse', 'resale#1', 'sale#1'], ['unmatched', 'resale#1', 'sale#1', 'reversal#1'], ['resale#1']],
  ['the deposit repeated at once stays taken back', [D1, R1, D1], ['sale#1', 'sale#1', 'sale#1 again: same_transaction'], ['sale#1', 'reversal#1'], []],
  ['the deposit repeated after the window is reinstated', [D1, R1, `+31s ${D1}`], ['sale#1', 'sale#1', 'sale#1'], ['sale#1', 'reversal#1', 'reinstated#1'], ['sale#1']],
  ['a tid-less sale repeated after the window is reinstated', ['sale&tracker.cost=5', 'reversal', '+31s sale&tracker.cost=5'], ['sale#1', 'sale#1', 'sale#1'], ['sale#1', 'reversal#1', 'reinstated#1'], ['sale#1']],
  ['a sale with another tid after it is a sale again, with the next number', [D1, R1, 'sale&tracker.tid=3'], ['sale#1', 'sale#1', 'sale#2'], ['sale#1', 'reversal#1', 'sale#2'], ['sale#2']],
  ['does not make a resale the sale', [D1, D2, R1], ['sale#1', 'resale#1', 'sale#1'], ['sale#1', 'resale#1', 'reversal#1'], ['resale#1']],
];

describe.each(ADAPTERS)('a reversal on %s', (adapter) => {
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

  /** What overtook is judged again after the commit of what it waited for. */
  async function eventsOf(clickId: string): Promise<string[]> {
    await application.app.get(IntakeService).settled();
    const events = await ledger.eventsOf(clickId);
    return events.map(({ name, payload }) => (name === 'unmatched' ? name : `${name}#${payload['ordinal']}`));
  }

  it.each(REVERSALS)('%s', async (_, steps, outcomes, events, open) => {
    const clickId = await crm.newClick();
    const seen: string[] = [];
    for (const step of steps) {
      const reply = await sendStep(crm, clock, clickId, step);
      expect(reply.status).toBe(200);
      seen.push(await outcomeOf(application, reply));
    }
    expect(seen).toEqual(outcomes);
    expect(await eventsOf(clickId)).toEqual(events);
    const left = await ledger.query(
      `SELECT event, ordinal FROM tracker_conversions
       WHERE click_id = $1 AND reversed_at IS NULL AND voided_at IS NULL ORDER BY received_at, id`,
      [clickId],
    );
    expect(left.map(({ event, ordinal }) => `${event}#${ordinal}`)).toEqual(open);
  });

  it('never crosses integrations', async () => {
    const other = await createCrm(application);
    const clickId = await crm.newClick();
    await sendStep(crm, clock, clickId, D1);
    expect((await sendStep(other, clock, clickId, R1)).body['code']).toBe('nothing_to_reverse');
  });

  it('that arrived before its click waits for both', async () => {
    const clickId = `own-${Math.random().toString(36).slice(2)}-${adapter}`;
    for (const step of [R1, D1]) {
      expect((await sendStep(crm, clock, clickId, step)).body['code']).toBe('click_unknown');
    }
    await application.app.get(TrackerClicks).register({ clickId, chatId: 'chat' });
    const events = await eventsOf(clickId);
    expect(events.filter((name) => name !== 'unmatched')).toEqual(['sale#1', 'reversal#1']);
  });
});
