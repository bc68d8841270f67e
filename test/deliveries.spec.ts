import {
  TrackerDeliveries,
  type TrackerDeliveryView,
  type TrackerHandlerView,
} from 'nestjs-tracker-postbacks';
import { HandlerPresence } from '../libs/tracker-postbacks/src/events/handler-presence';
import { RelayState } from '../libs/tracker-postbacks/src/events/relay-state';
import { type RelayProcess, type RelayWorld, startRelayWorld, until } from './relay.fixture';
import { createCrm } from './setup/crm';
import { TEST_ENGINE } from './setup/engines';
import { Gate } from './setup/gate';

const nothing = (): void => undefined;

describe('deliveries and handlers', () => {
  let world: RelayWorld;

  beforeAll(async () => {
    world = await startRelayWorld(TEST_ENGINE, {
      actor: (from) => (from as { headers: Record<string, string | undefined> }).headers['x-actor'],
    });
  });
  afterEach(() => world.stopProcesses());
  afterAll(() => world.stop());

  const send = async (clickId: string, ...events: readonly string[]): Promise<string> => {
    let postbackId = '';
    for (const event of events) {
      const { body } = await world.crm.send(`tracker.event=${event}&tracker.tid=1&clickid=${clickId}`);
      postbackId = String(body['postbackId']);
    }
    return postbackId;
  };
  const list = async (query: string): Promise<readonly TrackerDeliveryView[]> => {
    const { status, body } = await world.admin('GET', `deliveries?${query}`);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body['items'];
  };
  const firstOf = async (query: string): Promise<TrackerDeliveryView> => {
    const [row] = await list(query);
    if (row === undefined) throw new Error(`There is no delivery for ${query}.`);
    return row;
  };
  const handlerOf = async (name: string): Promise<TrackerHandlerView | undefined> => {
    const { body } = await world.admin('GET', 'handlers');
    expect(body['nextCursor']).toBeNull();
    return (body['items'] as readonly TrackerHandlerView[]).find((handler) => handler.name === name);
  };
  /** A process whose handler fails until it is mended. */
  const broken = async (
    name: string,
  ): Promise<{ process: RelayProcess; mend: () => void; runs: string[] }> => {
    const process = await world.start({ maxAttempts: 2 });
    let isBroken = true;
    const runs: string[] = [];
    await process.handle(name, ({ name: event, attempt }) => {
      runs.push(`${event}/${attempt}`);
      if (isBroken) throw new Error('The CRM is away.');
    });
    const mend = (): void => {
      isBroken = false;
    };
    return { process, mend, runs };
  };

  describe('the list', () => {
    it('shows what a handler was given, is to be given, and was given up on, newest first', async () => {
      const clickId = await world.crm.newClick();
      const process = await world.start({ maxAttempts: 1 });
      const gate = new Gate();
      await process.handle('Lists.all', async ({ name }) => {
        if (name === 'conf') throw new Error('no conf for me');
        if (name === 'sale') await gate.pass();
      });
      const postbackId = await send(clickId, 'registration', 'conf', 'sale');
      await gate.waiting(1);
      const rows = await list('handler=Lists.all');
      expect(rows.map(({ event, status }) => [event, status])).toEqual([
        ['sale', 'pending'],
        ['conf', 'parked'],
        ['registration', 'done'],
      ]);
      expect(rows[1]).toEqual({
        id: expect.stringMatching(/^\d+$/),
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        handler: 'Lists.all',
        status: 'parked',
        attempts: 1,
        dueAt: expect.stringMatching(/^\d{4}-.*Z$/),
        finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        errors: [{ attempt: 1, at: expect.any(String), message: 'Error: no conf for me' }],
        event: 'conf',
        ordinal: 1,
        postbackId: expect.any(String),
        conversionId: expect.any(String),
        clickId,
        chatId: expect.stringMatching(/^chat-/),
        recordedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        test: false,
      });
      expect((await world.admin('GET', `deliveries/${rows[1]?.id ?? ''}`)).body).toEqual(rows[1]);

      const ids = async (query: string): Promise<readonly string[]> =>
        (await list(`handler=Lists.all&${query}`)).map(({ event }) => event);
      expect(await ids('status=parked')).toEqual(['conf']);
      expect(await ids('status=parked&status=PENDING')).toEqual(['sale', 'conf']);
      expect(await ids('event=SALE&event=registration')).toEqual(['sale', 'registration']);
      expect(await ids(`postbackId=${postbackId}`)).toEqual(['sale']);
      expect(await ids(`eventId=${rows[2]?.eventId ?? ''}`)).toEqual(['registration']);
      expect(await ids(`clickId=${clickId}`)).toEqual(['sale', 'conf', 'registration']);
      expect(await ids(`clickId=${clickId.toUpperCase()}x`)).toEqual([]);
      expect(await list(`clickId=${clickId}&handler=lists.all`)).toEqual([]);
      gate.release();
      await world.settled('Lists.all');
    });

    it('goes on page by page', async () => {
      const clickId = await world.crm.newClick();
      const process = await world.start();
      await process.handle('Lists.pages', nothing);
      const events = ['registration', 'conf', 'sale', 'one', 'two'];
      await send(clickId, ...events);
      await world.settled('Lists.pages');
      for (const status of ['status=done&', '']) {
        const seen: string[] = [];
        let cursor = '';
        do {
          const { body } = await world.admin(
            'GET',
            `deliveries?${status}handler=Lists.pages&limit=2${cursor}`,
          );
          const { items, nextCursor } = body as {
            items: readonly TrackerDeliveryView[];
            nextCursor: string | null;
          };
          expect(items.length).toBeLessThanOrEqual(2);
          seen.push(...items.map(({ event }) => event));
          cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
        } while (cursor !== '');
        expect(seen).toEqual(events.toReversed());
      }
    });

    it.each([
      ['status=lost', 'status'],
      ['nonsense=1', 'nonsense'],
      ['postbackId=7', 'postbackId'],
      ['limit=0', 'limit'],
      ['cursor=MDE5', 'cursor'],
      [`cursor=${Buffer.from('99999999999999999999').toString('base64url')}`, 'cursor'],
    ])('refuses %s', async (query, field) => {
      const { status, body } = await world.admin('GET', `deliveries?${query}`);
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { code: 'validation_failed', details: [{ field }] },
      });
    });

    it.each(['0', '-1', '1.5', 'x', '9223372036854775808', '999999999999', '1 OR 1=1', '%00'])(
      'has nothing with the id %s',
      async (id) => {
        for (const [method, path] of [
          ['GET', `deliveries/${encodeURIComponent(id)}`],
          ['POST', `deliveries/${encodeURIComponent(id)}/requeue`],
        ] as const) {
          const { status, body } = await world.admin(method, path);
          expect([method, status, body['code']]).toEqual([method, 404, 'not_found']);
        }
      },
    );
  });

  describe('requeueing', () => {
    it('runs a parked delivery again with a fresh budget, its errors kept, before later ones of its click', async () => {
      const { mend, runs } = await broken('Requeue.one');
      const clickId = await world.crm.newClick();
      await send(clickId, 'registration');
      await world.settled('Requeue.one');
      const [parked] = await list('handler=Requeue.one');
      expect(parked).toMatchObject({ status: 'parked', attempts: 2 });

      const { status, body } = await world.admin('POST', `deliveries/${parked?.id ?? ''}/requeue`, {
        'x-actor': 'anna',
      });
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { status: 'pending', attempts: 0, finishedAt: null, errors: parked?.errors },
      });
      // Recorded while the first one waits: it may not overtake it.
      await send(clickId, 'sale');
      await until(() => runs.length === 3);
      mend();
      expect(await world.settled('Requeue.one')).toEqual([
        { status: 'done', attempts: 2, errors: Array.from({ length: 3 }, () => 'Error: The CRM is away.') },
        { status: 'done', attempts: 1, errors: [] },
      ]);
      expect(runs).toEqual([
        'registration/1',
        'registration/2',
        'registration/1',
        'registration/2',
        'sale/1',
      ]);

      const { body: trail } = await world.admin('GET', `audit?subjectId=${parked?.id ?? ''}`);
      expect(trail['items']).toMatchObject([
        {
          action: 'delivery.requeued',
          actor: 'anna',
          details: { handler: 'Requeue.one', eventId: parked?.eventId },
        },
      ]);
    });

    it('of one that is not parked is refused, in the language of the request', async () => {
      const process = await world.start();
      await process.handle('Requeue.done', nothing);
      await send(await world.crm.newClick(), 'registration');
      await world.settled('Requeue.done');
      const { id } = await firstOf('handler=Requeue.done');
      const english = await world.admin('POST', `deliveries/${id}/requeue`);
      expect(english).toMatchObject({
        status: 409,
        body: { code: 'delivery_not_parked', message: expect.stringMatching(/this one is done/) },
      });
      const russian = await world.admin('POST', `deliveries/${id}/requeue`, { 'accept-language': 'ru' });
      expect(russian.body['message']).toMatch(/а эта — done/);
      const { body } = await world.admin('GET', `audit?subjectId=${id}`);
      expect(body['items']).toEqual([]);
    });

    it('at the same moment twice happens once', async () => {
      await broken('Requeue.race');
      await send(await world.crm.newClick(), 'registration');
      await world.settled('Requeue.race');
      await world.stopProcesses();
      const { id } = await firstOf('handler=Requeue.race');
      const replies = await Promise.all(
        Array.from({ length: 6 }, () => world.admin('POST', `deliveries/${id}/requeue`)),
      );
      expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
      const { body } = await world.admin('GET', `audit?subjectId=${id}`);
      expect(body['items']).toHaveLength(1);
    });

    it('of everything that is parked for a handler keeps the order of each click', async () => {
      const { mend, runs } = await broken('Requeue.all');
      const [one, other] = [await world.crm.newClick(), await world.crm.newClick()];
      await send(one, 'registration', 'conf', 'sale');
      await send(other, 'registration');
      await world.settled('Requeue.all');
      mend();
      runs.length = 0;
      const { status, body } = await world.admin('POST', 'handlers/Requeue.all/requeue', {
        'x-actor': 'anna',
      });
      expect({ status, body }).toEqual({ status: 200, body: { requeued: 4, more: false } });
      await until(() => runs.length === 4);
      expect(runs.filter((run) => run !== 'registration/1')).toEqual(['conf/1', 'sale/1']);
      expect((await world.settled('Requeue.all')).map((row) => row.status)).toEqual(
        Array.from({ length: 4 }, () => 'done'),
      );
      expect((await world.admin('POST', 'handlers/Requeue.all/requeue')).body).toEqual({
        requeued: 0,
        more: false,
      });
      const { body: trail } = await world.admin('GET', 'audit?subjectId=Requeue.all');
      expect(trail['items']).toMatchObject([
        { action: 'handler.requeued', actor: 'anna', details: { requeued: 4 } },
      ]);
      expect(await world.admin('POST', 'handlers/nobody/requeue')).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    });
  });

  describe('handlers', () => {
    it('are listed with what they have still to do', async () => {
      const process = await world.start({ maxAttempts: 1 });
      const gate = new Gate();
      await process.handle(
        'Handlers.listed',
        async ({ name }) => {
          if (name === 'conf') throw new Error('no');
          await gate.pass();
        },
        ['conf', 'sale', 'resale#2'],
      );
      const before = Date.now();
      expect(await handlerOf('Handlers.listed')).toEqual({
        name: 'Handlers.listed',
        events: ['conf', 'sale', 'resale#2'],
        firstRegisteredAt: expect.stringMatching(/Z$/),
        lastRegisteredAt: expect.stringMatching(/Z$/),
        inUse: true,
        seen: true,
        pending: 0,
        parked: 0,
        oldestPendingAt: null,
      });
      await send(await world.crm.newClick(), 'conf', 'sale');
      await gate.waiting(1);
      const listed = await handlerOf('Handlers.listed');
      expect(listed).toMatchObject({ pending: 1, parked: 1 });
      expect(Date.parse(listed?.oldestPendingAt ?? '')).toBeGreaterThanOrEqual(before - 1_000);
      gate.release();
      await world.settled('Handlers.listed');
      expect((await world.admin('GET', 'handlers?limit=1')).body).toMatchObject({
        code: 'validation_failed',
      });
    });

    it('that no process has any more are retired: what is pending ends, and nothing more comes', async () => {
      const name = 'Handlers.gone%ü/1';
      const path = `handlers/${encodeURIComponent(name)}`;
      const first = await world.start();
      await first.handle(name, nothing);
      expect(await world.admin('DELETE', path)).toMatchObject({
        status: 409,
        body: { code: 'handler_in_use', message: expect.stringContaining(name) },
      });
      expect((await world.admin('DELETE', path, { 'accept-language': 'ru' })).body['message']).toMatch(
        /ещё зарегистрирован/,
      );
      await first.close();
      await send(await world.crm.newClick(), 'registration');
      expect(await handlerOf(name)).toMatchObject({ inUse: false, seen: true, pending: 1 });

      expect((await world.admin('DELETE', path, { 'x-actor': 'boris' })).status).toBe(204);
      expect(await handlerOf(name)).toBeUndefined();
      expect(await world.admin('DELETE', path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(await world.deliveries(name)).toEqual([
        { status: 'done', attempts: 0, errors: ['Its handler was retired.'] },
      ]);
      await send(await world.crm.newClick(), 'registration');
      expect(await world.deliveries(name)).toHaveLength(1);
      const { body: trail } = await world.admin('GET', 'audit?action=handler.retired');
      expect(trail['items']).toMatchObject([{ actor: 'boris', subjectType: 'handler', subjectId: name }]);
    });

    it('that were retired can be looked at, not requeued, and come back as new ones', async () => {
      const { process } = await broken('Handlers.back');
      await send(await world.crm.newClick(), 'registration');
      await world.settled('Handlers.back');
      await process.close();
      expect((await world.admin('DELETE', 'handlers/Handlers.back')).status).toBe(204);
      const { id } = await firstOf('handler=Handlers.back&status=parked');
      for (const path of [`deliveries/${id}/requeue`, 'handlers/Handlers.back/requeue']) {
        expect(await world.admin('POST', path)).toMatchObject({
          status: 409,
          body: { code: 'handler_retired' },
        });
      }
      const { mend, runs } = await broken('Handlers.back');
      mend();
      await send(await world.crm.newClick(), 'conf');
      await until(() => runs.length > 0);
      expect(runs).toEqual(['conf/1']);
      expect(await handlerOf('Handlers.back')).toMatchObject({ inUse: true, parked: 1 });
    });

    it('that a process still has are registered again when somebody retired them in the database', async () => {
      const process = await world.start();
      await process.handle('Handlers.kept', nothing);
      await world.sql(
        `UPDATE tracker_handlers SET retired_at = 1, events = ' ', last_registered_at = 1 WHERE name = 'Handlers.kept'`,
      );
      await process.app.get(HandlerPresence).beat();
      expect(await handlerOf('Handlers.kept')).toMatchObject({ events: ['*'], inUse: true });
      await world.sql(`UPDATE tracker_handlers SET last_registered_at = 1 WHERE name = 'Handlers.kept'`);
      expect(await handlerOf('Handlers.kept')).toMatchObject({ inUse: false, seen: false });
      await process.app.get(HandlerPresence).beat();
      expect(await handlerOf('Handlers.kept')).toMatchObject({ inUse: true, seen: true });
    });

    it('of an application with tenants are listed to each with its own counts, and retired by nobody on behalf of one', async () => {
      const tenants = await startRelayWorld(TEST_ENGINE, {
        tenant: (from) =>
          (from as { headers: Record<string, string | undefined> }).headers['x-tenant'] ?? 'default',
      });
      const process = await tenants.start({ maxAttempts: 1 });
      await process.handle('shared', () => Promise.reject(new Error('no')));
      await createCrm(tenants.intake);
      await tenants.crm.send(`tracker.event=sale&clickid=${await tenants.crm.newClick()}`);
      await tenants.settled('shared');
      const countedBy = async (tenant: string): Promise<unknown> => {
        const { body } = await tenants.admin('GET', 'handlers', { 'x-tenant': tenant });
        return (body['items'] as readonly TrackerHandlerView[]).map(({ name, parked }) => [name, parked]);
      };
      expect(await countedBy('default')).toEqual([['shared', 1]]);
      expect(await countedBy('other')).toEqual([['shared', 0]]);
      expect((await tenants.admin('POST', 'handlers/shared/requeue', { 'x-tenant': 'other' })).body).toEqual({
        requeued: 0,
        more: false,
      });
      await tenants.stopProcesses();
      for (const name of ['shared', 'nobody']) {
        expect(await tenants.admin('DELETE', `handlers/${name}`, { 'x-tenant': 'other' })).toMatchObject({
          status: 409,
          body: { code: 'handlers_shared' },
        });
      }
      await tenants.intake.app.get(TrackerDeliveries).retire('shared');
      expect(await countedBy('default')).toEqual([]);
      await tenants.stop();
    });
  });

  it('tell health and metrics how far behind they are', async () => {
    const state = world.intake.app.get(RelayState);
    const process = await world.start({ maxAttempts: 1 });
    const gate = new Gate();
    await process.handle('State.one', async ({ name }) => {
      if (name === 'conf') throw new Error('no');
      await gate.pass();
    });
    const before = await state.read();
    const of = (report: typeof before, name: string) =>
      report.handlers.find((handler) => handler.name === name);
    expect(of(before, 'State.one')).toEqual({
      name: 'State.one',
      lastSeenAt: expect.any(Number),
      unseen: false,
    });
    expect(Math.abs(before.at - Date.now())).toBeLessThan(60_000);
    expect(before.handlers.map(({ name }) => name)).not.toContain('');

    await send(await world.crm.newClick(), 'conf', 'sale');
    await gate.waiting(1);
    expect((await state.read()).parked).toBe(before.parked + 1);
    gate.release();
    await world.settled('State.one');
    await world.stopProcesses();
    // Other handlers of this world have events waiting too: this one waits longest of all.
    await send(await world.crm.newClick(), 'registration');
    await world.sql(
      `UPDATE tracker_deliveries SET due_at = due_at - 3600000 WHERE handler = 'State.one' AND status = 'pending'`,
    );
    expect(Math.round((await state.read()).lagMs / 60_000)).toBe(60);
    await world.sql(
      `UPDATE tracker_handlers SET last_registered_at = last_registered_at - 90000000 WHERE name = 'State.one'`,
    );
    expect(of(await state.read(), 'State.one')).toMatchObject({ unseen: true });
  });
});
