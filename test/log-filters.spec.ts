import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { TrackerCorrections, TrackerPostbackLog } from 'nestjs-tracker-postbacks';
import { FilterReader } from '../libs/tracker-postbacks/src/admin/filter-reader';
import { postbackCriteria } from '../libs/tracker-postbacks/src/postback-log/postback-criteria';
import { POSTBACK_FILTERS } from '../libs/tracker-postbacks/src/postback-log/postback-filters';
import { PostbackSearch } from '../libs/tracker-postbacks/src/postback-log/postback-search';
import { type ListedPage, type Lists, startLists } from './lists.fixture';
import { ADAPTERS } from './setup/application';
import { TEST_ENGINE } from './setup/engines';

const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

describe.each(ADAPTERS)('filters of the postback log over HTTP on %s', (adapter) => {
  let lists: Lists;
  beforeAll(async () => {
    lists = await startLists(adapter);
  });
  afterAll(() => lists.stop());

  const addresses = async (query: string): Promise<unknown[]> =>
    (await lists.page(`postbacks?${query}`)).items.map(({ address }) => address);

  describe('q', () => {
    const from = 'from=2026-11-01&to=2026-12-01';
    beforeAll(async () => {
      const target = (query: string) => ({ target: `/api/postbacks/x/tracker-postback?${query}` });
      await lists.postback('percent', '10T10:00:00', target('discount=100%25&a_b=1'));
      await lists.postback('plain', '10T10:00:01', target('discount=100x25&aXb=1'));
      await lists.postback('upper', '10T10:00:02', target('CLICKID=AbCdEf'));
      await lists.postback('cyrillic', '10T10:00:03', target('name=%D0%98%D0%B2%D0%B0%D0%BD'));
      await lists.postback('backslash', '10T10:00:04', target('path=c:\\temp'));
      await lists.postback('shout', '10T10:00:05', target('say=hey!%2B'));
    });

    it.each([
      ['a substring', 'q=discount', ['plain', 'percent']],
      ['in other case', 'q=clickid=abcdef', ['upper']],
      ['% is a percent sign', 'q=100%25', ['percent']],
      ['_ is an underscore', 'q=a_b', ['percent']],
      ['a backslash is one', 'q=c:%5Ctemp', ['backslash']],
      ['! is an exclamation mark', 'q=y!', ['shout']],
      ['* is an asterisk', 'q=*', []],
      ['letters that a URL holds encoded', 'q=%D0%98%D0%B2%D0%B0%D0%BD', ['cyrillic']],
      [
        'the whole URL, as the log shows it',
        () =>
          `q=${encodeURIComponent('https://crm.example.com/api/postbacks/x/tracker-postback?CLICKID=AbCdEf')}`,
        ['upper'],
      ],
      ['nothing', 'q=nowhere', []],
      ['with another filter', 'q=discount&status=rejected', []],
    ])('finds %s', async (_, query, expected) => {
      expect(await addresses(`${from}&${typeof query === 'string' ? query : query()}`)).toEqual(expected);
    });

    it('goes back seven days before `to` and says so', async () => {
      const page = await lists.page('postbacks?q=discount&to=2026-11-17T10:00:01Z');
      expect(page.items.map(({ address }) => address)).toEqual(['plain']);
      expect(page).toMatchObject({ searchedFrom: '2026-11-10T10:00:01.000Z' });
      expect(await lists.page(`postbacks?q=discount&${from}`)).not.toHaveProperty('searchedFrom');
      expect(await lists.page('postbacks')).not.toHaveProperty('searchedFrom');
    });

    it('goes back seven days from now otherwise', async () => {
      const { items, ...page } = await lists.page('postbacks?q=discount');
      const { searchedFrom } = page as unknown as { searchedFrom: string };
      expect(items).toEqual([]);
      expect(Math.abs(Date.parse(searchedFrom) - Date.parse(ago(7)))).toBeLessThan(60_000);
    });

    it('is at most 512 characters', async () => {
      expect((await lists.get(`postbacks?q=${'x'.repeat(512)}`)).status).toBe(200);
      expect(await lists.get(`postbacks?q=${'x'.repeat(513)}`)).toMatchObject({
        status: 400,
        body: { details: [{ field: 'q' }] },
      });
    });

    it('bounds a replay of what it finds', async () => {
      const corrections = lists.host.app.get(TrackerCorrections);
      const filter = { q: 'AbCdEf', from: '2026-11-01', to: '2026-12-01' };
      expect(await corrections.replayAll(filter, { dryRun: true })).toMatchObject({ matched: 1 });
    });
  });

  describe('a date alone', () => {
    it('is midnight in the time zone asked for', async () => {
      await lists.postback('berlin', '14T23:00:00', { tid: 'zoned' });
      await lists.postback('utc', '15T00:00:00', { tid: 'zoned' });
      expect(await addresses('tid=zoned&from=2026-11-15')).toEqual(['utc']);
      expect(await addresses('tid=zoned&from=2026-11-15&timeZone=Europe/Berlin')).toEqual(['utc', 'berlin']);
      expect(await addresses('tid=zoned&to=2026-11-15&timeZone=europe/berlin')).toEqual([]);
    });

    it.each(['Europe/Nowhere', '+03:00', 'Europe%2FBerlin%00', '..%2FUTC'])('refuses %s', async (zone) => {
      expect(await lists.get(`postbacks?timeZone=${zone}`)).toMatchObject({
        status: 400,
        body: { code: 'validation_failed', details: [{ field: 'timeZone' }] },
      });
    });
  });

  describe('values that are looked up one by one', () => {
    const codes = ['macro_unreplaced', 'event_missing', 'too_large'] as const;
    beforeAll(async () => {
      // All of one code are older than all of the next: a page has to take from each what is newest of all.
      for (const [n, code] of codes.entries()) {
        for (let second = 0; second < 7; second += 1) {
          await lists.postback(`${code} ${second}`, `0${n + 1}T10:00:0${second}`, {
            status: 'rejected',
            code,
            event: n === 1 ? 'sale' : 'conf',
            integrationId: n === 2 ? lists.integration.binomo : lists.integration.win,
          });
        }
      }
    });

    it.each([
      ['a status of several codes', 'status=rejected'],
      ['several codes', 'code=macro_unreplaced&code=event_missing&code=too_large'],
      ['several events', 'status=rejected&event=sale&event=conf'],
      ['several integrations', 'network=1win&network=binomo&status=rejected'],
      ['with the accepted', 'status=rejected&status=accepted&to=2026-11-04'],
    ])('come newest first, page by page, each once: %s', async (_, query) => {
      const seen: unknown[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: ListedPage = await lists.page(
          `postbacks?${query}&limit=4${cursor === '' ? '' : `&cursor=${cursor}`}`,
        );
        seen.push(...page.items.map(({ address }) => address));
        cursor = page.nextCursor;
      }
      const expected = codes.flatMap((code) => [0, 1, 2, 3, 4, 5, 6].map((second) => `${code} ${second}`));
      expect(seen).toEqual(expected.toReversed());
    });

    it('exclude each other', async () => {
      expect(await addresses('status=accepted&code=event_missing')).toEqual([]);
      expect(await addresses('status=rejected&code=event_missing&limit=1')).toEqual(['event_missing 6']);
    });
  });

  it('finds the postbacks of a chat through its clicks, also after a merge', async () => {
    await lists.postback('merged', '05T10:00:00', { clickId: 'k2', chatId: 'chat of k2', tid: 'm' });
    await lists.postback('nobody', '05T10:00:01', {
      clickId: 'k2',
      chatId: null,
      status: 'unmatched',
      code: 'click_unknown',
    });
    expect(await addresses('chatId=chat+of+k2')).toEqual(['merged']);
    const moved = await fetch(`${lists.host.url}/api/tracker/clicks/reassign`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fromChatId: 'chat of k2', toChatId: 'chat of paged' }),
    });
    expect(moved.status).toBe(200);
    expect(await addresses('chatId=chat+of+k2')).toEqual([]);
    expect(await addresses('chatId=chat+of+paged')).toEqual(['merged']);
    expect(await addresses('chatId=chat+of+paged&clickId=k1')).toEqual([]);
  });

  it('takes filters from code as from a query', async () => {
    const log = lists.host.app.get(TrackerPostbackLog);
    const page = await log.list({ q: 'ABCDEF', from: new Date(Date.UTC(2026, 10, 1)), to: '2026-12-01' });
    expect(page.items.map(({ address }) => address)).toEqual(['upper']);
  });

  it.each([
    ['tid', { tid: 'x' }, ['tracker_postbacks_tid']],
    ['event', { event: 'x' }, ['tracker_postbacks_event']],
    ['events', { event: ['x', 'y'] }, ['tracker_postbacks_event']],
    ['code', { code: 'event_missing' }, ['tracker_postbacks_code']],
    ['status', { status: 'rejected' }, ['tracker_postbacks_code']],
    ['clickId', { clickId: 'x' }, ['tracker_postbacks_click']],
    ['chatId', { chatId: 'chat of k1' }, ['tracker_postbacks_click']],
    ['test', { test: true }, ['tracker_postbacks_test']],
    ['integrationId', { integrationId: randomUUID() }, ['tracker_postbacks_integration']],
  ])('uses its index for the filter %s', async (_, filters, indexes) => {
    const { app } = lists.host;
    const criteria = postbackCriteria(new FilterReader(filters, POSTBACK_FILTERS), Date.now());
    const query = await app.get(PostbackSearch).page('default', criteria);
    const [sql, parameters] = query?.select('postback.id').getQueryAndParameters() ?? ['', []];
    const plan = await app.get(DataSource).transaction(async (manager) => {
      // A small table is read from end to end whatever its indexes: what is asked here is whether they could be used.
      // MySQL names them all, whichever it takes.
      for (const setting of TEST_ENGINE === 'postgres' ? ['seqscan', 'bitmapscan', 'sort'] : []) {
        await manager.query(`SET LOCAL enable_${setting} = off`);
      }
      const explain = TEST_ENGINE === 'sqlite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
      return JSON.stringify(await manager.query(`${explain} ${sql}`, parameters));
    });
    for (const index of indexes) expect(plan).toContain(index);
  });
});
