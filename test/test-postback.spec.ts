import { randomUUID } from 'node:crypto';
import { TrackerEventEmitter, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { DataSource } from 'typeorm';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { createCrm, type Crm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { sqlOn } from './setup/sql';

type Json = Reply['body'];

describe.each(ADAPTERS)('test-postback on %s', (adapter) => {
  let database: TestDatabase;
  let host: TestApplication;
  const handled: { event: string; chatId: string | null; test: boolean }[] = [];
  const heard: string[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database, { adapter });
    const emitter = host.app.get(TrackerEventEmitter);
    await emitter.handle(
      '*',
      (event) => {
        handled.push({
          event: event.name,
          chatId: 'chatId' in event ? event.chatId : null,
          test: event.test,
        });
      },
      { name: 'spy' },
    );
    emitter.on('sale', ({ name }) => {
      heard.push(name);
    });
  });

  beforeEach(() => {
    handled.length = 0;
    heard.length = 0;
  });

  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  const create = (settings: Parameters<typeof createCrm>[1] = {}): Promise<Crm> =>
    createCrm(host, { network: '1win', ...settings });

  function call(path: string, body?: unknown): Promise<Reply> {
    return request(`${host.url}/api/tracker/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function send(id: string, body: Json): Promise<Json> {
    const reply = await call(`integrations/${id}/test-postback`, body);
    expect(reply).toMatchObject({ status: 200 });
    return reply.body;
  }

  async function until(holds: () => boolean): Promise<void> {
    for (let round = 0; round < 200 && !holds(); round += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  const rows = async (table: string, column: string, id: unknown): Promise<Json[]> =>
    sqlOn<Json>(host.app.get(DataSource), `SELECT * FROM ${table} WHERE ${column} = $1`, id);

  test('a sample goes the whole way and is marked as a test everywhere', async () => {
    const { integrationId } = await create();
    const sent = await send(integrationId, { event: 'sale' });
    expect(sent).toMatchObject({
      verdict: { status: 'accepted', code: 'ok', event: 'sale', warnings: [] },
      delivered: false,
    });
    expect(sent['url']).toBe(
      `https://crm.example.com/api/postbacks/${integrationId}/tracker-postback?tracker.event=sale` +
        `&clickid=${sent['clickId']}&tracker.cost=12.50&tracker.currency=usd&fields.user_id=1000001`,
    );
    const [click] = await rows('tracker_clicks', 'click_id', sent['clickId']);
    expect([click?.['source'], Number(click?.['test'])]).toEqual(['test', 1]);
    expect((await call(`postbacks/${sent['postbackId']}`)).body).toMatchObject({
      test: true,
      url: sent['url'],
      conversionId: sent['conversionId'],
      events: [],
      deliveries: [],
    });
    const listed = async (query: string): Promise<string[]> =>
      (await call(`postbacks?integrationId=${integrationId}${query}`)).body['items'].map(
        ({ id }: Json) => id,
      );
    expect(await listed('')).toEqual([]);
    expect(await listed('&test=true')).toEqual([sent['postbackId']]);
    const conversions = async (query: string): Promise<string[]> =>
      (await call(`conversions?integrationId=${integrationId}${query}`)).body['items'].map(
        ({ id }: Json) => id,
      );
    expect(await conversions('')).toEqual([]);
    expect(await conversions('&test=true')).toEqual([sent['conversionId']]);
  });

  test('nobody hears of it unless it is to be delivered to a chat', async () => {
    const { integrationId } = await create();
    for (const body of [{}, { chatId: 'chat-1' }, { deliver: true }]) {
      const sent = await send(integrationId, { event: 'sale', ...body });
      expect(sent).toMatchObject({ verdict: { code: 'ok' }, delivered: false });
      expect(await rows('tracker_events', 'postback_id', sent['postbackId'])).toEqual([]);
    }
    const delivered = await send(integrationId, { event: 'sale', chatId: 'chat-2', deliver: true });
    expect(delivered['delivered']).toBe(true);
    await until(() => handled.length > 0 && heard.length > 0);
    // The delivered one comes last, and it is the only one that came.
    expect(handled).toEqual([{ event: 'sale', chatId: 'chat-2', test: true }]);
    expect(heard).toEqual(['sale']);
  });

  test('a handler registered later for everything from the beginning gets no sample either', async () => {
    const { integrationId } = await create();
    await send(integrationId, { event: 'vstyp1' });
    const seen: string[] = [];
    await host.app.get(TrackerEventEmitter).handle(
      'vstyp1',
      ({ name }) => {
        seen.push(name);
      },
      { name: `late-${randomUUID()}`, from: 'beginning' },
    );
    const delivered = await send(integrationId, { event: 'vstyp1', chatId: 'chat-3', deliver: true });
    expect(delivered['delivered']).toBe(true);
    await until(() => seen.length > 0);
    expect(seen).toEqual(['vstyp1']);
  });

  test('each sample has a click of its own, so that none is a repetition', async () => {
    const { integrationId } = await create();
    const first = await send(integrationId, { event: 'registration' });
    const second = await send(integrationId, { event: 'registration' });
    expect(second).toMatchObject({ verdict: { status: 'accepted' } });
    expect(second['clickId']).not.toBe(first['clickId']);
  });

  test('secret, addresses and campaign are not in its way; what is set aside is said', async () => {
    const guarded = await host.app.get(TrackerIntegrations).create({
      name: 'Guarded',
      network: '1win',
      secret: true,
      allowedAddresses: ['192.0.2.1'],
      campaignId: 'campaign-7',
      events: ['sale'],
    });
    const sent = await send(guarded.id, { event: 'sale' });
    expect(sent).toMatchObject({ verdict: { status: 'accepted' } });
    expect(sent['url']).toMatch(/&key=•••$/);
    expect(await send(guarded.id, { event: 'resale' })).toMatchObject({
      verdict: { status: 'ignored', code: 'event_not_allowed' },
      conversionId: null,
    });
    await host.app.get(TrackerIntegrations).update(guarded.id, { status: 'paused' });
    expect(await send(guarded.id, { event: 'sale', chatId: 'chat-4', deliver: true })).toMatchObject({
      verdict: { status: 'ignored', code: 'integration_paused' },
      delivered: false,
    });
  });

  test('every event of every network is read as itself', async () => {
    const { items } = (await call('networks')).body;
    for (const { key } of items) {
      const integration = await host.app.get(TrackerIntegrations).create({ name: key, network: key });
      for (const event of integration.postbacks.map((postback) => postback.event)) {
        if (!/^[a-z0-9][a-z0-9_.-]*$/.test(event)) continue;
        const sent = await send(integration.id, { event });
        const { status, warnings } = sent['verdict'];
        expect({ key, event, url: sent['url'], status, warnings }).toMatchObject({
          status: expect.stringMatching(/^(accepted|ignored|unmatched)$/),
          warnings: expect.not.arrayContaining([expect.objectContaining({ code: 'macro_unreplaced' })]),
        });
      }
    }
  });

  test('refusals', async () => {
    const { integrationId } = await create();
    const path = `integrations/${integrationId}/test-postback`;
    expect(await call(path, { event: 'not an event' })).toMatchObject({
      status: 400,
      body: { code: 'event_invalid', details: [{ field: 'event' }] },
    });
    expect(await call(path, { event: 'error' })).toMatchObject({
      status: 400,
      body: { code: 'event_invalid' },
    });
    expect(await call(path, {})).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(await call(path, { event: 'sale', chatId: '' })).toMatchObject({ status: 400 });
    expect(await call(path, { event: 'sale', deliver: 'yes' })).toMatchObject({ status: 400 });
    expect(await call(`integrations/${randomUUID()}/test-postback`, { event: 'sale' })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });
});
