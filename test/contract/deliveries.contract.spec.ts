import { randomUUID } from 'node:crypto';
import {
  MAX_CRASHES,
  SETTLED_MS,
  SUSPICIOUS_CRASHES,
} from '../../libs/tracker-postbacks/src/events/delivery-store.types';
import { ENGINES } from '../setup/engines';
import { claim, type DeliveryWorld, idsOf, LEASE_MS, result, startDeliveries } from './deliveries.fixture';

const error = (message: string) => ({ attempt: 1, at: '2026-11-21T09:30:00.000Z', message });

/** What every database has to do with deliveries. */
describe.each(ENGINES)('the delivery store on %s', (engine) => {
  let world: DeliveryWorld;
  let handler: string;

  beforeAll(async () => {
    world = await startDeliveries(engine);
  });
  beforeEach(() => {
    handler = `handler-${randomUUID()}`;
  });
  afterAll(() => world.stop());

  const expire = (id: string): Promise<unknown> =>
    world.sql('UPDATE tracker_deliveries SET lease_until = 1 WHERE id = $1', id);
  const makeDue = (id: string): Promise<unknown> =>
    world.sql('UPDATE tracker_deliveries SET due_at = 1 WHERE id = $1', id);

  describe('claiming', () => {
    it('takes a due delivery under a lease, with its event', async () => {
      const id = await world.pending(world.newClick(), handler);
      const { deliveries, heldBack } = await claim(world.one, handler);
      expect(heldBack).toBe(0);
      expect(deliveries).toEqual([
        {
          id,
          token: expect.any(String),
          handler,
          attempt: 1,
          crashes: 0,
          eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          eventSeq: expect.stringMatching(/^\d+$/),
          name: 'sale',
          payload: '{}',
          erased: false,
          errors: [],
        },
      ]);
      const row = await world.row(id);
      expect(row).toMatchObject({ status: 'pending', attempts: 1, token: deliveries[0]?.token });
      expect((row.leaseUntil ?? 0) - Date.now()).toBeGreaterThan(LEASE_MS - 3_000);
    });

    it('gives one delivery to one process only', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 40; n++) ids.push(await world.pending(world.newClick(), handler));
      const claims = await Promise.all(
        [world.one, world.other, world.one, world.other, world.one, world.other].map((process) =>
          claim(process, handler, 20),
        ),
      );
      for (;;) {
        // Rows that one claim had locked were passed over by the others.
        const rest = await claim(world.other, handler, 20);
        if (rest.deliveries.length === 0) break;
        claims.push(rest);
      }
      expect(claims.flatMap(idsOf).toSorted()).toEqual(ids.toSorted());
    });

    it('leaves alone what is not due, not of the handlers asked for, or held by somebody', async () => {
      const elsewhere = `${handler}-elsewhere`;
      const later = await world.pending(world.newClick(), handler);
      await world.sql('UPDATE tracker_deliveries SET due_at = $1 WHERE id = $2', Date.now() + 60_000, later);
      await world.pending(world.newClick(), elsewhere);
      const held = await world.pending(world.newClick(), handler);
      expect(idsOf(await claim(world.one, handler))).toEqual([held]);
      expect(idsOf(await claim(world.other, handler))).toEqual([]);
    });

    it('knows handlers byte by byte', async () => {
      const names = [`${handler}A`, `${handler}a`, `${handler}á`, `${handler}Ａ`];
      const ids = new Map<string, string>();
      for (const name of names) ids.set(name, await world.pending(world.newClick(), name));
      for (const name of names) expect(idsOf(await claim(world.one, name))).toEqual([ids.get(name)]);
    });

    it('serves several handlers at once, each for its own places', async () => {
      const second = `${handler}-second`;
      for (let n = 0; n < 4; n++) await world.pending(world.newClick(), handler, second);
      const { deliveries } = await world.one.deliveries.claim(
        [
          { handler, places: 3, since: 0 },
          { handler: second, places: 1, since: 0 },
        ],
        { token: randomUUID(), leaseMs: LEASE_MS, look: 4, alone: false, recheckMs: 1_000 },
      );
      expect(deliveries.map((one) => one.handler).toSorted()).toEqual([handler, handler, handler, second]);
    });

    it('answers deliveries in the order of recording', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) ids.push(await world.pending(world.newClick(), handler));
      for (const [n, id] of ids.entries())
        await world.sql('UPDATE tracker_deliveries SET due_at = $1 WHERE id = $2', 10 - n, id);
      expect(idsOf(await claim(world.one, handler))).toEqual(ids);
    });

    it('tells where the next claim may begin: nothing that could run is before it', async () => {
      const due = async (id: string, at: number): Promise<unknown> =>
        world.sql('UPDATE tracker_deliveries SET due_at = $1 WHERE id = $2', at, id);
      const ids: string[] = [];
      for (let n = 0; n < 6; n++) {
        ids.push(await world.pending(world.newClick(), handler));
        await due(ids[n] ?? '', 1_000 + n);
      }
      // The first of those that found no place; the last one of those looked at; or all there is.
      const first = await claim(world.one, handler, 1, { look: 3 });
      expect(first.next).toEqual(new Map([[handler, 1_001]]));
      const second = await claim(world.one, handler, 3, { look: 3 }, 1_001);
      expect(idsOf(second)).toEqual(ids.slice(1, 4));
      expect(second.next).toEqual(new Map([[handler, 1_003]]));
      await due(ids[5] ?? '', 1_002);
      const third = await claim(world.one, handler, 3, { look: 3 }, 1_003);
      expect(idsOf(third)).toEqual(ids.slice(4, 5));
      const next = third.next.get(handler) ?? 0;
      expect(Math.abs(Date.now() - SETTLED_MS - next)).toBeLessThan(5_000);
      expect(idsOf(await claim(world.one, handler, 3, {}, next))).toEqual([]);
      expect(idsOf(await claim(world.one, handler))).toEqual([ids[5]]);
    });

    it('says when everything personal was taken out of the event', async () => {
      const id = await world.pending(world.newClick(), handler);
      await world.sql(
        `UPDATE tracker_events SET erased_at = 1
         WHERE id = (SELECT event_id FROM tracker_deliveries WHERE id = $1)`,
        id,
      );
      expect((await claim(world.one, handler)).deliveries).toMatchObject([{ id, erased: true }]);
    });
  });

  describe('a lease', () => {
    it('that ran out is taken over, and the late writes of the one who had it are refused', async () => {
      const id = await world.pending(world.newClick(), handler);
      const [paused] = (await claim(world.one, handler)).deliveries;
      await expire(id);
      const [taken] = (await claim(world.other, handler)).deliveries;
      expect(taken).toMatchObject({ id, attempt: 2, crashes: 1 });
      if (paused === undefined || taken === undefined) throw new Error('Nothing was claimed.');

      const before = await world.row(id);
      expect(await world.one.deliveries.renew([paused], LEASE_MS)).toEqual([]);
      expect(await world.one.deliveries.finish([result(paused)])).toEqual({ saved: [], freed: 0 });
      expect(
        await world.one.deliveries.finish([result(paused, { status: 'parked', errors: [error('late')] })]),
      ).toEqual({ saved: [], freed: 0 });
      await world.one.deliveries.release([paused]);
      expect({ ...(await world.row(id)), dueIn: 0 }).toEqual({ ...before, dueIn: 0 });

      expect(await world.other.deliveries.finish([result(taken)])).toEqual({ saved: [id], freed: 0 });
      expect(await world.row(id)).toMatchObject({
        status: 'done',
        crashes: 0,
        token: null,
        isFinished: true,
      });
    });

    it('is renewed by its holder', async () => {
      const id = await world.pending(world.newClick(), handler);
      const { deliveries } = await claim(world.one, handler);
      await world.sql('UPDATE tracker_deliveries SET lease_until = $1 WHERE id = $2', Date.now() + 100, id);
      expect(await world.one.deliveries.renew(deliveries, LEASE_MS)).toEqual([id]);
      expect(((await world.row(id)).leaseUntil ?? 0) - Date.now()).toBeGreaterThan(LEASE_MS - 3_000);
    });

    it('that is given back leaves no trace of an attempt', async () => {
      const id = await world.pending(world.newClick(), handler);
      await world.one.deliveries.release((await claim(world.one, handler)).deliveries);
      expect(await world.row(id)).toMatchObject({ attempts: 0, crashes: 0, token: null, leaseUntil: null });
      expect((await claim(world.other, handler)).deliveries).toMatchObject([{ id, attempt: 1 }]);
    });

    it('counts how often in a row nobody wrote the end of an attempt, and begins no attempt after too many', async () => {
      const id = await world.pending(world.newClick(), handler);
      for (let crash = 0; crash <= MAX_CRASHES; crash++) {
        const alone = crash >= SUSPICIOUS_CRASHES;
        expect((await claim(world.one, handler, 1, { alone })).deliveries).toMatchObject([
          { id, crashes: crash, attempt: Math.min(crash + 1, MAX_CRASHES) },
        ]);
        await expire(id);
      }
    });

    it('of what crashed too often for an accident is had alone, and of nothing else then', async () => {
      const suspects = [
        await world.pending(world.newClick(), handler),
        await world.pending(world.newClick(), handler),
      ];
      for (let crash = 0; crash < SUSPICIOUS_CRASHES; crash++) {
        expect(idsOf(await claim(world.one, handler))).toEqual(suspects);
        for (const id of suspects) await expire(id);
      }
      const [sound, other] = [
        await world.pending(world.newClick(), handler),
        await world.pending(world.newClick(), handler),
      ];

      const one = await claim(world.one, handler, 1);
      expect({ ids: idsOf(one), suspected: one.suspected }).toEqual({ ids: [sound], suspected: [handler] });
      // The next claim begins where the first suspect was due.
      const first = await claim(world.one, handler, 1, { alone: true }, one.next.get(handler));
      expect({ ids: idsOf(first), suspected: first.suspected }).toEqual({
        ids: suspects.slice(0, 1),
        suspected: [handler],
      });
      const rest = await claim(world.one, handler, 100, {}, first.next.get(handler));
      expect({ ids: idsOf(rest), suspected: rest.suspected }).toEqual({ ids: [other], suspected: [handler] });
      const last = await claim(world.one, handler, 1, { alone: true }, rest.next.get(handler));
      expect({ ids: idsOf(last), suspected: last.suspected }).toEqual({
        ids: suspects.slice(1),
        suspected: [],
      });
      for (const alone of [true, false]) {
        const none = await claim(world.other, handler, 100, { alone });
        expect({ ids: idsOf(none), suspected: none.suspected }).toEqual({ ids: [], suspected: [] });
      }
    });

    it('counts anew once an attempt ended, whichever way', async () => {
      const id = await world.pending(world.newClick(), handler);
      await claim(world.one, handler);
      await expire(id);
      const [second] = (await claim(world.one, handler)).deliveries;
      expect(second).toMatchObject({ crashes: 1 });
      if (second === undefined) throw new Error('Nothing was claimed.');
      await world.one.deliveries.finish([result(second, { status: 'pending', errors: [error('thrown')] })]);
      expect((await claim(world.one, handler)).deliveries).toMatchObject([{ id, crashes: 0, attempt: 3 }]);
    });

    it('keeps the count of what is given back', async () => {
      const id = await world.pending(world.newClick(), handler);
      await claim(world.one, handler);
      await expire(id);
      await world.one.deliveries.release((await claim(world.one, handler)).deliveries);
      expect((await claim(world.one, handler)).deliveries).toMatchObject([{ id, crashes: 1, attempt: 2 }]);
    });
  });

  describe('the end of an attempt', () => {
    it('is written with its errors, and with when it is due again', async () => {
      const id = await world.pending(world.newClick(), handler);
      const [claimed] = (await claim(world.one, handler)).deliveries;
      if (claimed === undefined) throw new Error('Nothing was claimed.');
      const odd = error('a "quote", a \\ and \u0000, an emoji 🎉 and half a one \ud83c');
      await world.one.deliveries.finish([
        result(claimed, { status: 'pending', retryIn: 60_000, errors: [error('first'), odd] }),
      ]);
      const row = await world.row(id);
      expect(row).toMatchObject({ status: 'pending', attempts: 1, token: null, isFinished: false });
      expect(row.errors?.map(({ message }) => message.slice(0, 5))).toEqual(['first', 'a "qu']);
      expect(row.dueIn).toBeGreaterThan(55_000);
      expect(idsOf(await claim(world.one, handler))).toEqual([]);
      await makeDue(id);
      expect((await claim(world.one, handler)).deliveries[0]?.errors).toHaveLength(2);
    });

    it('of several is written for those whose claim was the last one', async () => {
      const [lost, kept] = [
        await world.pending(world.newClick(), handler),
        await world.pending(world.newClick(), handler),
      ];
      const { deliveries } = await claim(world.one, handler);
      await expire(lost);
      await claim(world.other, handler);
      const { saved } = await world.one.deliveries.finish(deliveries.map((one) => result(one)));
      expect(saved).toEqual([kept]);
      expect((await world.row(lost)).status).toBe('pending');
    });
  });

  describe('order within a click', () => {
    it('lets only the earliest unfinished delivery of a click and handler run', async () => {
      const click = world.newClick();
      const [first, second, third] = [
        await world.pending(click, handler),
        await world.pending(click, handler),
        await world.pending(click, handler),
      ];
      for (const expected of [first, second, third]) {
        const { deliveries } = await claim(world.one, handler);
        expect(deliveries.map(({ id }) => id)).toEqual([expected]);
        expect(idsOf(await claim(world.other, handler))).toEqual([]);
        await world.one.deliveries.finish(deliveries.map((one) => result(one)));
      }
    });

    it('puts those that wait off: for a moment behind one under way, for long behind one that waits itself', async () => {
      const click = world.newClick();
      const [, second, third] = [
        await world.pending(click, handler),
        await world.pending(click, handler),
        await world.pending(click, handler),
      ];
      expect((await claim(world.one, handler)).heldBack).toBe(2);
      expect((await world.row(second)).dueIn).toBeLessThanOrEqual(1_000);
      // Behind the second, which was due when the third was looked at.
      expect((await world.row(third)).dueIn).toBeLessThanOrEqual(1_000);
      await makeDue(third);
      expect((await claim(world.one, handler)).heldBack).toBe(1);
      expect((await world.row(third)).dueIn).toBeGreaterThan(500_000);
    });

    it('frees the next one when one is done or parked, and not when it is to be tried again', async () => {
      for (const status of ['done', 'parked', 'pending'] as const) {
        const click = world.newClick();
        await world.pending(click, handler);
        const second = await world.pending(click, handler);
        const { deliveries } = await claim(world.one, handler);
        const { freed } = await world.one.deliveries.finish(
          deliveries.map((one) => result(one, { status, retryIn: 60_000 })),
        );
        expect([status, freed]).toEqual([status, status === 'pending' ? 0 : 1]);
        const next = await claim(world.one, handler);
        expect([status, idsOf(next)]).toEqual([status, status === 'pending' ? [] : [second]]);
        await world.one.deliveries.finish(next.deliveries.map((one) => result(one)));
      }
    });

    it('is kept through a retry: the later ones wait until it is tried again and ends', async () => {
      const click = world.newClick();
      const first = await world.pending(click, handler);
      const second = await world.pending(click, handler);
      const failing = await claim(world.one, handler);
      await world.one.deliveries.finish(
        failing.deliveries.map((one) => result(one, { status: 'pending', retryIn: 60_000 })),
      );
      await makeDue(second);
      expect(await claim(world.other, handler)).toMatchObject({ deliveries: [], heldBack: 1 });
      await makeDue(first);
      const again = await claim(world.other, handler);
      expect(idsOf(again)).toEqual([first]);
      await world.other.deliveries.finish(again.deliveries.map((one) => result(one)));
      expect(idsOf(await claim(world.other, handler))).toEqual([second]);
    });

    it('binds neither other clicks, nor other handlers, nor events without a click', async () => {
      const click = world.newClick();
      const other = `${handler}-other`;
      const ids = [
        await world.pending(click, handler),
        await world.pending(world.newClick(), handler),
        await world.pending(null, handler),
        await world.pending(null, handler),
      ];
      const elsewhere = await world.pending(click, other);
      expect(idsOf(await claim(world.one, handler))).toEqual(ids);
      expect(idsOf(await claim(world.one, other))).toEqual([elsewhere]);
    });

    it('finds what may run behind any number of others that wait, a few at each claim', async () => {
      const click = world.newClick();
      const head = await world.pending(click, handler);
      const waiting: string[] = [];
      for (let n = 0; n < 12; n++) waiting.push(await world.pending(click, handler));
      const free = await world.pending(world.newClick(), handler);
      expect(idsOf(await claim(world.one, handler, 100, { look: 1 }))).toEqual([head]);
      let claims = 0;
      for (; claims < 10; claims++) {
        const { deliveries, heldBack } = await claim(world.one, handler, 100, { look: 5 });
        if (deliveries.length > 0) {
          expect(deliveries.map(({ id }) => id)).toEqual([free]);
          break;
        }
        expect(heldBack).toBeGreaterThan(0);
      }
      expect(claims).toBeLessThan(4);
      expect((await world.row(waiting[11] ?? '')).attempts).toBe(0);
    });

    it('lets a requeued delivery wait for a later one under way, and then holds back the others behind it', async () => {
      const click = world.newClick();
      const [parked, running, last] = [
        await world.pending(click, handler),
        await world.pending(click, handler),
        await world.pending(click, handler),
      ];
      const first = await claim(world.one, handler);
      await world.one.deliveries.finish(
        first.deliveries.map((one) => result(one, { status: 'parked', errors: [error('gave up')] })),
      );
      const under = await claim(world.one, handler);
      expect(idsOf(under)).toEqual([running]);
      // What requeueing writes.
      await world.sql(
        `UPDATE tracker_deliveries SET status = 'pending', attempts = 0, due_at = 1, finished_at = NULL WHERE id = $1`,
        parked,
      );
      expect(idsOf(await claim(world.other, handler))).toEqual([]);
      await world.one.deliveries.finish(under.deliveries.map((one) => result(one)));
      await makeDue(parked);
      await makeDue(last);
      const again = await claim(world.other, handler);
      expect(again.deliveries).toMatchObject([{ id: parked, attempt: 1, errors: [{ message: 'gave up' }] }]);
      await world.other.deliveries.finish(again.deliveries.map((one) => result(one)));
      expect(idsOf(await claim(world.other, handler))).toEqual([last]);
    });
  });
});
