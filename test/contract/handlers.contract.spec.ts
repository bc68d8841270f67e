import { randomUUID } from 'node:crypto';
import {
  CATCH_UP_PAGE,
  type HandlerRegistration,
} from '../../libs/tracker-postbacks/src/events/handler-store';
import { ENGINES } from '../setup/engines';
import { type DeliveryProcess, type DeliveryWorld, startDeliveries } from './deliveries.fixture';
import { holdRecording } from './held-lock';

interface KeptHandler {
  readonly events: string;
  readonly first: number;
  readonly last: number;
  readonly signedOff: boolean;
  readonly retired: boolean;
}

const handler = (
  name: string,
  from: HandlerRegistration['from'] = 'now',
  ...targets: readonly string[]
): HandlerRegistration => ({ name, from, targets: targets.length === 0 ? ['*'] : targets });

/** What every database has to do with the handlers that are kept. */
describe.each(ENGINES)('the handler store on %s', (engine) => {
  let world: DeliveryWorld;
  let name: string;

  beforeAll(async () => {
    world = await startDeliveries(engine);
  });
  beforeEach(() => {
    name = `handler-${randomUUID()}`;
  });
  afterAll(() => world.stop());

  const kept = async (of = name): Promise<KeptHandler | null> => {
    const [row] = await world.sql('SELECT * FROM tracker_handlers WHERE name = $1', of);
    return row === undefined
      ? null
      : {
          events: String(row['events']),
          first: Number(row['first_registered_at']),
          last: Number(row['last_registered_at']),
          signedOff: row['signed_off_at'] !== null,
          retired: row['retired_at'] !== null,
        };
  };
  const given = async (of = name): Promise<readonly string[]> =>
    (
      await world.sql('SELECT event_seq FROM tracker_deliveries WHERE handler = $1 ORDER BY event_seq', of)
    ).map(({ event_seq: seq }) => String(seq));
  const catchUp = async ({ handlers }: DeliveryProcess, of = name): Promise<number> => {
    for (let pages = 1; ; pages++) if (await handlers.catchUp(of)) return pages;
  };
  /** As an hour of silence leaves it. */
  const age = (): Promise<unknown> =>
    world.sql(
      'UPDATE tracker_handlers SET first_registered_at = 1, last_registered_at = 2 WHERE name = $1',
      name,
    );
  const retire = (): Promise<unknown> =>
    world.sql(`UPDATE tracker_handlers SET retired_at = 3, events = ' ' WHERE name = $1`, name);

  it('gives the first handlers ever every event that is kept, and later ones what comes from then on', async () => {
    // The first test of this world: no handler was known before.
    const early = [await world.newEvent(world.newClick()), await world.newEvent(world.newClick(), 'conf')];
    const [first, second] = [`${name}-a`, `${name}-b`];
    expect(await world.one.handlers.enrol([handler(first), handler(second, 'now', 'conf')])).toEqual([
      first,
      second,
    ]);
    await catchUp(world.one, first);
    await catchUp(world.one, second);
    expect(await given(first)).toEqual(early);
    expect(await given(second)).toEqual([early[1]]);

    expect(await world.one.handlers.enrol([handler(name)])).toEqual([]);
    expect(await given()).toEqual([]);
  });

  it('keeps when a handler was registered first and last, and what it listens to now', async () => {
    await world.one.handlers.enrol([handler(name, 'now', 'sale', 'resale#2')]);
    const before = await kept();
    expect(before).toMatchObject({ events: ' sale resale#2 ', signedOff: false, retired: false });
    expect(Math.abs((before?.first ?? 0) - Date.now())).toBeLessThan(60_000);
    await age();
    await world.other.handlers.enrol([handler(name, 'now', 'sale', 'resale#2')]);
    expect(await kept()).toMatchObject({ first: 1, events: ' sale resale#2 ' });
    expect((await kept())?.last).toBeGreaterThan(2);
    await world.other.handlers.enrol([handler(name, 'now', 'conf')]);
    expect(await kept()).toMatchObject({ first: 1, events: ' conf ' });
  });

  it('takes registrations of several processes at once', async () => {
    const names = [`${name}-1`, `${name}-2`, `${name}-3`];
    await Promise.all(
      [world.one, world.other, world.one, world.other].map(({ handlers }) =>
        handlers.enrol(names.map((one) => handler(one))),
      ),
    );
    const rows = await world.sql('SELECT name FROM tracker_handlers WHERE name LIKE $1', `${name}-%`);
    expect(rows.map((row) => row['name']).toSorted()).toEqual(names);
  });

  it('knows names byte by byte', async () => {
    const names = [`${name}A`, `${name}a`, `${name}á`];
    await world.one.handlers.enrol(names.map((one) => handler(one)));
    expect(await world.one.handlers.touch([...names, `${name}Á`])).toEqual([`${name}Á`]);
  });

  it('waits for what is being recorded, so that no event falls between', async () => {
    const held = await holdRecording(engine, world.host);
    const click = world.newClick();
    const enrolled = world.one.handlers.enrol([handler(name, 'beginning')]);
    await held.waiting(1);
    const seq = String(10_000_000 + Math.floor(Math.random() * 1_000_000));
    await held.also(
      `INSERT INTO tracker_events (id, seq, tenant_id, name, ordinal, click_seq, postback_id, payload, created_at)
       VALUES ($1, $2, 'default', 'sale', 1, $3, $4, '{}', 0)`,
      randomUUID(),
      seq,
      click,
      randomUUID(),
    );
    await held.release();
    expect(await enrolled).toEqual([name]);
    await catchUp(world.one);
    expect(await given()).toContain(seq);
    await world.sql('DELETE FROM tracker_events WHERE seq = $1', seq);
  });

  it('catches up page by page, each event once, with several processes at it and one of them gone', async () => {
    const marked = `marked${randomUUID().slice(0, 8)}`;
    const seqs: string[] = [];
    for (let n = 0; n < 40; n++)
      seqs.push(await world.newEvent(world.newClick(), n % 4 === 0 ? 'conf' : marked));
    // More than a page of events that are not for it.
    const [last] = await world.sql('SELECT max(seq) AS seq FROM tracker_events');
    const from = Number(last?.['seq']);
    for (let start = 1; start <= 2 * CATCH_UP_PAGE; start += 500) {
      const rows = Array.from({ length: 500 }, (_, n) => from + start + n);
      await world.sql(
        `INSERT INTO tracker_events (id, seq, tenant_id, name, postback_id, payload, created_at) VALUES ${rows
          .map((seq) => `('${randomUUID()}', ${seq}, 'default', 'other', '${randomUUID()}', '{}', 0)`)
          .join(', ')}`,
      );
    }
    await world.sql('UPDATE tracker_events SET erased_at = 1 WHERE seq = $1', seqs[1]);
    expect(await world.one.handlers.enrol([handler(name, 'beginning', marked)])).toEqual([name]);
    await world.one.handlers.catchUp(name);
    // The one who began is gone; others find where it was, and nobody need be told.
    expect(await world.other.handlers.enrol([handler(name, 'beginning', marked)])).toEqual([name]);
    await Promise.all([catchUp(world.other), catchUp(world.one)]);
    expect(await given()).toEqual(seqs.filter((_, n) => n % 4 !== 0 && n !== 1));
    expect(await world.other.handlers.enrol([handler(name, 'beginning', marked)])).toEqual([]);
    await world.sql(`DELETE FROM tracker_events WHERE name = 'other'`);
  });

  it('hands out the n-th of an event by its number', async () => {
    const click = world.newClick();
    await world.newEvent(click, 'resale', 1);
    const second = await world.newEvent(click, 'resale', 2);
    await world.newEvent(click, 'resale', 22);
    await world.newEvent(click, 'resale2', 2);
    await world.one.handlers.enrol([handler(name, 'beginning', 'resale#2')]);
    await catchUp(world.one);
    expect(await given()).toEqual([second]);
  });

  it('says again that a process has a handler, without changing what it listens to', async () => {
    await world.one.handlers.enrol([handler(name, 'now', 'sale')]);
    await world.one.handlers.signOff([name]);
    await age();
    expect((await kept())?.signedOff).toBe(true);
    expect(await world.other.handlers.touch([name, 'nobody-has-it'])).toEqual(['nobody-has-it']);
    expect(await kept()).toMatchObject({ first: 1, events: ' sale ', signedOff: false });
    expect((await kept())?.last).toBeGreaterThan(2);
  });

  it('ends what is pending for a retired handler, and nothing else', async () => {
    await world.one.handlers.enrol([handler(name)]);
    const other = `${name}-other`;
    const click = world.newClick();
    const ids = [await world.pending(click, name, other), await world.pending(click, name)];
    await world.sql(
      'UPDATE tracker_deliveries SET attempts = 2, errors = $1 WHERE id = $2',
      JSON.stringify([{ attempt: 1, at: '', message: 'a "quoted" one' }]),
      ids[0],
    );
    expect(await world.one.handlers.retiredWithWork()).not.toContain(name);
    await retire();
    expect(await world.one.handlers.retiredWithWork()).toEqual([name]);
    await world.one.handlers.endRetired(name, 1, '2026-11-21T09:30:00.000Z');
    await world.one.handlers.endRetired(name, 1, '2026-11-21T09:30:00.000Z');
    expect(await world.one.handlers.retiredWithWork()).toEqual([]);
    const message = 'Its handler was retired.';
    expect(await world.row(ids[0] ?? '')).toMatchObject({
      status: 'done',
      isFinished: true,
      errors: [{ message: 'a "quoted" one' }, { attempt: 2, at: '2026-11-21T09:30:00.000Z', message }],
    });
    expect(await world.row(ids[1] ?? '')).toMatchObject({
      status: 'done',
      errors: [{ attempt: 0, message }],
    });
    const [untouched] = await world.sql('SELECT status FROM tracker_deliveries WHERE handler = $1', other);
    expect(untouched).toEqual({ status: 'pending' });
  });

  it('knows a retired handler as a new one when it comes back, and as known for the question who was first', async () => {
    await world.one.handlers.enrol([handler(name, 'beginning')]);
    await catchUp(world.one);
    const before = (await given()).length;
    await age();
    await retire();
    expect(await world.one.handlers.touch([name])).toEqual([name]);
    await world.newEvent(world.newClick());
    expect(await world.one.handlers.enrol([handler(name, 'now', 'sale')])).toEqual([]);
    expect(await kept()).toMatchObject({ events: ' sale ', retired: false });
    expect((await kept())?.first).toBeGreaterThan(1);
    expect(await given()).toHaveLength(before);
  });
});
