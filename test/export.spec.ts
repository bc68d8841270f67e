import { createHash } from 'node:crypto';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { TrackerPostback } from 'nestjs-tracker-postbacks';
import { uuidV7 } from '../libs/tracker-postbacks/src/database/uuid-v7';
import { PostbackSearch } from '../libs/tracker-postbacks/src/postback-log/postback-search';
import { type Lists, startLists } from './lists.fixture';
import { ADAPTERS } from './setup/application';

/** What hosts put around every answer. */
class Wrapping implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** A strict reading of RFC 4180. */
function parsed(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) throw new Error(`No CSV at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  expect(row).toEqual([]);
  return rows;
}

describe.each(ADAPTERS)('CSV over HTTP on %s', (adapter) => {
  let lists: Lists;
  beforeAll(async () => {
    lists = await startLists(adapter, (app) => app.useGlobalInterceptors(new Wrapping()));
  });
  afterAll(() => lists.stop());

  const url = (path: string): string => `${lists.host.url}/api/tracker/${path}`;
  async function table(path: string, headers: Record<string, string> = {}) {
    const response = await fetch(url(path), { headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect({ status: response.status, bytes: response.ok ? '' : bytes.toString() }).toEqual({
      status: 200,
      bytes: '',
    });
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head = [], ...rows] = parsed(bytes.subarray(3).toString('utf8'));
    return rows.map((row) => {
      expect(row).toHaveLength(head.length);
      return Object.fromEntries(head.map((name, n) => [name, row[n] ?? '']));
    });
  }
  const pages = () => jest.spyOn(lists.host.app.get(PostbackSearch, { strict: false }), 'page');
  afterEach(() => jest.restoreAllMocks());

  it('exports postbacks as a file that nobody keeps or guesses about', async () => {
    await lists.postback('203.0.113.7', '20T10:00:00', {
      event: 'sale',
      reportedEvent: 'ftd',
      tid: 'one',
      cost: '-12.50',
      currency: 'USD',
      target: '/api/postbacks/x/tracker-postback?a="b",c',
      warnings: [
        { code: 'tid_unusable', parameter: 'tracker.tid' },
        { code: 'amount_missing', parameter: null },
      ],
      durationMs: 4,
    });
    const response = await fetch(url('postbacks/export.csv?tid=one'));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="postbacks.csv"',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    await response.text();
    const [row] = await table('postbacks/export.csv?tid=one', { 'accept-language': 'ru' });
    expect(row).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receivedAt: '2026-11-20T10:00:00.000Z',
      status: 'accepted',
      code: 'ok',
      message: 'Принято и записано.',
      integrationId: lists.integration.win,
      network: '1win',
      event: 'sale',
      reportedEvent: 'ftd',
      clickId: '',
      chatId: '',
      tid: 'one',
      cost: '-12.50',
      currency: 'USD',
      conversionId: '',
      warnings: 'tid_unusable amount_missing',
      url: 'https://crm.example.com/api/postbacks/x/tracker-postback?a="b",c',
      method: 'GET',
      address: '203.0.113.7',
      judgedAt: '',
      durationMs: '4',
      parkedUntil: '',
      test: 'false',
    });
  });

  it('exports conversions', async () => {
    await lists.conversion('-5,00', '20T10:00:00', {
      tid: 'two',
      cost: '-5.00',
      currency: 'EUR',
      fields: { note: 'a\r\nb', name: 'Иван "И"' },
    });
    const rows = await table('conversions/export.csv?tid=two');
    expect(rows).toEqual([
      expect.objectContaining({
        event: 'sale',
        ordinal: '1',
        tid: 'two',
        cost: '-5.00',
        costRaw: "'-5,00",
        fields: '{"note":"a\\r\\nb","name":"Иван \\"И\\""}',
        reversedAt: '',
        test: 'false',
      }),
    ]);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['-5', "'-5"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', "'\r=1"],
    ["'=1", "'=1"],
    ['a=1', 'a=1'],
    ['a\nb', 'a\nb'],
    ['a\rb', 'a\rb'],
    ['a,"b"', 'a,"b"'],
    [' x ', ' x '],
  ])('keeps %j from being a formula', async (tid, expected) => {
    await lists.postback('formula', '21T10:00:00', { tid });
    const rows = await table(`postbacks/export.csv?tid=${encodeURIComponent(tid)}`);
    expect(rows.map((row) => row['tid'])).toEqual([expected]);
  });

  it('takes the filters of the list and refuses paging', async () => {
    const { body: page } = await lists.get('postbacks/export.csv?limit=5&cursor=x&nope=1');
    expect(page).toMatchObject({
      statusCode: 400,
      code: 'validation_failed',
      details: [
        { field: 'limit', allowed: expect.arrayContaining(['status', 'q', 'chatId', 'timeZone']) },
        { field: 'cursor' },
        { field: 'nope' },
      ],
    });
    expect(await lists.get('conversions/export.csv?status=accepted')).toMatchObject({ status: 400 });
    expect(await table('postbacks/export.csv?tid=one&status=rejected')).toEqual([]);
    expect(await table('postbacks/export.csv?tid=one&network=nobody')).toEqual([]);
    expect(await table('postbacks/export.csv?tid=one&event=sale&event=conf')).toHaveLength(1);
  });

  it('belongs to one tenant', async () => {
    await lists.postback('theirs', '21T10:00:00', {
      tenantId: 'other',
      integrationId: lists.integration.theirs,
    });
    expect(
      (await table('postbacks/export.csv', { 'x-tenant': 'other' })).map(({ address }) => address),
    ).toEqual(['theirs']);
    expect(await table('conversions/export.csv', { 'x-tenant': 'other' })).toEqual([]);
  });

  it('answers HEAD without reading the log', async () => {
    const spy = pages();
    const response = await fetch(url('postbacks/export.csv'), { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="postbacks.csv"');
    expect(await response.text()).toBe('');
    expect(spy.mock.calls.length).toBeLessThanOrEqual(1);
  });

  describe('of a long log', () => {
    const ROWS = 6_000;
    beforeAll(async () => {
      const rows = Array.from({ length: ROWS }, (_, n) => {
        const received = 1_700_000_000_000 + Math.floor(n / 3);
        return {
          id: uuidV7(received),
          tenantId: 'long',
          integrationId: lists.integration.win,
          status: 'accepted',
          code: 'ok',
          method: 'GET',
          target: `/${n + 1}?x=${createHash('md5').update(String(n)).digest('hex').repeat(250)}`,
          event: 'sale',
          receivedAt: new Date(received),
        } as const;
      });
      for (let start = 0; start < ROWS; start += 500) {
        await lists.dataSource.getRepository(TrackerPostback).insert(rows.slice(start, start + 500));
      }
    });
    const headers = { 'x-tenant': 'long' };
    const open = (): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        httpGet(url('postbacks/export.csv'), { headers }, resolve).on('error', reject);
      });

    it('holds every row once, newest first, none that came later', async () => {
      const spy = pages();
      spy.mockImplementation(async function (this: PostbackSearch, tenantId, criteria) {
        // The first batch is read when the second is asked for.
        if (spy.mock.calls.length === 2) await lists.postback('late', '25T10:00:00', { tenantId: 'long' });
        return PostbackSearch.prototype.page.call(this, tenantId, criteria);
      });
      const rows = await table('postbacks/export.csv', headers);
      expect(rows.map((row) => /com\/(\d+)/.exec(row['url'] ?? '')?.[1])).toEqual(
        Array.from({ length: ROWS }, (_, n) => String(ROWS - n)),
      );
      expect(spy.mock.calls.length).toBeGreaterThan(5);
    });

    it('waits for a slow reader, and stops asking when he goes away', async () => {
      const spy = pages();
      const response = await open();
      response.pause();
      // The socket's buffers fill up, then nothing moves.
      let calls = -1;
      while (calls !== spy.mock.calls.length) {
        calls = spy.mock.calls.length;
        await pause(300);
      }
      expect(calls).toBeLessThan(10);
      response.destroy();
      await pause(300);
      expect(spy.mock.calls.length).toBeLessThanOrEqual(calls + 1);
    });

    it('is cut off when it fails on the way: half a file is no file', async () => {
      const spy = pages();
      spy.mockImplementation(async function (this: PostbackSearch, tenantId, criteria) {
        if (spy.mock.calls.length > 3) throw new Error('the database went away');
        return PostbackSearch.prototype.page.call(this, tenantId, criteria);
      });
      const response = await fetch(url('postbacks/export.csv'), { headers });
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
    });

    it('answers an error where it fails before the first row', async () => {
      pages().mockRejectedValue(new Error('the database went away'));
      const response = await fetch(url('postbacks/export.csv'), { headers });
      expect(response.status).toBe(500);
      expect(response.headers.get('content-disposition')).toBeNull();
    });
  });
});
