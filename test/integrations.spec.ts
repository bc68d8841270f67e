import { randomUUID } from 'node:crypto';
import { TrackerClicks, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';

type Json = Reply['body'];

const BASE = 'https://crm.example.com/api/postbacks';

describe.each(ADAPTERS)('integrations of the admin API on %s', (adapter) => {
  let database: TestDatabase;
  let host: TestApplication;
  let now = Date.parse('2026-11-21T09:30:00.000Z');

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database, {
      adapter,
      options: {
        clock: { now: () => now },
        tenant: (incoming) =>
          (incoming as { headers: Record<string, string> }).headers['x-tenant'] ?? 'default',
      },
    });
  });

  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    return request(`${host.url}/api/tracker/${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async function create(body: Record<string, unknown> = {}): Promise<Json> {
    const reply = await call('POST', 'integrations', { name: 'Test', network: '1win', ...body });
    expect(reply.status).toBe(201);
    return reply.body;
  }

  const urlsOf = (integration: Json): string[] =>
    integration['postbacks'].map(({ url }: { url: string }) => url);

  test('the catalogue of networks', async () => {
    const { body } = await call('GET', 'networks');
    expect(body['items'].map(({ key }: { key: string }) => key)).toEqual(
      expect.arrayContaining(['1win', 'binomo', 'pocket-option-revshare', 'custom']),
    );
    expect((await call('GET', 'networks/1win')).body).toMatchObject({
      key: '1win',
      clickIdParameter: 'sub1',
    });
    expect(await call('GET', 'networks/nope')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('creating one from a preset gives the ready URLs', async () => {
    const oneWin = await create();
    expect(oneWin).toMatchObject({
      name: 'Test',
      network: '1win',
      status: 'active',
      clickIdParameter: 'sub1',
      defaultCurrency: 'USD',
      decimalMark: '.',
      secretHidden: false,
      duplicateWindowSeconds: 30,
      deletedAt: null,
      createdAt: '2026-11-21T09:30:00.000Z',
    });
    expect(oneWin).not.toHaveProperty('secret');
    expect(urlsOf(oneWin)[1]).toBe(
      `${BASE}/${oneWin['id']}/tracker-postback?tracker.event=sale&clickid={sub1}&tracker.cost={amount}` +
        '&tracker.currency=usd&fields.user_id={user_id}',
    );
    const binomo = await create({ network: 'binomo' });
    expect(urlsOf(binomo)).toEqual(
      ['registration', 'conf', 'sale', 'resale'].map(
        (event) => `${BASE}/${binomo['id']}/tracker-postback/${event}`,
      ),
    );
    const pocket = await create({ network: 'pocket-option-revshare' });
    expect(urlsOf(pocket)[0]).toContain('?tracker.event=registration&clickid={click_id}');
    const custom = await create({ network: 'custom', clickIdParameter: 'sub4', defaultCurrency: 'usd' });
    expect(urlsOf(custom)[1]).toContain(
      '?tracker.event=sale&clickid={sub4}&tracker.cost={amount}&tracker.currency=usd',
    );
    expect((await call('GET', `integrations/${custom['id']}`)).body).toEqual(custom);
  });

  test('PATCH: absent unchanged, null clears, eventMap and roles replaced whole', async () => {
    const { id } = await create({
      campaignId: 'c1',
      roles: { cost: ['sum'], tid: ['order'] },
      eventMap: { FTD: 'sale', hold: 'ignore' },
      events: ['sale'],
      duplicateWindowSeconds: 60,
    });
    const patch = async (body: unknown) => (await call('PATCH', `integrations/${id}`, body)).body;
    expect(await patch({ status: 'paused' })).toMatchObject({
      status: 'paused',
      campaignId: 'c1',
      events: ['sale'],
    });
    expect(await patch({ campaignId: null, events: null, duplicateWindowSeconds: null })).toMatchObject({
      status: 'paused',
      campaignId: null,
      events: null,
      duplicateWindowSeconds: 30,
    });
    const replaced = await patch({ eventMap: { dep: 'sale/resale' }, roles: { cost: ['amount'] } });
    expect(replaced['eventMap']).toEqual({ dep: 'sale/resale' });
    expect(replaced['roles']).toEqual({ cost: ['amount'] });
    const followed = await patch({ clickIdParameter: 'sub2', defaultCurrency: 'eur' });
    expect(urlsOf(followed)[1]).toContain('clickid={sub2}&tracker.cost={amount}&tracker.currency=eur');
    expect(followed).toMatchObject({
      name: 'Test',
      defaultCurrency: 'EUR',
      eventMap: { dep: 'sale/resale' },
    });
    expect((await patch({ clickIdParameter: null }))['clickIdParameter']).toBe('sub1');
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['an unknown key', { nmae: 'x' }, 'validation_failed', 'nmae'],
    ['an unknown network', { network: 'nope' }, 'validation_failed', 'network'],
    ['no name', { name: null }, 'validation_failed', 'name'],
    ['a number for a name', { name: 5 }, 'validation_failed', 'name'],
    ['an unknown role', { roles: { price: ['x'] } }, 'validation_failed', 'roles.price'],
    ['a list for the event map', { eventMap: ['x'] }, 'validation_failed', 'eventMap'],
    ['a number in the event map', { eventMap: { ftd: 1 } }, 'validation_failed', 'eventMap.ftd'],
    ['a reserved event', { eventMap: { ftd: 'error' } }, 'validation_failed', 'eventMap.ftd'],
    ['a currency sign', { defaultCurrency: '$' }, 'validation_failed', 'defaultCurrency'],
    ['another decimal mark', { decimalMark: ';' }, 'validation_failed', 'decimalMark'],
    ['no address', { allowedAddresses: ['here'] }, 'validation_failed', 'allowedAddresses.0'],
    [
      'a window of two days',
      { duplicateWindowSeconds: 172_800 },
      'validation_failed',
      'duplicateWindowSeconds',
    ],
    ['a macro syntax without x', { macroSyntax: '{}' }, 'validation_failed', 'macroSyntax'],
    ['an unknown reply', { reply: { format: 'xml' } }, 'validation_failed', 'reply.format'],
    ['a reply that is a text', { reply: 'OK' }, 'validation_failed', 'reply'],
    ['a secret where no query can be', { network: 'binomo', secret: true }, 'secret_not_possible', 'secret'],
  ])('refuses %s', async (_, body, code, field) => {
    const reply = await call('POST', 'integrations', { name: 'Test', network: '1win', ...body });
    expect(reply).toMatchObject({ status: 400, body: { statusCode: 400, code } });
    expect(reply.body['details'].map((detail: { field: string }) => detail.field)).toContain(field);
  });

  test('postback configs: one per event, changed and removed', async () => {
    const { id } = await create();
    const path = `integrations/${id}/postbacks`;
    const added = await call('POST', path, {
      name: 'Withdrawal',
      event: 'Withdraw',
      cost: '{sum}',
      extra: { geo: '{geo}' },
    });
    expect(added).toMatchObject({
      status: 201,
      body: {
        event: 'withdraw',
        cost: '{sum}',
        currency: null,
        tid: null,
        fields: [],
        extra: { geo: '{geo}' },
      },
    });
    expect(added.body['url']).toBe(
      `${BASE}/${id}/tracker-postback?tracker.event=withdraw&clickid={sub1}&tracker.cost={sum}&geo={geo}`,
    );
    const config = `${path}/${added.body['id']}`;
    expect(await call('POST', path, { name: 'Again', event: 'SALE' })).toMatchObject({
      status: 409,
      body: { code: 'postback_event_taken' },
    });
    expect(await call('PATCH', config, { event: 'sale' })).toMatchObject({ status: 409 });
    expect((await call('PATCH', config, { cost: null, tid: '{id}', event: 'withdraw' })).body).toMatchObject({
      name: 'Withdrawal',
      cost: null,
      tid: '{id}',
      extra: { geo: '{geo}' },
    });
    expect((await call('PATCH', config, { name: null })).status).toBe(400);
    expect((await call('GET', path)).body['items']).toHaveLength(4);
    expect(await call('DELETE', config)).toMatchObject({ status: 204, text: '' });
    expect((await call('DELETE', config)).status).toBe(404);
    expect((await call('GET', path)).body['items']).toHaveLength(3);
  });

  test('two configs for one event at once: one of them', async () => {
    const { id } = await create();
    const add = () => call('POST', `integrations/${id}/postbacks`, { name: 'KYC', event: 'kyc' });
    const statuses = (await Promise.all([add(), add(), add()])).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  });

  test('a secret is shown once, then hidden; two are valid at a time', async () => {
    const created = await create({ secret: true });
    const first: string = created['secret'];
    expect(created['secretHidden']).toBe(false);
    for (const url of urlsOf(created)) expect(url.endsWith(`&key=${first}`)).toBe(true);
    const shown = (await call('GET', `integrations/${created['id']}`)).body;
    expect(shown).not.toHaveProperty('secret');
    expect(shown['secretHidden']).toBe(true);
    for (const url of urlsOf(shown)) expect(url.endsWith('&key=•••')).toBe(true);
    const rotated = await call('POST', `integrations/${created['id']}/secret`, { graceHours: 2 });
    expect(rotated).toMatchObject({ status: 200, body: { previousValidUntil: '2026-11-21T11:30:00.000Z' } });
    expect(rotated.body['secret']).not.toBe(first);
    expect(urlsOf(rotated.body)[0]).toContain(`&key=${rotated.body['secret']}`);
    const send = async (key: string) =>
      (
        await request(
          `${host.url}/api/postbacks/${created['id']}/tracker-postback?tracker.event=sale&key=${key}`,
        )
      ).status;
    expect([await send(first), await send(rotated.body['secret']), await send('wrong')]).toEqual([
      200, 200, 403,
    ]);
    const again = await call('POST', `integrations/${created['id']}/secret`, { graceHours: 0 });
    expect(again.body['previousValidUntil']).toBeNull();
    expect([await send(first), await send(rotated.body['secret']), await send(again.body['secret'])]).toEqual(
      [403, 403, 200],
    );
  });

  test('an integration without a secret gets its first one', async () => {
    const { id } = await create();
    const made = await call('POST', `integrations/${id}/secret`);
    expect(made).toMatchObject({ status: 200, body: { previousValidUntil: null } });
    expect((await call('GET', `integrations/${id}`)).body['secretHidden']).toBe(true);
    const binomo = await create({ network: 'binomo' });
    expect(await call('POST', `integrations/${binomo['id']}/secret`, {})).toMatchObject({
      status: 400,
      body: { code: 'secret_not_possible' },
    });
  });

  test('another tenant’s id, an unknown one and no UUID are the same 404', async () => {
    const { id, postbacks } = await create();
    const other = { 'x-tenant': 'other' };
    const replies = await Promise.all([
      call('GET', `integrations/${id}`, undefined, other),
      call('PATCH', `integrations/${id}`, { name: 'Mine' }, other),
      call('DELETE', `integrations/${id}`, undefined, other),
      call('POST', `integrations/${id}/restore`, undefined, other),
      call('POST', `integrations/${id}/secret`, {}, other),
      call('GET', `integrations/${id}/postbacks`, undefined, other),
      call('POST', `integrations/${id}/postbacks`, { name: 'X', event: 'x' }, other),
      call('PATCH', `integrations/${id}/postbacks/${postbacks[0].id}`, { name: 'X' }, other),
      call('DELETE', `integrations/${id}/postbacks/${postbacks[0].id}`, undefined, other),
      call('GET', `integrations/${randomUUID()}`),
      call('GET', 'integrations/1'),
      call('DELETE', `integrations/${id}/postbacks/nope`),
    ]);
    for (const reply of replies) expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await call('GET', `integrations/${String(id).toUpperCase()}`)).body).toMatchObject({
      id,
      name: 'Test',
    });
    expect((await call('GET', 'integrations', undefined, other)).body).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  test('archived: out of the list, still known, restorable for 30 days', async () => {
    const { id } = await create();
    expect((await call('DELETE', `integrations/${id}`)).status).toBe(204);
    expect((await call('DELETE', `integrations/${id}`)).status).toBe(204);
    expect((await call('GET', `integrations/${id}`)).body['deletedAt']).toBe('2026-11-21T09:30:00.000Z');
    expect(await call('PATCH', `integrations/${id}`, { name: 'X' })).toMatchObject({
      status: 409,
      body: { code: 'integration_archived' },
    });
    const idsOf = ({ body }: Reply): string[] => body['items'].map((item: { id: string }) => item.id);
    expect(idsOf(await call('GET', 'integrations?limit=200'))).not.toContain(id);
    expect(idsOf(await call('GET', 'integrations?archived=true'))).toEqual([id]);
    expect(await call('POST', `integrations/${id}/restore`)).toMatchObject({
      status: 200,
      body: { deletedAt: null },
    });
    await call('DELETE', `integrations/${id}`);
    const before = now;
    now += 30 * 24 * 60 * 60 * 1000;
    expect((await call('GET', `integrations/${id}`)).status).toBe(404);
    expect((await call('POST', `integrations/${id}/restore`)).status).toBe(404);
    expect(idsOf(await call('GET', 'integrations?archived=true'))).toEqual([]);
    now = before;
  });

  test('lists newest first, in pages, by filter', async () => {
    const tenant = { 'x-tenant': randomUUID() };
    const names = ['one', 'two', 'three', 'four'];
    for (const [index, name] of names.entries()) {
      // Two of one millisecond: the id decides, and none is shown twice or left out.
      if (index !== 2) now += 1;
      await call('POST', 'integrations', { name, network: index === 0 ? 'custom' : '1win' }, tenant);
    }
    const list = async (query: string) =>
      (await call('GET', `integrations?${query}`, undefined, tenant)).body;
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await list(`limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...page['items'].map((item: { name: string }) => item.name));
      cursor = page['nextCursor'];
    }
    expect([seen[0], seen[3]]).toEqual(['four', 'one']);
    expect(seen.toSorted()).toEqual(names.toSorted());
    expect((await list('network=custom'))['items']).toHaveLength(1);
    expect((await list('status=paused'))['items']).toHaveLength(0);
    for (const query of ['limit=0', 'limit=201', 'cursor=nope', 'nope=1', 'status=asleep']) {
      expect(await list(query)).toMatchObject({ statusCode: 400, code: 'validation_failed' });
    }
  });

  test('the service refuses what the routes refuse', async () => {
    const integrations = host.app.get(TrackerIntegrations);
    await expect(integrations.create({ name: '', network: '1win' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(integrations.get('nope')).rejects.toMatchObject({ code: 'not_found' });
    await expect(integrations.rotateSecret(randomUUID(), { graceHours: -1 })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });

  test('a change takes effect for the next postback', async () => {
    const { id } = await create();
    const send = async () =>
      (await request(`${host.url}/api/postbacks/${id}/tracker-postback?tracker.event=sale&clickid=nobody`))
        .body['code'];
    expect(await send()).toBe('click_unknown');
    await call('PATCH', `integrations/${id}`, { status: 'paused' });
    expect(await send()).toBe('integration_paused');
    await call('PATCH', `integrations/${id}`, { status: 'active', events: ['registration'] });
    expect(await send()).toBe('event_not_allowed');
    await call('DELETE', `integrations/${id}`);
    expect(await send()).toBe('integration_deleted');
  });

  test.each<[string, string, string, string, string | null]>([
    [
      '1win',
      'its ready URL',
      '?tracker.event=sale&clickid=CLICK&tracker.cost=50&tracker.currency=usd',
      'sale',
      '50',
    ],
    [
      '1win',
      'its own names appended',
      '?tracker.event=resale&sub1=CLICK&amount=7.50&event_id=9',
      'resale',
      '7.50',
    ],
    ['binomo', 'the event in the path', '/registration?reg=true&click_id=CLICK', 'registration', null],
    ['binomo', 'one base URL for all', '?click_id=CLICK&ftd=true&amount=50', 'sale', '50'],
    [
      'pocket-option-revshare',
      'the first generation',
      '?tracker.event=conf&click_id=CLICK&conf=1&id=',
      'conf',
      null,
    ],
    [
      'pocket-option-revshare',
      'the first generation’s deposit',
      '?tracker.event=resale&currency=usd&click_id=CLICK&sumdep=25&dep=1',
      'resale',
      '25',
    ],
    ['pocket-option-revshare', 'its successor', '?tracker.event=emailconf&clickid=CLICK', 'conf', null],
    ['pocket-option-revshare', 'flags alone', '?click_id=CLICK&dep=1&sumdep=10', 'resale', '10'],
  ])('%s is read: %s', async (network, _, target, event, cost) => {
    const { id } = await create({ network });
    const { clickId } = await host.app.get(TrackerClicks).issue({ chatId: randomUUID() });
    const url = `${host.url}/api/postbacks/${id}/tracker-postback${target.replace('CLICK', clickId)}`;
    const reply = await request(url);
    expect(reply.body).toMatchObject({ status: 'accepted', event });
    expect((await call('GET', `postbacks/${reply.body['postbackId']}`)).body).toMatchObject({
      cost,
      currency: cost === null ? null : 'USD',
    });
  });
});
