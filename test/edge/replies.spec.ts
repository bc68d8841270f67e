import { EventEmitterModule } from '@nestjs/event-emitter';
import { TrackerEventEmitter, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from '../conformance/ledger';
import { wire, type WireReply, type WireRequest } from '../conformance/wire';

const GIF = /^GIF89a/;

describe.each(ADAPTERS)('replies on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter });
    ledger = ledgerOf(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const pathOf = (crm: Crm): string => `/api/postbacks/${crm.integrationId}/tracker-postback`;
  const ask = (crm: Crm, rest: string, init?: WireRequest): Promise<WireReply> =>
    wire(application.url, pathOf(crm) + rest, init);

  describe('the format an integration asks for', () => {
    /** Settings, then status, content type and text for: accepted, rejected, unknown click. */
    // prettier-ignore
    const formats = [
      ['json', { format: 'json' }, [200, 400, 200], /^application\/json/, /^\{"status":/],
      ['json and always 200', { format: 'json', always200: true }, [200, 200, 200], /^application\/json/, /^\{"status":/],
      ['text', { format: 'text' }, [200, 400, 200], /^text\/plain/, /^OK$/],
      ['a text of its own', { format: 'text', text: 'done, спасибо' }, [200, 400, 200], /^text\/plain; charset=utf-8/i, /^done, спасибо$/],
      ['text and always 200', { format: 'text', text: '1', always200: true }, [200, 200, 200], /^text\/plain/, /^1$/],
      ['gif', { format: 'gif' }, [200, 400, 200], /^image\/gif$/, GIF],
      ['gif and always 200', { format: 'gif', always200: true }, [200, 200, 200], /^image\/gif$/, GIF],
      ['empty', { format: 'empty' }, [204, 400, 204], null, /^$/],
      ['empty and always 200', { format: 'empty', always200: true }, [204, 204, 204], null, /^$/],
    ] as const;

    it.each(formats)('%s', async (_, reply, statuses, type, text) => {
      const crm = await createCrm(application, { reply });
      const replies = [
        await ask(crm, `?tracker.event=sale&clickid=${await crm.newClick()}`),
        await ask(crm, `?clickid=${await crm.newClick()}`),
        await ask(crm, '?tracker.event=sale&clickid=nobody'),
      ];
      expect(replies.map(({ status }) => status)).toEqual(statuses);
      for (const { headers, text: answered } of replies) {
        if (type === null) expect(headers['content-type']).toBeUndefined();
        else expect(headers['content-type']).toMatch(type);
        expect(answered).toMatch(text);
      }
      expect(await ledger.postbackCount(crm.integrationId)).toBe(3);
    });

    it('always 200 never hides an unknown integration, and does hide a wrong secret', async () => {
      const crm = await createCrm(application, { reply: { format: 'text', always200: true } });
      await application.app.get(TrackerIntegrations).rotateSecret(crm.integrationId);
      expect((await ask(crm, '?tracker.event=sale')).status).toBe(200);
      const unknown = pathOf(crm).replace(/.(?=\/tracker)/, (last) => (last === '0' ? '1' : '0'));
      expect((await wire(application.url, unknown)).status).toBe(404);
    });
  });

  it('every reply is uncacheable, unsniffable, without ETag and without CORS', async () => {
    const crm = await createCrm(application);
    const query = `?tracker.event=sale&clickid=${await crm.newClick()}`;
    const cors = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'GET' };
    const replies = [
      await ask(crm, query, { headers: cors }),
      await ask(crm, query, { headers: { 'If-None-Match': '*' } }),
      await ask(crm, '?clickid={sub1}', { headers: cors }),
      await ask(crm, query, { method: 'POST', headers: cors }),
      await ask(crm, query, { method: 'HEAD', headers: cors }),
      await ask(crm, query, { method: 'OPTIONS', headers: cors }),
      await wire(application.url, `/api/postbacks/x/tracker-postback${query}`, { headers: cors }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 400, 200, 200, 204, 404]);
    for (const { headers } of replies) {
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      expect(headers.etag).toBeUndefined();
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it.each(['', '/sale'])('HEAD and OPTIONS of tracker-postback%s record nothing', async (event) => {
    const crm = await createCrm(application);
    const query = `${event}?tracker.event=sale&clickid=${await crm.newClick()}`;
    const head = await ask(crm, query, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    const options = await ask(crm, query, { method: 'OPTIONS' });
    expect([options.status, options.text]).toEqual([204, '']);
    expect(options.headers['allow']?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      expect([404, 405]).toContain((await ask(crm, query, { method })).status);
    }
    expect(await ledger.postbackCount(crm.integrationId)).toBe(0);
  });
});

describe.each([
  ['express', false],
  ['express', true],
  ['fastify', false],
  ['fastify', true],
] as const)('event names that mean something in JavaScript, on %s, wildcard %s', (adapter, wildcard) => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;
  const handled: string[] = [];
  const waiting: (() => void)[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, {
      adapter,
      // A global module of the same class: the later import is the host's own.
      imports: wildcard ? [EventEmitterModule.forRoot({ wildcard: true })] : [],
    });
    crm = await createCrm(application);
    await application.app.get(TrackerEventEmitter).handle(
      '*',
      (event) => {
        handled.push(`${event.name} ${'clickId' in event ? event.clickId : ''}`);
        for (const tell of waiting.splice(0)) tell();
      },
      { name: 'everything' },
    );
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const handledBy = async (entry: string): Promise<void> => {
    while (!handled.includes(entry)) await new Promise<void>((resolve) => waiting.push(resolve));
  };

  // prettier-ignore
  it.each([
    ['error', 'event_invalid', null],
    ['conversion', 'event_invalid', null],
    ['unmatched', 'event_invalid', null],
    ['__proto__', 'macro_unreplaced', null],
    ['*', 'event_invalid', null],
    ['**', 'event_invalid', null],
    ['sale.*', 'event_invalid', null],
    ['newListener', 'ok', 'newlistener'],
    ['removelistener', 'ok', 'removelistener'],
    ['constructor', 'ok', 'constructor'],
    ['prototype', 'ok', 'prototype'],
    ['toString', 'ok', 'tostring'],
    ['hasownproperty', 'ok', 'hasownproperty'],
    ['valueof', 'ok', 'valueof'],
    ['then', 'ok', 'then'],
    ['tracker.sale', 'ok', 'tracker.sale'],
    ['a.b.c', 'ok', 'a.b.c'],
    ['a..b', 'ok', 'a..b'],
  ])('%s: %s', async (sent, code, name) => {
    const clickId = await crm.newClick();
    const { status, body } = await crm.send(`tracker.event=${sent}&clickid=${clickId}`);
    expect([status, body['code']]).toEqual([code === 'ok' ? 200 : 400, code]);
    if (name !== null) {
      expect(body['event']).toBe(name);
      await handledBy(`${name} ${clickId}`);
    }
    const after = await crm.send(`tracker.event=sale&clickid=${clickId}`);
    expect(after.body).toMatchObject({ status: 'accepted' });
    await handledBy(`sale ${clickId}`);
  });
});
