import { type HandlerStore } from '../../libs/tracker-postbacks/src/events/handler-store';
import { handlerStore } from '../../libs/tracker-postbacks/src/events/handler-store.factory';
import { ENGINES } from '../setup/engines';
import { holdClick } from './held-lock';
import {
  batch,
  type Click,
  eventRow,
  merged,
  nameClick,
  postbackRow,
  recording,
  startStores,
  type StoreWorld,
} from './store.fixture';

/** Two processes that write at the same time. */
describe.each(ENGINES)('the postback store on %s, with two writers', (engine) => {
  let world: StoreWorld;

  beforeAll(async () => {
    world = await startStores(engine);
  });
  afterAll(() => world.stop());

  const ofBoth = () => [world.one.store, world.other.store] as const;
  const historyOf = async (click: Click) => (await world.load(click)).history ?? [];

  it('lets one of two win that judged on the same revision, and nothing of the other is stored', async () => {
    for (let round = 0; round < 8; round++) {
      const click = await world.newClick();
      const batches = [recording(click, 0), recording(click, 0)] as const;
      const lock = await holdClick(engine, world.host, click.seq);
      const writes = ofBoth().map((store, index) => store.write(batches[index] ?? batches[0]));
      await lock.waiting(2);
      await lock.release();
      const wins = (await Promise.all(writes)).map(({ won }) => won.size);
      expect(wins.toSorted()).toEqual([0, 1]);
      const winner = batches[wins.indexOf(1)];
      expect((await historyOf(click)).map(({ id }) => id)).toEqual([winner?.conversions[0]?.id]);
      const rows = await world.one.store.storedAny(
        batches.flatMap(({ postbacks }) => postbacks.map(({ id }) => id)),
      );
      expect(rows.map(({ id }) => id)).toEqual([winner?.postbacks[0]?.id]);
      expect(await world.count('tracker_events', 'click_seq = $1', click.seq)).toBe(1);
      expect((await world.load(click)).revision).toBe(1);
    }
  });

  it('records every conversion once when two count up one click as fast as they can', async () => {
    const click = await world.newClick();
    const each = 40;
    const countUp = async (store: StoreWorld['one']['store'], name: string): Promise<void> => {
      for (let n = 0; n < each;) {
        const { revision, history } = await world.load(click, { ...world.one, store });
        const ordinal = Math.max(0, ...(history ?? []).map((past) => past.ordinal)) + 1;
        const { won } = await store.write(
          recording(click, revision, { event: 'vip', ordinal, tid: `${name}${n}`, tid_key: `${name}${n}` }),
        );
        if (won.has(click.seq)) n++;
      }
    };
    await Promise.all(ofBoth().map((store, index) => countUp(store, `w${index}-`)));
    expect((await historyOf(click)).map(({ ordinal }) => ordinal).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 2 * each }, (_, n) => n + 1),
    );
    expect((await world.load(click)).revision).toBe(2 * each);
    const events = await world.sql(
      'SELECT ordinal FROM tracker_events WHERE click_seq = $1 ORDER BY seq',
      click.seq,
    );
    expect(events.map(({ ordinal }) => Number(ordinal))).toEqual(
      Array.from({ length: 2 * each }, (_, n) => n + 1),
    );
  });

  it('never deadlocks, in whatever order two batches name the same clicks', async () => {
    await world.newHandler('everything', '*');
    const clicks: Click[] = [];
    for (let n = 0; n < 24; n++) clicks.push(await world.newClick());
    const revisions = new Map(clicks.map(({ seq }) => [seq, 0]));
    for (let round = 0; round < 60; round++) {
      // Half of the clicks are changed and half of them only named, the other way round in the other batch.
      const batches = [0, 1].map((who) => {
        const ordered = who === 0 ? clicks : clicks.toReversed();
        return merged(
          ...ordered.map((click, at) =>
            at % 2 === 0
              ? recording(click, revisions.get(click.seq) ?? 0, {
                  event: `round${round}`,
                  tid: `${round}`,
                  tid_key: `${round}/${who}`,
                })
              : batch({
                  postbacks: [postbackRow(nameClick(click))],
                  events: [eventRow(null, { name: 'unmatched' })],
                }),
          ),
        );
      });
      const results = await Promise.all(
        ofBoth().map((store, index) => store.write(batches[index] ?? batch({}))),
      );
      for (const { won } of results) {
        for (const seq of won) revisions.set(seq, (revisions.get(seq) ?? 0) + 1);
      }
      expect(results.reduce((sum, { won }) => sum + won.size, 0)).toBe(24);
      expect(results.map(({ kept }) => kept.size)).toEqual([12, 12]);
    }
    await world.sql(`DELETE FROM tracker_handlers WHERE name = 'everything'`);
  });

  it('never deadlocks when the same clicks are won in opposite orders', async () => {
    const clicks: Click[] = [];
    for (let n = 0; n < 16; n++) clicks.push(await world.newClick());
    for (let round = 0; round < 60; round++) {
      const batches = [clicks, clicks.toReversed()].map((ordered) =>
        merged(...ordered.map((click) => recording(click, round, { event: `round${round}` }))),
      );
      const [one, other] = await Promise.all(
        ofBoth().map((store, index) => store.write(batches[index] ?? batch({}))),
      );
      expect([one?.won.size, other?.won.size].toSorted()).toEqual([0, 16]);
    }
  });

  it('claims what is due for one of two processes', async () => {
    const rows = Array.from({ length: 60 }, () =>
      postbackRow({ status: 'deferred', code: 'judging_failed', retry_in: -1_000 }),
    );
    await world.one.store.write(batch({ postbacks: rows }));
    const claimed: string[] = [];
    for (let round = 0; round < 10; round++) {
      for (const ids of await Promise.all(ofBoth().map((store) => store.claimRetries(7))))
        claimed.push(...ids);
    }
    expect(claimed.toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
  });

  describe('and a handler that is registered meanwhile', () => {
    const handlersOf = ({ database }: StoreWorld['one']): HandlerStore => handlerStore(world.host, database);

    it('leaves no event between what the batch hands out and what the handler catches up on', async () => {
      const click = await world.newClick();
      const written = recording(click, 0);
      const handlers = handlersOf(world.other);
      await handlers.enrol([{ name: 'known', targets: ['conf'], from: 'now' }]);
      const lock = await holdClick(engine, world.host, click.seq);
      // The batch holds up the registration before it has anything of the click.
      const write = world.one.store.write(written);
      await lock.waiting(1);
      const enrolled = handlers.enrol([{ name: 'late', targets: ['*'], from: 'beginning' }]);
      await lock.waiting(2);
      await lock.release();
      await Promise.all([write, enrolled]);
      while (!(await handlers.catchUp('late')));
      expect(
        await world.count('tracker_deliveries', `handler = 'late' AND event_id = $1`, written.events[0]?.id),
      ).toBe(1);
    });

    it('gives it every event of a batch that begins after the registration', async () => {
      const handlers = handlersOf(world.other);
      let registered = false;
      const expected: string[] = [];
      const record = async (event: string): Promise<void> => {
        for (let revision = 0; !registered || expected.length < 5; revision++) {
          const name = `${event}${revision}`;
          const written = batch({ events: [eventRow(null, { name })] });
          if (registered) expected.push(written.events[0]?.id ?? '');
          await world.one.store.write(written);
        }
      };
      await Promise.all([
        record('a'),
        record('b'),
        handlers.enrol([{ name: 'new', targets: ['*'], from: 'now' }]).then(() => {
          registered = true;
        }),
      ]);
      const given = await world.sql(`SELECT event_id FROM tracker_deliveries WHERE handler = 'new'`);
      expect(given.map(({ event_id: id }) => id)).toEqual(expect.arrayContaining(expected));
    });
  });

  describe('while somebody else has the click', () => {
    it('waits for an erasure, and leaves out what it erased', async () => {
      const click = await world.newClick();
      const rows = [postbackRow(nameClick(click)), postbackRow()];
      const lock = await holdClick(engine, world.host, click.seq);
      const writes = [
        world.one.store.write(batch({ postbacks: rows })),
        world.other.store.write(recording(click, 0)),
      ] as const;
      await lock.waiting(2);
      await lock.also(
        'UPDATE tracker_clicks SET erased_at = 1, revision = revision + 1 WHERE seq = $1',
        click.seq,
      );
      await lock.release();
      const [named, changed] = await Promise.all(writes);
      expect([...named.kept, ...changed.won]).toEqual([]);
      expect(await world.count('tracker_postbacks', 'click_seq = $1', click.seq)).toBe(0);
      expect(await world.one.store.storedAny(rows.map(({ id }) => id))).toMatchObject([{ id: rows[1]?.id }]);
      expect(await world.load(click)).toMatchObject({ erased: true, revision: 1 });
    });

    it('waits for a merge of chats, and leaves out what names the old one', async () => {
      const click = await world.newClick();
      const row = postbackRow(nameClick(click));
      const lock = await holdClick(engine, world.host, click.seq);
      const write = world.one.store.write(batch({ postbacks: [row] }));
      await lock.waiting(1);
      await lock.also(`UPDATE tracker_clicks SET chat_id = 'merged' WHERE seq = $1`, click.seq);
      await lock.release();
      expect((await write).kept.size).toBe(0);
      expect(await world.one.store.storedAny([row.id])).toEqual([]);
    });

    it('goes on with its own once the other one gave up', async () => {
      const click = await world.newClick();
      const lock = await holdClick(engine, world.host, click.seq);
      const write = world.one.store.write(recording(click, 0));
      await lock.waiting(1);
      await lock.release();
      expect((await write).won).toEqual(new Set([click.seq]));
    });
  });

  it('judges a stored row again once when two processes try', async () => {
    for (let round = 0; round < 20; round++) {
      const [click, another] = [await world.newClick(), await world.newClick()];
      const row = postbackRow({ status: 'unmatched', code: 'click_unknown', click_id: 'x' });
      await world.one.store.write(batch({ postbacks: [row] }));
      // One of them found another click for it than the other: only the row itself tells that it is taken.
      const batches = [click, another].map((found) => {
        const written = recording(found, 0, { postback_id: row.id });
        return {
          ...written,
          postbacks: written.postbacks.map((one) => ({ ...one, expected: 'unmatched' as const })),
        };
      });
      const results = await Promise.all(
        ofBoth().map((store, index) => store.write(batches[index] ?? batch({}))),
      );
      expect(results.map(({ won }) => won.size).toSorted()).toEqual([0, 1]);
      expect([...(await historyOf(click)), ...(await historyOf(another))]).toHaveLength(1);
    }
  });
});
