import { randomUUID } from 'node:crypto';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from '../conformance/ledger';
import { wire, type WireReply } from '../conformance/wire';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Name, query, reply line, what the message must name. CLICK stands for a registered click. */
type Verdict = readonly [name: string, query: string, verdict: string, message: RegExp];

// prettier-ignore
const UNUSABLE: readonly Verdict[] = [
  ['no event', 'clickid=CLICK', '400 event_missing', /tracker\.event=sale/],
  ['an empty event', 'tracker.event=&clickid=CLICK', '400 event_missing', /tracker\.event/],
  ['an event called null', 'tracker.event=null&clickid=CLICK', '400 event_missing', /tracker\.event/],
  ['an event macro', 'tracker.event={event_name}&clickid=CLICK', '400 macro_unreplaced', /"\{event_name\}" in "tracker\.event".*cabinet/],
  ['an encoded event macro', 'tracker.event=%257Bstatus%257D&clickid=CLICK', '400 macro_unreplaced', /"tracker\.event"/],
  ['an event with spaces', 'tracker.event=first%20deposit&clickid=CLICK', '400 event_invalid', /"first deposit" of "tracker\.event".*1–64/],
  ['a reserved event', 'tracker.event=Fields&clickid=CLICK', '400 event_invalid', /reserved/],
  ['an event of 65 characters', `tracker.event=${'a'.repeat(65)}&clickid=CLICK`, '400 event_invalid', /"tracker\.event"/],
  ['two events', 'tracker.event=sale&tracker.event=conf&clickid=CLICK', '400 conflicting_parameter', /"tracker\.event" came more than once.*sale.*conf/],
  ['one event twice', 'tracker.event=sale&tracker.event=SALE&clickid=CLICK', '200 ok', /./],
  ['no click id', 'tracker.event=sale', '200 click_missing', /clickid=…/],
  ['an empty click id', 'tracker.event=sale&clickid=%20', '200 click_missing', /clickid=…/],
  ['a click id that is not set', 'tracker.event=sale&clickid=(not%20set)', '200 click_missing', /clickid=…/],
  ['a click id macro', 'tracker.event=sale&clickid={sub1}', '400 macro_unreplaced', /"\{sub1\}" in "clickid"/],
  ['a partly replaced click id macro', 'tracker.event=sale&clickid=CLICK-{sub1}', '400 macro_unreplaced', /"clickid"/],
  ['two click ids', 'tracker.event=sale&clickid=CLICK&clickid=other', '400 conflicting_parameter', /"clickid" came more than once/],
  ['a macro beside the real click id', 'tracker.event=sale&clickid={clickid}&clickid=CLICK', '200 ok', /./],
  ['a click id of 256 characters', `tracker.event=sale&clickid=${'a'.repeat(256)}`, '400 too_large', /"clickid" is longer than.*255/],
  ['a tid of 256 characters', `tracker.event=sale&clickid=CLICK&tracker.tid=${'a'.repeat(256)}`, '400 too_large', /"tracker\.tid"/],
  ['a click id of 255 characters', `tracker.event=sale&clickid=${'a'.repeat(255)}`, '200 click_unknown', /"clickid"/],
];

// prettier-ignore
const UNREADABLE_MONEY: readonly (readonly [sent: string, warning: string])[] = [
  ['twelve', 'amount_unreadable'], ['Infinity', 'amount_unreadable'], ['NaN', 'amount_unreadable'], ['1e9', 'amount_unreadable'],
  ['0x1F', 'amount_unreadable'], ['1.2.3', 'amount_unreadable'], ['--5', 'amount_unreadable'], ['1,234', 'amount_ambiguous'],
  ['9'.repeat(19), 'amount_unreadable'], ['9'.repeat(4000), 'amount_unreadable'], ['%00', 'amount_missing'], ['5%ED%A0%80', 'amount_unreadable'],
  ['{amount}', 'macro_unreplaced'], ['[object%20Object]', 'amount_missing'],
];

