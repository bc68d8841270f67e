import { DataSource } from 'typeorm';
import { TrackerClick, TrackerClicks, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { looksAreOver } from './setup/second-look';

const tenantOfHeader = (request: unknown): string =>
  (request as { headers: Record<string, string | undefined> }).headers['x-tenant'] ?? 'default';

describe.each(ADAPTERS)('clicks over HTTP on %s', (adapter) => {
  let database: TestDatabase;
  let host: TestApplication;
  let dataSource: DataSource;
  let clicks: TrackerClicks;

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database, { adapter, options: { tenant: tenantOfHeader } });
    dataSource = host.app.get(DataSource);
    clicks = host.app.get(TrackerClicks);
  });
  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  async function call(method: 'GET' | 'POST', path: string, body?: unknown, tenant = 'default') {
    const response = await fetch(`${host.url}/api/tracker/clicks${path}`, {
      method,
      headers: { 'x-tenant': tenant, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  const issue = async (body: object, tenant?: string): Promise<string> => {
    const answer = await call('POST', '', body, tenant);
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body)).toEqual(['clickId']);
    return String(answer.body['clickId']);
  };
  const register = (sent: readonly object[], tenant?: string) =>
    call('POST', '/register', { clicks: sent }, tenant);
  const look = (clickId: string, tenant?: string) =>
    call('GET', `/${encodeURIComponent(clickId)}`, undefined, tenant);

  describe('issue', () => {
    it('gives twelve letters and digits that can be looked up', async () => {
      const clickId = await issue({ chatId: 'issue-1', campaignId: 'spring' });
      expect(clickId).toMatch(/^[A-Za-z0-9]{12}$/);
      const { status, body } = await look(clickId);
      expect(status).toBe(200);
      expect(body).toEqual({
        clickId,
        chatId: 'issue-1',
        campaignId: 'spring',
        source: 'issued',
        test: false,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        erasedAt: null,
      });
    });

    it('gives a chat the id it has, per campaign and per tenant', async () => {
      const chatId = 'issue-2';
      const ids = [
        await issue({ chatId }),
        await issue({ chatId, campaignId: 'a' }),
        await issue({ chatId, campaignId: 'b' }),
        await issue({ chatId }, 'other'),
        await issue({ chatId: 'Issue-2' }),
      ];
      expect(new Set(ids).size).toBe(5);
      expect([
        await issue({ chatId, campaignId: null }),
        await issue({ chatId, campaignId: 'a' }),
        await issue({ chatId, campaignId: 'b' }),
        await issue({ chatId }, 'other'),
        await issue({ chatId: 'Issue-2' }),
      ]).toEqual(ids);
    });

    it('gives a new one when asked for a fresh one, and that one from then on', async () => {
      const chatId = 'issue-3';
      const first = await issue({ chatId });
      const fresh = await issue({ chatId, fresh: true });
      expect(fresh).not.toBe(first);
      expect(await issue({ chatId })).toBe(fresh);
      expect((await look(first)).body['chatId']).toBe(chatId);
    });

    it('does not give out an id that the host registered', async () => {
      await register([{ clickId: 'hosts-own', chatId: 'issue-4' }]);
      expect(await issue({ chatId: 'issue-4' })).not.toBe('hosts-own');
    });

    it('gives one id to fifty calls at once, and stores one', async () => {
      // Not over HTTP: the first request would be through before the last has arrived.
      const chat = { chatId: 'issue-5', campaignId: 'x' };
      const issued = await Promise.all(Array.from({ length: 50 }, () => clicks.issue(chat)));
      expect(new Set(issued.map(({ clickId }) => clickId)).size).toBe(1);
      expect(await dataSource.getRepository(TrackerClick).countBy({ chatId: 'issue-5' })).toBe(1);
    });

    it('gives fifty ids to fifty fresh calls at once', async () => {
      const ids = await Promise.all(
        Array.from({ length: 50 }, () => issue({ chatId: 'issue-6', fresh: true })),
      );
      expect(new Set(ids).size).toBe(50);
    });

    it.each([
      ['no chat', {}, 'chatId'],
      ['an empty chat', { chatId: '' }, 'chatId'],
      ['a number for a chat', { chatId: 5 }, 'chatId'],
      ['a chat of 256 characters', { chatId: 'x'.repeat(256) }, 'chatId'],
      ['NUL', { chatId: 'a\0b' }, 'chatId'],
      ['half a surrogate pair', { chatId: 'a\ud83d' }, 'chatId'],
      ['an empty campaign', { chatId: 'c', campaignId: '' }, 'campaignId'],
      ['fresh that is no boolean', { chatId: 'c', fresh: 'yes' }, 'fresh'],
      ['an unknown key', { chatId: 'c', chat: 'd' }, 'chat'],
      ['a tenant from outside', { chatId: 'c', tenantId: 'other' }, 'tenantId'],
    ])('refuses %s', async (_, body, field) => {
      const answer = await call('POST', '', body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ statusCode: 400, code: 'validation_failed', details: [{ field }] });
    });
  });

  describe('register', () => {
    it('makes ids known, byte for byte', async () => {
      const sent = [
        'AbC',
        'abc',
        'AbC ',
        'ÁbC',
        'a/b?c=1&d#e',
        '100%',
        '%2F',
        'a+b',
        '😀',
        '__proto__',
        '..x',
      ];
      const answer = await register(sent.map((clickId) => ({ clickId, chatId: `chat of ${clickId}` })));
      expect(answer).toEqual({
        status: 200,
        body: { registered: sent.length, alreadyKnown: 0, conflicts: [], rejudged: 0 },
      });
      for (const clickId of sent) {
        expect((await look(clickId)).body).toMatchObject({
          clickId,
          chatId: `chat of ${clickId}`,
          source: 'registered',
        });
      }
    });

    it('never moves a click', async () => {
      const click = { clickId: 'stays', chatId: 'first', campaignId: 'c' };
      const other = { clickId: 'stays', chatId: 'second' };
      expect((await register([click])).body).toMatchObject({ registered: 1 });
      expect((await register([click])).body).toMatchObject({ registered: 0, alreadyKnown: 1, conflicts: [] });
      expect((await register([other])).body).toMatchObject({
        registered: 0,
        alreadyKnown: 0,
        conflicts: ['stays'],
      });
      expect((await register([{ ...click, campaignId: 'd' }])).body).toMatchObject({ alreadyKnown: 1 });
      expect((await look('stays')).body).toMatchObject({ chatId: 'first', campaignId: 'c' });
    });

    it('stores the new ones of a call beside those known and those of other chats', async () => {
      await register([
        { clickId: 'mixed-1', chatId: 'x' },
        { clickId: 'mixed-2', chatId: 'x' },
      ]);
      const { body } = await register([
        { clickId: 'mixed-1', chatId: 'x' },
        { clickId: 'mixed-2', chatId: 'y' },
        { clickId: 'mixed-3', chatId: 'y' },
      ]);
      expect(body).toEqual({ registered: 1, alreadyKnown: 1, conflicts: ['mixed-2'], rejudged: 0 });
    });

    it('takes the first of an id repeated in one call', async () => {
      const { body } = await register([
        { clickId: 'twice', chatId: 'x' },
        { clickId: 'twice', chatId: 'x' },
        { clickId: 'twice', chatId: 'y' },
        { clickId: 'twice', chatId: 'z' },
      ]);
      expect(body).toEqual({ registered: 1, alreadyKnown: 1, conflicts: ['twice'], rejudged: 0 });
      expect((await look('twice')).body['chatId']).toBe('x');
    });

    it('keeps tenants apart', async () => {
      await register([{ clickId: 'shared', chatId: 'mine' }]);
      expect((await register([{ clickId: 'shared', chatId: 'theirs' }], 'other')).body).toMatchObject({
        registered: 1,
      });
      expect((await look('shared')).body['chatId']).toBe('mine');
      expect((await look('shared', 'other')).body['chatId']).toBe('theirs');
      expect((await look('shared', 'third')).status).toBe(404);
    });

    it('takes a thousand at once, in opposite orders at the same time', async () => {
      for (let round = 0; round < 5; round += 1) {
        const some = Array.from({ length: 1000 }, (_, n) => ({ clickId: `bulk-${round}-${n}`, chatId: 'c' }));
        const orders = [some, some.toReversed(), some, some.toReversed()];
        const answers = await Promise.all(orders.map((order) => clicks.register({ clicks: order })));
        expect(answers.reduce((sum, { registered }) => sum + registered, 0)).toBe(1000);
        expect(answers.reduce((sum, { alreadyKnown }) => sum + alreadyKnown, 0)).toBe(3000);
      }
      const sent = Array.from({ length: 1000 }, (_, n) => ({ clickId: `bulk-0-${n}`, chatId: 'c' }));
      expect((await register(sent)).body).toMatchObject({ registered: 0, alreadyKnown: 1000 });
    });

    it('gives a contested id to one of two chats', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => register([{ clickId: 'contested', chatId: `chat-${n % 2}` }])),
      );
      const owner = (await look('contested')).body['chatId'];
      const counts = answers.map(
        ({ body }) => body as { registered: number; alreadyKnown: number; conflicts: string[] },
      );
      expect(counts.reduce((sum, { registered }) => sum + registered, 0)).toBe(1);
      expect(counts.filter(({ conflicts }) => conflicts.length === 1)).toHaveLength(10);
      counts.forEach(({ conflicts }, n) => {
        expect(conflicts.length).toBe(`chat-${n % 2}` === owner ? 0 : 1);
      });
    });

    it('accepts nothing to register', async () => {
      expect(await register([])).toEqual({
        status: 200,
        body: { registered: 0, alreadyKnown: 0, conflicts: [], rejudged: 0 },
      });
    });

    it.each<[string, unknown, string]>([
      ['no list', {}, 'clicks'],
      ['no list but text', { clicks: 'x' }, 'clicks'],
      ['an element that is no object', { clicks: ['x'] }, 'clicks.0'],
      [
        'a click id of 256 characters',
        { clicks: [{ clickId: 'x'.repeat(256), chatId: 'c' }] },
        'clicks.0.clickId',
      ],
      ['an empty click id', { clicks: [{ clickId: '', chatId: 'c' }] }, 'clicks.0.clickId'],
      ['no chat', { clicks: [{ clickId: 'x' }] }, 'clicks.0.chatId'],
      ['an unknown key', { clicks: [{ clickId: 'x', chatId: 'c', chat: 'd' }] }, 'clicks.0.chat'],
      [
        'more than a thousand',
        { clicks: Array.from({ length: 1001 }, (_, n) => ({ clickId: `${n}`, chatId: 'c' })) },
        'clicks',
      ],
    ])('refuses %s', async (_, body, field) => {
      const answer = await call('POST', '/register', body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'validation_failed', details: [{ field }] });
    });

    it('stores none where one is at fault', async () => {
      const answer = await register([
        { clickId: 'good one', chatId: 'c' },
        { clickId: 'bad\0one', chatId: 'c' },
      ]);
      expect(answer.body).toMatchObject({ details: [{ field: 'clicks.1.clickId' }] });
      expect((await look('good one')).status).toBe(404);
    });
  });

  it('judges the postbacks that waited for a click as soon as it is registered', async () => {
    const { id } = await host.app.get(TrackerIntegrations).create({ name: 'x', network: 'custom' });
    const postback = `${host.url}/api/postbacks/${id}/tracker-postback?clickid=late&tracker.event`;
    for (const event of ['registration', 'conf']) {
      const reply = await fetch(`${postback}=${event}`);
      expect(await reply.json()).toMatchObject({ status: 'unmatched', code: 'click_unknown' });
    }
    await looksAreOver(host.app);
    const other = await register([{ clickId: 'late', chatId: 'late lead' }], 'other');
    expect(other.body).toMatchObject({ registered: 1, rejudged: 0 });
    const { body } = await register([{ clickId: 'late', chatId: 'late lead' }]);
    expect(body).toEqual({ registered: 1, alreadyKnown: 0, conflicts: [], rejudged: 2 });
    const again = await register([{ clickId: 'late', chatId: 'late lead' }]);
    expect(again.body).toEqual({ registered: 0, alreadyKnown: 1, conflicts: [], rejudged: 0 });
    const duplicate = await fetch(`${postback}=conf`);
    expect(await duplicate.json()).toMatchObject({ status: 'duplicate', code: 'once_per_click' });
  });

  describe('find', () => {
    it.each(['unknown', 'ABCdefGHIjkl', ' ', '\0', "' OR 1=1 --"])('does not know %j', async (clickId) => {
      const answer = await look(clickId);
      expect(answer).toMatchObject({ status: 404, body: { statusCode: 404, code: 'not_found' } });
    });
  });

  describe('for callers in code', () => {
    it('registers one click without a list', async () => {
      const click = { clickId: 'in-code', chatId: 'c' };
      await expect(clicks.register(click)).resolves.toEqual({
        registered: 1,
        alreadyKnown: 0,
        conflicts: [],
        rejudged: 0,
      });
      await expect(clicks.find('in-code')).resolves.toMatchObject(click);
      await expect(clicks.find('in-code', { tenantId: 'other' })).resolves.toBeNull();
      await expect(clicks.find('x'.repeat(300))).resolves.toBeNull();
    });

    it('refuses with the name of the field', async () => {
      await expect(clicks.register({ clickId: '', chatId: 'c' })).rejects.toMatchObject({
        code: 'validation_failed',
        details: [{ field: 'clickId' }],
      });
      await expect(clicks.announce([''])).rejects.toMatchObject({ details: [{ field: 'clickIds.0' }] });
    });

    it('announces ids nobody waits for', async () => {
      await expect(clicks.announce(['a', 'a', 'b'])).resolves.toEqual({ rejudged: 0 });
    });
  });
});

describe('two instances on one database', () => {
  let database: TestDatabase;
  let instances: readonly TestApplication[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    instances = [await startApplication(database), await startApplication(database)];
  });
  afterAll(async () => {
    for (const instance of instances) await instance.close();
    await database.drop();
  });

  it('issue one id to a chat', async () => {
    for (const chatId of ['a', 'b', 'c', 'd', 'e']) {
      const issued = await Promise.all(
        instances.flatMap(({ app }) =>
          Array.from({ length: 10 }, () => app.get(TrackerClicks).issue({ chatId })),
        ),
      );
      expect(new Set(issued.map(({ clickId }) => clickId)).size).toBe(1);
    }
  });
});
