import { VersioningType } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { TrackerIntegrations, TrackerPostbacksModule } from 'nestjs-tracker-postbacks';
import { ADAPTERS, type TestApplication } from '../setup/application';
import { createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { ledgerOf } from '../conformance/ledger';
import { wire, type WireReply } from '../conformance/wire';
import { type HostSettings, startHost } from './host';
import {
  CATCHING,
  DenyEverybody,
  HostController,
  PROTECTED,
  STRICT_PIPE,
  strictPipe,
  takeUploads,
  TOKEN,
  TOKEN_UNLESS_PUBLIC,
  WRAPPING,
} from './host-habits';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const NO_BODY_PARSER = 'no body parser';

/** Name, where the routes are below the origin, and what the host does. */
const HOSTS: readonly (readonly [name: string, base: string, settings: HostSettings])[] = [
  ['nothing set', '', {}],
  ['a global prefix', '/api', { configure: (app) => app.setGlobalPrefix('api') }],
  ['a nested prefix', '/crm/v2', { configure: (app) => app.setGlobalPrefix('/crm/v2/') }],
  ['a prefix in upper case', '/API', { configure: (app) => app.setGlobalPrefix('API') }],
  [
    'a prefix that excludes our routes',
    '',
    { configure: (app) => app.setGlobalPrefix('api', { exclude: ['postbacks/*rest', 'tracker/*rest'] }) },
  ],
  [
    'a router that mounts the module elsewhere',
    '/api/hooks',
    {
      imports: [RouterModule.register([{ path: 'hooks', module: TrackerPostbacksModule }])],
      configure: (app) => app.setGlobalPrefix('api'),
    },
  ],
  [
    'URI versioning with a default version',
    '',
    { configure: (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }) },
  ],
  [
    'header versioning with a default version',
    '',
    {
      configure: (app) =>
        app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version', defaultVersion: '3' }),
    },
  ],
  ['a strict validation pipe', '', { configure: (app) => app.useGlobalPipes(strictPipe()) }],
  ['a strict injected pipe', '', { providers: [STRICT_PIPE] }],
  ['a wrapping interceptor', '', { providers: [WRAPPING] }],
  ['a catch-all filter', '', { providers: [CATCHING] }],
  ['a guard on everything that is not public', '', PROTECTED],
  ['rawBody', '', { bodies: 'raw' }],
  [NO_BODY_PARSER, '', { bodies: 'unread' }],
  [
    'all of it at once',
    '/api',
    {
      ...PROTECTED,
      bodies: 'raw',
      providers: [...(PROTECTED.providers ?? []), STRICT_PIPE, WRAPPING, CATCHING],
      configure: (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    },
  ],
];

describe.each(ADAPTERS)('hostile hosts on %s', (adapter) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await database.drop();
  });

  describe.each(HOSTS)('%s', (name, base, settings) => {
    let host: TestApplication;

    beforeAll(async () => {
      host = await startHost(database, adapter, settings);
    });

    afterAll(() => host.close());

    const admin = (path: string, method = 'GET', body?: object): Promise<WireReply> =>
      wire(host.url, `${base}/tracker/${path}`, {
        method,
        headers: { ...TOKEN, ...JSON_TYPE },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });

    it('takes postbacks at the URL that it shows', async () => {
      const crm = await createCrm(host);
      const { integrationId } = crm;
      const { postbacks } = await host.app.get(TrackerIntegrations).get(integrationId);
      for (const { url, event } of postbacks) {
        const { pathname } = new URL(url);
        expect(pathname).toBe(`${base}/postbacks/${integrationId}/tracker-postback`);
        const target = `${pathname}?tracker.event=${event}&clickid=${await crm.newClick()}&unknown[key]=1&unknown[key]=2`;
        const reply = await wire(host.url, target);
        expect(reply.status).toBe(200);
        expect(reply.body).toMatchObject({ status: 'accepted', event });
        expect(reply.headers).toMatchObject({ 'cache-control': 'no-store' });
      }
    });

    it('answers verdicts, 404, HEAD and OPTIONS as everywhere', async () => {
      const { integrationId } = await createCrm(host);
      const path = `${base}/postbacks/${integrationId}/tracker-postback`;
      const answers = [
        await wire(host.url, path),
        await wire(host.url, `${base}/postbacks/unknown/tracker-postback?tracker.event=sale`),
        await wire(host.url, path, { method: 'HEAD' }),
        await wire(host.url, path, { method: 'OPTIONS' }),
      ];
      expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
        [400, 'event_missing'],
        [404, 'integration_unknown'],
        [200, undefined],
        [204, undefined],
      ]);
      expect(await ledgerOf(host).postbackCount(integrationId)).toBe(1);
    });

    it('reads forms and JSON', async () => {
      const crm = await createCrm(host);
      const { integrationId } = crm;
      const path = `${base}/postbacks/${integrationId}/tracker-postback`;
      const values = { 'tracker.event': 'sale', clickid: await crm.newClick(), 'tracker.cost': '12.50' };
      const form = { method: 'POST', headers: FORM, body: new URLSearchParams(values).toString() };
      const json = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(values) };
      expect((await wire(host.url, path, form)).body).toMatchObject({ code: 'ok', warnings: [] });
      expect((await wire(host.url, path, json)).body).toMatchObject({ code: 'once_per_click' });
    });

    it.each([
      ['a trailing slash', '/postbacks/ID/tracker-postback/?tracker.event=sale'],
      ['doubled slashes', '//postbacks//ID/tracker-postback?tracker.event=sale'],
      ['upper case', '/POSTBACKS/ID/TRACKER-POSTBACK?tracker.event=sale'],
      ['an event in the path', '/postbacks/ID/tracker-postback/sale?a=1'],
      ['a damaged path with an event', '//Postbacks/ID//tracker-postback//sale/?a=1'],
    ])('understands %s', async (_, path) => {
      const crm = await createCrm(host);
      const { integrationId } = crm;
      for (const before of [base, base.toUpperCase(), base.replaceAll('/', '//')]) {
        const target = `${before}${path.replace('ID', integrationId)}&clickid=${await crm.newClick()}`;
        expect((await wire(host.url, target)).body).toMatchObject({ status: 'accepted', event: 'sale' });
      }
    });

    it('keeps the admin routes', async () => {
      const list = await admin('postbacks?status=accepted&limit=1');
      expect(list.status).toBe(200);
      expect((list.body['data'] ?? list.body)['items']).toHaveLength(1);
      const refused = await admin('postbacks?nonsense=1');
      expect([refused.status, refused.body['code']]).toEqual([400, 'validation_failed']);
      const unknown = await admin('integrations/no-uuid');
      expect([unknown.status, unknown.body['code']]).toEqual([404, 'not_found']);
    });

    it('makes an integration and a click through the admin routes', async () => {
      // Fastify reads JSON by itself.
      const created = name === NO_BODY_PARSER && adapter === 'express' ? 400 : 201;
      const made = await admin('integrations', 'POST', { name: 'Own', network: '1win' });
      expect(made.status).toBe(created);
      const click = await admin('clicks', 'POST', { chatId: 'chat-of-host' });
      expect(click.status).toBe(created);
    });
  });

  it.each([
    '/upload?next=/postbacks/1/tracker-postback',
    '/docs/tracker-postback-guide',
    '/postbacks/1/notes?x=/tracker-postback',
  ])('leaves the routes of the host alone: %s', async (path) => {
    const host = await startHost(database, adapter, {
      controllers: [HostController],
      configure: (app) => {
        if (adapter === 'fastify') takeUploads(app);
      },
    });
    try {
      const type = 'multipart/form-data; boundary=x';
      const init = { method: 'POST', headers: { 'Content-Type': type }, body: '--x--' };
      expect((await wire(host.url, path, init)).body).toEqual({ type, url: path });
    } finally {
      await host.close();
    }
  });

  it('two applications in one process keep their own guards and decorators', async () => {
    const open = await startHost(database, adapter, PROTECTED);
    const closed = await startHost(database, adapter, {
      providers: [TOKEN_UNLESS_PUBLIC],
      extras: { adminOpen: false, adminGuards: [DenyEverybody] },
    });
    const openToo = await startHost(database, adapter, {});
    try {
      const { integrationId } = await createCrm(open);
      const statuses = async (path: string, headers: Record<string, string> = {}): Promise<number[]> => {
        const replies = [];
        for (const { url } of [open, closed, openToo]) replies.push(await wire(url, path, { headers }));
        return replies.map(({ status }) => status);
      };
      const postback = `/postbacks/${integrationId}/tracker-postback?tracker.event=sale&clickid=x`;
      // A guard that says no is answered 403 by Nest.
      expect(await statuses(postback)).toEqual([200, 403, 200]);
      expect(await statuses('/tracker/postbacks')).toEqual([403, 403, 200]);
      expect(await statuses('/tracker/postbacks', TOKEN)).toEqual([200, 403, 200]);
    } finally {
      for (const host of [open, closed, openToo]) await host.close();
    }
  });
});