describe.each(ADAPTERS)('bad input on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;
  let crm: Crm;
  let path: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter });
    ledger = ledgerOf(application);
    crm = await createCrm(application);
    path = `/api/postbacks/${crm.integrationId}/tracker-postback`;
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const get = (query: string): Promise<WireReply> => wire(application.url, `${path}?${query}`);
  const line = ({ status, body }: WireReply): string => `${status} ${body['code']}`;

  it.each(UNUSABLE)('%s', async (_, query, verdict, message) => {
    const reply = await get(query.replace('CLICK', await crm.newClick()));
    expect(line(reply)).toBe(verdict);
    expect(reply.body['message']).toMatch(message);
    const stored = await ledger.postback(reply.body['postbackId']);
    expect(`${reply.status} ${stored['code']}`).toBe(verdict);
  });

  it('never repeats more than 64 characters of a value', async () => {
    const long = 'x'.repeat(200);
    const reply = await get(`tracker.event=${long}!&clickid=${long}&tracker.cost=${long}&fields.=${long}`);
    expect(reply.text).toContain('x'.repeat(64));
    expect(reply.text).not.toContain('x'.repeat(65));
  });

  it.each(UNREADABLE_MONEY)('the amount %s is no amount, and the deposit counts', async (sent, warning) => {
    const { status, body } = await get(
      `tracker.event=sale&clickid=${await crm.newClick()}&tracker.cost=${sent}`,
    );
    expect([status, body['code']]).toEqual([200, 'ok']);
    expect(body['warnings'].map(({ code }: { code: string }) => code)).toContain(warning);
    expect(await ledger.conversion(body['conversionId'])).toMatchObject({ cost: null });
  });

  describe('an unknown integration', () => {
    it.each([
      ['an unknown id', () => randomUUID()],
      ['no UUID', () => 'x'],
      ['a UUID cut off', () => crm.integrationId.slice(0, -1)],
      ['a UUID and more', () => `${crm.integrationId}0`],
      ['a UUID in braces', () => `%7B${crm.integrationId}%7D`],
      ['SQL', () => `'%20OR%201=1--`],
      ['a prototype name', () => '__proto__'],
      ['NUL', () => '%00'],
      ['broken percent', () => '%'],
      ['not UTF-8', () => '%ED%A0%80'],
      ['200 characters', () => 'a'.repeat(200)],
      ['a UUID of another alphabet', () => crm.integrationId.replace(/^./, 'g')],
    ])('%s: 404 and nothing stored', async (_, id) => {
      const count = async (): Promise<number> => {
        const [row] = await ledger.query('SELECT count(*) AS count FROM tracker_postbacks');
        return Number(row?.['count']);
      };
      const before = await count();
      const query = `tracker.event=sale&clickid=${await crm.newClick()}`;
      for (const method of ['GET', 'POST']) {
        const target = `/api/postbacks/${id()}/tracker-postback?${query}`;
        const reply = await wire(application.url, target, { method });
        expect(line(reply)).toBe('404 integration_unknown');
        expect(reply.headers['cache-control']).toBe('no-store');
      }
      expect(await count()).toBe(before);
    });
  });

  describe('hostile requests get an answer and a row', () => {
    const own = Object.getOwnPropertyNames(Object.prototype).sort();
    const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const keys = (count: number): string => Array.from({ length: count }, (_, n) => n.toString(36)).join('&');

    it.each([
      [
        '__proto__ as a parameter',
        'tracker.event=sale&clickid=CLICK&__proto__=1&__proto__.x=1&__proto__[x]=1',
      ],
      [
        'constructor.prototype as a parameter',
        'tracker.event=sale&clickid=CLICK&constructor.prototype.x=1&constructor[prototype][x]=1',
      ],
      [
        'prototype names as fields',
        'tracker.event=sale&clickid=CLICK&fields.__proto__=1&fields.constructor.prototype.x=1&fields.toString=1',
      ],
      [
        'NUL in every role',
        'tracker.event=sa%00le&clickid=CLICK%00&tracker.cost=5%00&tracker.tid=%00&fields.a%00=%00&%00=%00',
      ],
      [
        'lone surrogates',
        'tracker.event=sale&clickid=CLICK&fields.a=%ED%A0%80&tracker.tid=%ED%BF%BF&x%ED%A0%80=1',
      ],
      [
        'broken percent',
        'tracker.event=sale&clickid=CLICK&fields.a=100%&fields.b=%zz&%=%&tracker.tid=%E0%A4%A',
      ],
      ['emoji and right-to-left', 'tracker.event=sale&clickid=CLICK&fields.name=%F0%9F%8E%B0%E2%80%AEabc'],
      ['only separators', '&&&==&=&?&?='],
      ['a thousand brackets', `tracker.event=sale&clickid=CLICK&${'['.repeat(1000)}=${'{'.repeat(1000)}`],
      ['10,000 keys', keys(2900)],
      ['15 KB of query', `tracker.event=sale&clickid=CLICK&fields.a=${'x'.repeat(15_000)}`],
      ['15 KB of spaces', `tracker.event=sale&clickid=CLICK&tracker.cost=1${'+'.repeat(15_000)}1`],
      ['15 KB of percent', `tracker.event=${'%25'.repeat(5000)}&clickid=CLICK`],
    ])('%s', async (_, query) => {
      const before = await ledger.postbackCount(crm.integrationId);
      const reply = await get(query.replace('CLICK', await crm.newClick()));
      expect([200, 400]).toContain(reply.status);
      expect(reply.body['postbackId']).toMatch(/^[0-9a-f-]{36}$/);
      expect(await ledger.postbackCount(crm.integrationId)).toBe(before + 1);
      expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(own);
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    });

    /** Null where the adapter itself may answer 4xx to a broken or huge body, which then is no postback. */
    // prettier-ignore
    it.each<readonly [string, Record<string, string>, string | Buffer, string | null]>([
      ['an empty body', FORM, '', '200 ok'],
      ['an empty JSON object', JSON_TYPE, '{}', '200 ok'],
      ['10,000 form keys', FORM, keys(10_000), '200 ok'],
      ['a form just over 64 KB', FORM, `a=${'x'.repeat(65_536)}`, '400 too_large'],
      ['JSON just over 64 KB', JSON_TYPE, JSON.stringify({ a: 'x'.repeat(65_536) }), '400 too_large'],
      ['a form of 200 KB', FORM, `a=${'x'.repeat(200_000)}`, null],
      ['JSON of 200 KB', JSON_TYPE, JSON.stringify({ a: 'x'.repeat(200_000) }), null],
      ['JSON nested 100 deep', JSON_TYPE, deep(100), '200 ok'],
      ['JSON nested 9,000 deep', JSON_TYPE, deep(9_000), '200 ok'],
      ['a JSON array', JSON_TYPE, '[1,{"a":2},[3]]', '200 ok'],
      ['a JSON number', JSON_TYPE, '5', null],
      ['JSON null', JSON_TYPE, 'null', null],
      ['a JSON string', JSON_TYPE, '"tracker.event=sale"', null],
      ['broken JSON', JSON_TYPE, '{"tracker.event":', null],
      ['JSON with NUL and lone surrogates', JSON_TYPE, String.raw`{"a":"\u0000\ud800","\udfff":"x"}`, '200 ok'],
      ['JSON that names a prototype', JSON_TYPE, '{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}', '200 ok'],
      ['text', { 'Content-Type': 'text/plain' }, 'tracker.event=sale', '200 ok'],
      ['XML', { 'Content-Type': 'application/xml' }, '<event>sale</event>', '200 ok'],
      ['multipart', { 'Content-Type': 'multipart/form-data; boundary=x' }, '--x\r\n\r\na\r\n--x--', '200 ok'],
      ['no content type', {}, 'tracker.event=sale', '200 ok'],
      ['a broken content type', { 'Content-Type': ';;;=' }, 'tracker.event=sale', '200 ok'],
      ['bytes that are no UTF-8', FORM, Buffer.from([0x61, 0x3d, 0xff, 0xfe, 0x00]), '200 ok'],
    ])('POST: %s', async (_, headers, body, verdict) => {
      const before = await ledger.postbackCount(crm.integrationId);
      const target = `${path}?tracker.event=sale&clickid=${await crm.newClick()}`;
      const reply = await wire(application.url, target, { method: 'POST', headers, body });
      expect(reply.status).toBeLessThan(500);
      if (verdict !== null) expect(line(reply)).toBe(verdict);
      const verdicts = reply.body['postbackId'] === undefined ? 0 : 1;
      expect(await ledger.postbackCount(crm.integrationId)).toBe(before + verdicts);
      expect([200, 400, 413]).toContain(reply.status);
      expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    });

    it('a GET with a body is judged by its URL alone', async () => {
      const reply = await wire(
        application.url,
        `${path}?tracker.event=sale&clickid=${await crm.newClick()}`,
        {
          headers: { ...FORM, 'Content-Length': '18' },
          body: 'tracker.event=conf',
        },
      );
      expect(reply.body).toMatchObject({ status: 'accepted', event: 'sale' });
    });
  });
});
