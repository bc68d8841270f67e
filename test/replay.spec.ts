import fc from 'fast-check';
import { DataSource } from 'typeorm';
import {
  TrackerConversion,
  TrackerCorrections,
  TrackerEventEmitter,
  TrackerIntegrations,
} from 'nestjs-tracker-postbacks';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';

interface Recorded {
  readonly event: string;
  readonly ordinal: number;
  readonly cost: string | null;
  readonly tid: string | null;
  readonly voided: boolean;
  readonly reversed: boolean;
}

describe('replaying stored postbacks', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;
  let now = Date.parse('2026-01-01T00:00:00Z');
  const told: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { options: { clock: { now: () => now } } });
    const emitter = application.app.get(TrackerEventEmitter);
    for (const name of ['conversion', 'reversal', 'amended', 'reinstated'] as const) {
      emitter.on(name, (event) =>
        told.push(`${event.name}${name === 'conversion' ? '' : ` ${event.event}`}`),
      );
    }
  });

  beforeEach(async () => {
    crm = await createCrm(application, { eventMap: { dep: 'deposit' } });
    told.length = 0;
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const setUp = (changes: Parameters<TrackerIntegrations['update']>[1]): Promise<unknown> =>
    application.app.get(TrackerIntegrations).update(crm.integrationId, changes);

  const post = (path: string, body: object = {}): Promise<Reply> =>
    request(`${application.url}/api/tracker/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const sent = async (clickId: string, query: string): Promise<string> => {
    now += 1000;
    return String((await crm.send(`clickid=${clickId}&${query}`)).body['postbackId']);
  };

  const recorded = async (clickId: string, integrationId = crm.integrationId): Promise<Recorded[]> => {
    const rows = await application.app
      .get(DataSource)
      .getRepository(TrackerConversion)
      .find({ where: { clickId, integrationId }, order: { receivedAt: 'ASC', id: 'ASC' } });
    return rows.map(({ event, ordinal, cost, tid, voidedAt, reversedAt }) => ({
      ...{ event, ordinal, cost, tid },
      ...{ voided: voidedAt !== null, reversed: reversedAt !== null },
    }));
  };

  it('amends the amount when the decimal mark was corrected, and never sends a second sale', async () => {
    const clickId = await crm.newClick();
    await setUp({ decimalMark: '.' });
    const id = await sent(clickId, 'tracker.event=sale&tracker.cost=1.234&tracker.currency=eur');
    await setUp({ decimalMark: ',' });

    const dry = await post(`postbacks/${id}/replay`, { dryRun: true });
    expect(dry.body).toMatchObject({ changed: true, before: { cost: '1.234' }, after: { cost: '1234' } });
    expect(await recorded(clickId)).toMatchObject([{ cost: '1.234' }]);

    const replayed = await post(`postbacks/${id}/replay`);
    expect(replayed.body).toMatchObject({
      changed: true,
      after: { status: 'accepted', event: 'sale', cost: '1234' },
    });
    expect(await recorded(clickId)).toMatchObject([{ event: 'sale', cost: '1234', voided: false }]);
    expect(told).toEqual(['sale', 'amended sale']);
    expect((await post(`postbacks/${id}/replay`)).body).toMatchObject({ changed: false });
  });

  it('moves a conversion when the event map was corrected: the old one is voided and taken back first', async () => {
    const clickId = await crm.newClick();
    const id = await sent(clickId, 'tracker.event=dep&tracker.tid=1&tracker.cost=5');
    await setUp({ eventMap: { dep: 'sale' } });
    const { body } = await post(`postbacks/${id}/replay`);
    expect(body).toMatchObject({ changed: true, before: { event: 'deposit' }, after: { event: 'sale' } });
    expect(await recorded(clickId)).toMatchObject([
      { event: 'deposit', voided: true },
      { event: 'sale', ordinal: 1, tid: '1', voided: false },
    ]);
    expect(told).toEqual(['deposit', 'reversal deposit', 'sale']);
    const conversions = application.app.get(DataSource).getRepository(TrackerConversion);
    const old = await conversions.findOneByOrFail({ event: 'deposit', clickId });
    expect(old.replacedBy).toBe(body['after'].conversionId);
  });

  it('gives the tid of a voided deposit to the one that replaces it', async () => {
    const clickId = await crm.newClick();
    await setUp({ eventMap: { dep: 'resale' } });
    const id = await sent(clickId, 'tracker.event=dep&tracker.tid=1&tracker.cost=5');
    await setUp({ eventMap: { dep: 'sale' } });
    await post(`postbacks/${id}/replay`);
    expect(await recorded(clickId)).toMatchObject([
      { event: 'resale', voided: true },
      { event: 'sale', voided: false, tid: '1' },
    ]);
    const again = await crm.send(`clickid=${clickId}&tracker.event=sale&tracker.tid=1&tracker.cost=5`);
    expect(again.body).toMatchObject({ status: 'duplicate', code: 'same_transaction', event: 'sale' });
  });

  it('records what could not be read before', async () => {
    const clickId = await crm.newClick();
    const id = await sent(clickId, 'status=ftd&tracker.cost=5');
    await setUp({ roles: { event: ['status'] }, eventMap: { ftd: 'sale' } });
    expect((await post(`postbacks/${id}/replay`)).body).toMatchObject({
      changed: true,
      before: { status: 'rejected', code: 'event_missing' },
      after: { status: 'accepted', code: 'ok', event: 'sale' },
    });
    const log = await request(`${application.url}/api/tracker/postbacks/${id}`);
    expect(log.body).toMatchObject({ status: 'accepted', event: 'sale', cost: '5' });
    expect(told).toEqual(['sale']);
  });

  it('changes nothing where it would now be refused or be a duplicate of another, and says so', async () => {
    const clickId = await crm.newClick();
    const first = await sent(clickId, 'tracker.event=dep&tracker.tid=1');
    const second = await sent(clickId, 'tracker.event=sale&tracker.tid=1');
    await setUp({ eventMap: { dep: 'sale' } });
    expect((await post(`postbacks/${first}/replay`)).body).toMatchObject({ changed: false });
    await setUp({ eventMap: { dep: 'ignore' } });
    expect((await post(`postbacks/${first}/replay`)).body).toMatchObject({ changed: false });
    expect((await post(`postbacks/${second}/replay`)).body).toMatchObject({ changed: false });
    expect(await recorded(clickId)).toMatchObject([
      { event: 'deposit', voided: false },
      { event: 'sale', voided: false },
    ]);
  });

  it('undoes a reversal that was none', async () => {
    const clickId = await crm.newClick();
    await setUp({ eventMap: { hold: 'reversal' } });
    await sent(clickId, 'tracker.event=sale&tracker.tid=1&tracker.cost=5');
    const id = await sent(clickId, 'tracker.event=hold&tracker.tid=1');
    expect(await recorded(clickId)).toMatchObject([{ reversed: true }]);
    expect((await post(`postbacks/${id}/replay`)).body).toMatchObject({ changed: false });
    await setUp({ eventMap: { hold: 'on_hold' } });
    expect((await post(`postbacks/${id}/replay`)).body).toMatchObject({
      changed: true,
      after: { event: 'on_hold' },
    });
    expect(await recorded(clickId)).toMatchObject([
      { event: 'sale', reversed: false },
      { event: 'on_hold', reversed: false },
    ]);
    expect(told).toEqual(['sale', 'reversal sale', 'reinstated sale', 'on_hold']);
  });

  it('replays a filtered set oldest first, in bounded parts', async () => {
    const clickId = await crm.newClick();
    for (const tid of [1, 2, 3]) await sent(clickId, `tracker.event=dep&tracker.tid=${tid}&tracker.cost=5`);
    await setUp({ eventMap: { dep: 'sale/resale' } });
    const { body } = await post('postbacks/replay', { filter: { clickId, event: 'deposit' } });
    expect(body).toMatchObject({ dryRun: false, matched: 3, processed: 3, next: null });
    expect((await recorded(clickId)).filter(({ voided }) => !voided)).toMatchObject([
      { event: 'sale', tid: '1' },
      { event: 'resale', tid: '2' },
      { event: 'resale', tid: '3' },
    ]);
    const refused = await post('postbacks/replay', { filter: { clik: 'x' } });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'validation_failed' });
  });

  it('leaves the sums of a fresh judging after any sequence of replays', async () => {
    const words = ['a', 'b', 'c'] as const;
    const target = fc.constantFrom('sale', 'resale', 'sale/resale', 'registration', 'vip');
    const map = fc.record({ a: target, b: target, c: target });
    const corrections = application.app.get(TrackerCorrections);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...words), fc.integer({ min: 1, max: 99 })), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.array(fc.tuple(map, fc.array(fc.nat(4), { maxLength: 4 })), { minLength: 1, maxLength: 3 }),
        map,
        async (postbacks, steps, last) => {
          const clickId = await crm.newClick();
          const ids: string[] = [];
          await setUp({ eventMap: steps[0]?.[0] ?? last });
          for (const [index, [word, cost]] of postbacks.entries()) {
            ids.push(
              await sent(clickId, `tracker.event=${word}&tracker.tid=${index + 1}&tracker.cost=${cost}`),
            );
          }
          for (const [eventMap, replays] of steps) {
            await setUp({ eventMap });
            for (const index of replays) await corrections.replay(ids[index % ids.length] ?? '');
          }
          await setUp({ eventMap: last });
          await corrections.replayAll({ clickId });

          const fresh = await createCrm(application, { eventMap: last });
          const another = await fresh.newClick();
          for (const [index, [word, cost]] of postbacks.entries()) {
            now += 1000;
            await fresh.send(
              `clickid=${another}&tracker.event=${word}&tracker.tid=${index + 1}&tracker.cost=${cost}`,
            );
          }
          const standing = (rows: readonly Recorded[]): string[] =>
            rows
              .filter(({ voided }) => !voided)
              .map(({ event, tid, cost }) => `${event} ${String(tid)} ${String(cost)}`);
          expect(standing(await recorded(clickId))).toEqual(
            standing(await recorded(another, fresh.integrationId)),
          );
        },
      ),
      { numRuns: Number(process.env['REPLAY_RUNS'] ?? 25) },
    );
  }, 120_000);
});

describe('what else a person can do', () => {
  let database: TestDatabase;
  let application: TestApplication;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const post = (path: string, body: object = {}): Promise<Reply> =>
    request(`${application.url}/api/tracker/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('releases a quarantined postback', async () => {
    const crm = await createCrm(application, { secret: true });
    const clickId = await crm.newClick();
    const { body } = await crm.send(`tracker.event=sale&clickid=${clickId}&key=wrong`);
    expect(body).toMatchObject({ status: 'quarantined', code: 'secret_wrong' });
    const released = await post(`postbacks/${String(body['postbackId'])}/release`);
    expect(released.status).toBe(200);
    expect(released.body).toMatchObject({ status: 'accepted', event: 'sale' });
    const again = await post(`postbacks/${String(body['postbackId'])}/release`);
    expect(again.body).toMatchObject({ statusCode: 409, code: 'not_quarantined' });
    expect((await post(`postbacks/${String(body['postbackId'])}/replay`)).body).toMatchObject({
      changed: false,
    });
  });

  it('counts a duplicate with a reason, and later ones stay duplicates', async () => {
    const crm = await createCrm(application);
    const clickId = await crm.newClick();
    const query = `tracker.event=sale&clickid=${clickId}&tracker.tid=7&tracker.cost=5`;
    const original = await crm.send(query);
    const { body } = await crm.send(query);
    const id = String(body['postbackId']);
    const counted = await post(`postbacks/${id}/count`, { reason: 'two deposits under one number' });
    expect(counted.body).toMatchObject({ changed: true, after: { status: 'accepted', event: 'resale' } });
    expect((await post(`postbacks/${id}/count`, { reason: 'again' })).body).toMatchObject({
      code: 'not_a_duplicate',
    });
    expect((await post(`postbacks/${id}/replay`)).body).toMatchObject({ changed: false });
    expect((await crm.send(query)).body).toMatchObject({
      status: 'duplicate',
      conversionId: original.body['conversionId'],
    });
    expect((await post(`postbacks/${id}/count`)).status).toBe(400);
  });

  it('records an event by hand by the same rules', async () => {
    const crm = await createCrm(application, { secret: true });
    const clickId = await crm.newClick();
    const conversion = {
      integrationId: crm.integrationId,
      clickId,
      event: 'sale',
      cost: '5',
      currency: 'EUR',
      fields: { a: 'b c&d' },
    };
    const first = await post('conversions', conversion);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ status: 'accepted', event: 'sale' });
    expect((await post('conversions', conversion)).body).toMatchObject({
      status: 'duplicate',
      code: 'once_per_click',
    });
    const listed = await request(`${application.url}/api/tracker/conversions?clickId=${clickId}`);
    expect(listed.body['items']).toMatchObject([
      { event: 'sale', cost: '5', currency: 'EUR', fields: { a: 'b c&d' } },
    ]);
    expect((await post('conversions', { ...conversion, integrationId: clickId })).status).toBe(400);
  });
});
