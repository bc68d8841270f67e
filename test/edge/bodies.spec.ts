import { type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from '../conformance/ledger';
import { wire } from '../conformance/wire';
import { startHost } from './host';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** Name, query, content type, body, reply line, event payload. CLICK stands for a fresh registered click. */
type Row = readonly [string, string, string, string, string, Readonly<Record<string, unknown>>];

// prettier-ignore
const BODIES: readonly Row[] = [
  ['everything in a form', '', FORM, 'tracker.event=sale&clickid=CLICK&tracker.cost=1+000.50&tracker.currency=usd&tracker.tid=7&fields.a=x%20y&geo=BR', '200 ok', { cost: '1000.50', currency: 'USD', tid: '7', fields: { a: 'x y' }, params: { geo: 'BR' } }],
  ['everything in JSON', '', JSON_TYPE, '{"tracker.event":"sale","clickid":"CLICK","tracker.cost":12.50,"tracker.tid":7,"fields.a":true,"geo":null}', '200 ok', { cost: '12.5', tid: '7', fields: { a: 'true' }, params: {} }],
  ['nested JSON', '', JSON_TYPE, '{"tracker":{"event":"sale","cost":"5"},"clickid":"CLICK","fields":{"a":"1","b":{"c":2}}}', '200 ok', { cost: '5', fields: { a: '1', 'b.c': '2' } }],
  ['a tid of 19 digits in JSON', '', JSON_TYPE, '{"tracker.event":"sale","clickid":"CLICK","tracker.tid":9007199254740993123}', '200 ok', { tid: '9007199254740993123' }],
  ['a form merged with the query', 'tracker.event=sale&geo=BR', FORM, 'clickid=CLICK&fields.a=1', '200 ok', { fields: { a: '1' }, params: { geo: 'BR' } }],
  ['JSON merged with the query', 'tracker.event=sale', JSON_TYPE, '{"clickid":"CLICK"}', '200 ok', {}],
  ['a key repeated in a form', '', FORM, 'tracker.event=sale&clickid=CLICK&clickid=CLICK', '200 ok', {}],
  ['a macro beside the value in a form', '', FORM, 'tracker.event=sale&clickid={clickid}&clickid=CLICK', '200 ok', {}],
  ['two click ids in a form', '', FORM, 'tracker.event=sale&clickid=CLICK&clickid=other', '400 conflicting_parameter', {}],
  ['two click ids, in query and form', 'clickid=other', FORM, 'tracker.event=sale&clickid=CLICK', '400 conflicting_parameter', {}],
  ['two click ids, in query and JSON', 'clickid=other', JSON_TYPE, '{"tracker.event":"sale","clickid":"CLICK"}', '400 conflicting_parameter', {}],
  ['brackets in a form', '', FORM, 'tracker.event=sale&clickid=CLICK&sub[a]=1&list[]=2&list[]=2', '200 ok', { params: { 'sub[a]': '1', 'list[]': '2' } }],
  ['a form as Markdown damaged it', '', FORM, String.raw`tracker.event=sale\&clickid=CLICK\&fields.user\_id=5`, '200 ok', { fields: { user_id: '5' } }],
  ['a form as HTML damaged it', '', FORM, 'tracker.event=sale&amp;clickid=CLICK&amp;fields.a=1', '200 ok', { fields: { a: '1' } }],
  ['a form that is not UTF-8', '', FORM, 'tracker.event=sale&clickid=CLICK&fields.a=%C8%E2', '200 ok', { fields: { a: '%C8%E2' } }],
  ['a plus in a form', '', FORM, 'tracker.event=sale&clickid=CLICK&fields.a=1+2%2B3', '200 ok', { fields: { a: '1 2+3' } }],
  ['text in the shape of JSON', '', 'text/plain', '{"tracker.event":"sale","clickid":"CLICK"}', '200 ok', {}],
  ['a JSON content type of its own', '', 'application/vnd.network+json; charset=utf-8', '{"tracker.event":"sale","clickid":"CLICK"}', '200 ok', {}],
];

describe.each(ADAPTERS)('POST bodies on %s', (adapter) => {
  describe.each([false, true])('rawBody %s', (rawBody) => {
    let database: TestDatabase;
    let application: TestApplication;
    let ledger: Ledger;
    let crm: Crm;

    beforeAll(async () => {
      database = await createTestDatabase();
      application = rawBody
        ? await startHost(database, adapter, {
            bodies: 'raw',
            configure: (app) => app.setGlobalPrefix('api'),
          })
        : await startApplication(database, { adapter });
      ledger = ledgerOf(application);
      crm = await createCrm(application);
    });

    afterAll(async () => {
      await application.close();
      await database.drop();
    });

    it.each(BODIES)('%s', async (_, query, type, template, verdict, payload) => {
      const clickId = await crm.newClick();
      const body = template.replaceAll('CLICK', clickId);
      const reply = await wire(
        application.url,
        `/api/postbacks/${crm.integrationId}/tracker-postback${query === '' ? '' : `?${query}`}`,
        { method: 'POST', headers: { 'Content-Type': type }, body },
      );
      expect(`${reply.status} ${reply.body['code']}`).toBe(verdict);
      // The row keeps the body as it was sent.
      const stored = await ledger.postback(reply.body['postbackId']);
      expect(JSON.parse(stored['body'])).toBe(body);
      const [event] = await ledger.eventsOf(clickId);
      if (verdict === '200 ok') expect(event?.payload).toMatchObject({ event: 'sale', clickId, ...payload });
      else expect(event).toBeUndefined();
    });

    it.each([
      ['of its length', {}],
      ['in chunks', { 'Transfer-Encoding': 'chunked' }],
    ])('a form in Windows-1251, %s, is read and kept byte for byte', async (_, framing) => {
      const clickId = await crm.newClick();
      const form = `tracker.event=sale&clickid=${clickId}&fields.city=`;
      const reply = await wire(application.url, `/api/postbacks/${crm.integrationId}/tracker-postback`, {
        method: 'POST',
        headers: { 'Content-Type': `${FORM}; charset=windows-1251`, ...framing },
        body: Buffer.concat([Buffer.from(form), Buffer.from([0xca, 0xe8, 0xe5, 0xe2])]),
      });
      expect(`${reply.status} ${reply.body['code']}`).toBe('200 ok');
      const stored = await ledger.postback(reply.body['postbackId']);
      expect(JSON.parse(stored['body'])).toBe(`${form}\u00ca\u00e8\u00e5\u00e2`);
    });

    it.each(['Content-Length: 1000', 'Transfer-Encoding: chunked'])(
      'a body that breaks off is no postback (%s)',
      async (framing) => {
        const clickId = await crm.newClick();
        const half = `tracker.event=sale&clickid=${clickId}&tracker.cost=12`;
        const chunk = framing.startsWith('T') ? `${half.length.toString(16)}\r\n${half}\r\n` : half;
        const server = application.app.getHttpServer() as Server;
        const brokenOff = new Promise<void>((resolve) => {
          server.once('request', (request: IncomingMessage) => {
            // The first half came with the head: now the sender goes away.
            socket.destroy();
            request.once('close', resolve);
          });
        });
        const socket = connect(Number(new URL(application.url).port), '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(
          `POST /api/postbacks/${crm.integrationId}/tracker-postback HTTP/1.1\r\nHost: x\r\n` +
            `Content-Type: ${FORM}\r\n${framing}\r\n\r\n${chunk}`,
        );
        await brokenOff;
        // The next of this click comes after it in the same lane.
        const { body } = await crm.send(`tracker.event=sale&clickid=${clickId}&tracker.cost=1250`);
        expect(body).toMatchObject({ status: 'accepted', event: 'sale' });
        expect(await ledger.conversion(body['conversionId'])).toMatchObject({ cost: '1250' });
      },
    );
  });
});
