import { uuidV7 } from '../libs/tracker-postbacks/src/database/uuid-v7';
import { at, type ListedPage as Page, type Lists, startLists } from './lists.fixture';
import { ADAPTERS } from './setup/application';

describe.each(ADAPTERS)('lists over HTTP on %s', (adapter) => {
  let lists: Lists;
  beforeAll(async () => {
    lists = await startLists(adapter);
  });
  afterAll(() => lists.stop());

  /** What the rows of a page carry as their mark. */
  const marks = async (path: string, mark: string, headers?: Record<string, string>): Promise<unknown[]> =>
    (await lists.page(path, headers)).items.map((item) => item[mark]);

  describe('of conversions', () => {
    beforeAll(async () => {
      await lists.conversion('sale', '20T10:00:00', { tid: 'T1' });
      await lists.conversion('conf', '20T10:00:01', { event: 'conf' });
      await lists.conversion('midnight', '21T00:00:00', {
        event: 'resale',
        tid: 't1',
        integrationId: lists.integration.binomo,
      });
      await lists.conversion('noon', '21T12:00:00', { clickId: 'k2', event: 'withdraw' });
      await lists.conversion('reversed', '21T12:00:00', {
        clickId: 'K1',
        reversedAt: new Date(at('22T00:00:00')),
      });
      await lists.conversion('test', '21T13:00:00', { test: true });
      await lists.conversion('theirs', '21T14:00:00', {
        tenantId: 'other',
        integrationId: lists.integration.theirs,
        tid: 'T1',
      });
    });

    it.each([
      ['nothing', '', ['reversed', 'noon', 'midnight', 'conf', 'sale']],
      ['integrationId', () => `integrationId=${lists.integration.binomo.toUpperCase()}`, ['midnight']],
      ["another tenant's integration", () => `integrationId=${lists.integration.theirs}`, []],
      ['network', 'network=binomo', ['midnight']],
      ['network, repeated', 'network=binomo&network=1win', ['reversed', 'noon', 'midnight', 'conf', 'sale']],
      ['network nobody has', 'network=nobody', []],
      [
        'network and integration that differ',
        () => `network=1win&integrationId=${lists.integration.binomo}`,
        [],
      ],
      ['event', 'event=sale', ['reversed', 'sale']],
      ['event in other case', 'event=WithDraw', ['noon']],
      ['event, repeated', 'event=conf&event=resale', ['midnight', 'conf']],
      ['event with a comma is one event', 'event=conf,resale', []],
      ['clickId', 'clickId=k1', ['midnight', 'conf', 'sale']],
      ['clickId in other case', 'clickId=K1', ['reversed']],
      ['clickId unknown', 'clickId=k9', []],
      ['tid', 'tid=T1', ['sale']],
      ['tid in other case', 'tid=t1', ['midnight']],
      ['chatId', 'chatId=chat+of%20k2', ['noon']],
      ['from a day on', 'from=2026-11-21', ['reversed', 'noon', 'midnight']],
      ['until a day', 'to=2026-11-21', ['conf', 'sale']],
      ['from inclusive', 'from=2026-11-21T12:00:00Z', ['reversed', 'noon']],
      ['from a millisecond later', 'from=2026-11-21T12:00:00.001Z', []],
      ['to exclusive', 'from=2026-11-20T10:00:00Z&to=2026-11-20T10:00:01Z', ['sale']],
      ['times with an offset', 'from=2026-11-21T02:59:59%2B03:00&to=2026-11-21T03:00:01+03:00', ['midnight']],
      ['test', 'test=true', ['test']],
      ['no test', 'test=false&event=conf', ['conf']],
      ['several at once', 'clickId=k1&event=sale&event=conf&from=2026-11-20T10:00:01Z', ['conf']],
      ['several that exclude each other', 'clickId=k1&event=withdraw', []],
      ['limit', 'limit=2', ['reversed', 'noon']],
    ])('are filtered by %s', async (_, query, expected) => {
      expect(await marks(`conversions?${typeof query === 'string' ? query : query()}`, 'costRaw')).toEqual(
        expected,
      );
    });
  });

  describe('of postbacks', () => {
    beforeAll(async () => {
      await lists.postback('sale', '20T10:00:00', {
        event: 'sale',
        clickId: 'k1',
        chatId: 'chat of k1',
        tid: 'T1',
      });
      await lists.postback('again', '20T10:00:01', {
        status: 'duplicate',
        code: 'same_transaction',
        event: 'sale',
      });
      await lists.postback('lost', '21T00:00:00', {
        status: 'unmatched',
        code: 'click_unknown',
        clickId: 'K1',
        event: 'conf',
      });
      await lists.postback('macro', '21T12:00:00', { status: 'rejected', code: 'macro_unreplaced' });
      await lists.postback('eventless', '21T12:00:00', {
        status: 'rejected',
        code: 'event_missing',
        integrationId: lists.integration.binomo,
      });
      await lists.postback('test', '21T13:00:00', { test: true });
      await lists.postback('theirs', '21T14:00:00', {
        tenantId: 'other',
        integrationId: lists.integration.theirs,
        clickId: 'k1',
      });
    });

    it.each([
      ['nothing', '', ['eventless', 'macro', 'lost', 'again', 'sale']],
      ['status', 'status=rejected', ['eventless', 'macro']],
      ['status, repeated and in other case', 'status=Accepted&status=duplicate', ['again', 'sale']],
      ['code', 'code=event_missing', ['eventless']],
      ['code, repeated', 'code=ok&code=click_unknown', ['lost', 'sale']],
      ['status and code that differ', 'status=accepted&code=event_missing', []],
      ['integrationId', () => `integrationId=${lists.integration.binomo}`, ['eventless']],
      ['network', 'network=1Win', ['macro', 'lost', 'again', 'sale']],
      ['event', 'event=Sale&event=conf', ['lost', 'again', 'sale']],
      ['clickId', 'clickId=k1', ['sale']],
      ['clickId in other case', 'clickId=K1', ['lost']],
      ['tid', 'tid=T1', ['sale']],
      ['chatId', 'chatId=chat+of+k1', ['sale']],
      ['from and to', 'from=2026-11-20T10:00:01Z&to=2026-11-21T12:00:00Z', ['lost', 'again']],
      ['test', 'test=true', ['test']],
    ])('are filtered by %s', async (_, query, expected) => {
      expect(await marks(`postbacks?${typeof query === 'string' ? query : query()}`, 'address')).toEqual(
        expected,
      );
    });
  });

  describe.each(['conversions', 'postbacks'] as const)('of %s', (list) => {
    const add = (name: string, time: string): Promise<string> =>
      list === 'conversions'
        ? lists.conversion(name, time, { chatId: 'chat of paged', clickId: 'paged' })
        : lists.postback(name, time, { chatId: 'chat of paged', clickId: 'paged' });

    it('come page by page, each row once, while rows arrive', async () => {
      // Several rows share a millisecond: the order is by time, then by id.
      const all: string[] = [];
      for (let n = 0; n < 25; n += 1) all.push(await add('old', `23T10:00:0${Math.floor(n / 6)}`));
      const seen: unknown[] = [];
      let cursor = '';
      for (let page = 0; page < 3; page += 1) {
        const { body } = await lists.get(`${list}?chatId=chat+of+paged&limit=10${cursor}`);
        const { items, nextCursor } = body as Page;
        seen.push(...items.map(({ id }) => id));
        expect(nextCursor === null).toBe(page === 2);
        cursor = `&cursor=${nextCursor ?? ''}`;
        await add('new', '23T10:00:04');
        await add('new', '23T11:00:00');
      }
      expect(seen).toEqual(all.toSorted().toReversed());
      const { body: last } = await lists.get(`${list}?chatId=chat+of+paged&limit=31`);
      expect((last as Page).items).toHaveLength(31);
      expect((last as Page).nextCursor).toBeNull();
    });

    it('belong to one tenant', async () => {
      const mark = list === 'conversions' ? 'costRaw' : 'address';
      expect(await marks(list, mark, { 'x-tenant': 'other' })).toEqual(['theirs']);
      expect(await marks(`${list}?clickId=k1&network=1win`, mark, { 'x-tenant': 'other' })).toEqual([
        'theirs',
      ]);
      expect(await marks(list, mark, { 'x-tenant': 'third' })).toEqual([]);
      const { body } = await lists.get(list, { 'x-tenant': 'other' });
      const id = String((body as Page).items[0]?.['id']);
      expect((await lists.get(`${list}/${id}`, { 'x-tenant': 'other' })).status).toBe(200);
      expect(await lists.get(`${list}/${id}`)).toMatchObject({
        status: 404,
        body: { statusCode: 404, code: 'not_found' },
      });
    });

    it.each([
      ['an unknown id', '/019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1b'],
      ['no UUID', '/7'],
      ['no UUID but much text', `/${'x'.repeat(90)}`],
      ['a name of the prototype', '/__proto__'],
    ])('answer 404 to %s', async (_, path) => {
      expect(await lists.get(`${list}${path}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    });

    it.each([
      ['an unknown filter', 'tenant=other', 'tenant'],
      ['a filter in other case', 'ClickId=x', 'ClickId'],
      ['a filter with brackets', 'event[]=sale', 'event[]'],
      ['a name of the prototype', '__proto__=1', '__proto__'],
      ['no UUID', 'integrationId=7', 'integrationId'],
      ['no time', 'from=yesterday', 'from'],
      ['a day that does not exist', 'to=2026-02-30', 'to'],
      ['no number', 'limit=many', 'limit'],
      ['a limit of none', 'limit=0', 'limit'],
      ['a limit over 200', 'limit=201', 'limit'],
      ['no boolean', 'test=1', 'test'],
      ['an empty value', 'clickId=', 'clickId'],
      ['NUL', 'tid=%00', 'tid'],
      ['a repeated filter that holds one value', 'tid=1&tid=2', 'tid'],
      ['a cursor that is none', 'cursor=abc', 'cursor'],
      ['a cursor over SQL', `cursor=${Buffer.from("' OR 1=1").toString('base64url')}`, 'cursor'],
      ['a cursor of another kind', `cursor=${Buffer.from('3f2b9c1e').toString('base64url')}`, 'cursor'],
    ])('answer 400 to %s and name it', async (_, query, field) => {
      const { status, body } = await lists.get(`${list}?${query}`);
      expect(status).toBe(400);
      expect(body).toMatchObject({ statusCode: 400, code: 'validation_failed', details: [{ field }] });
    });

    it('say which filters exist', async () => {
      const common =
        'integrationId network event clickId tid chatId from to timeZone test cursor limit'.split(' ');
      const { body } = await lists.get(`${list}?nope=1`);
      expect(body).toMatchObject({
        details: [
          { field: 'nope', allowed: list === 'conversions' ? common : ['status', 'code', 'q', ...common] },
        ],
      });
    });

    it('take every filter that exists at once', async () => {
      const query =
        `integrationId=${lists.integration.win}&network=1win&event=sale&clickId=k1&tid=1&chatId=c&from=2026-11-01` +
        `&to=2026-12-01&test=false&cursor=${Buffer.from(uuidV7(0)).toString('base64url')}&limit=200` +
        (list === 'postbacks' ? '&status=accepted&code=ok' : '');
      expect(await lists.get(`${list}?${query}`)).toEqual({
        status: 200,
        body: { items: [], nextCursor: null },
      });
    });
  });

  it('names the statuses there are', async () => {
    const { status, body } = await lists.get('postbacks?status=ok');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      details: [{ field: 'status', allowed: expect.arrayContaining(['accepted', 'rejected']) }],
    });
  });
});
