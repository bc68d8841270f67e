import { randomUUID } from 'node:crypto';
import { type Json, LANDING, type LinksHost, startLinksHost } from './links.fixture';
import { ADAPTERS } from './setup/application';

describe.each(ADAPTERS)('registration links on %s', (adapter) => {
  let links: LinksHost;
  const call: LinksHost['call'] = (...args) => links.call(...args);
  const integration: LinksHost['integration'] = (...args) => links.integration(...args);
  const link: LinksHost['link'] = (...args) => links.link(...args);
  const render: LinksHost['render'] = (...args) => links.render(...args);
  const passes: LinksHost['passes'] = (...args) => {
    links.passes(...args);
  };

  beforeAll(async () => {
    links = await startLinksHost(adapter);
  });
  afterAll(() => links.stop());

  describe('keeping links', () => {
    test('created, shown, listed, changed, removed', async () => {
      const id = await integration();
      const created = await link(LANDING, id);
      expect(created).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        integrationId: id,
        name: 'Landing',
        baseUrl: LANDING,
        finalUrl: `${LANDING}&sub1={{tracker.clickid}}`,
        findings: [],
        createdAt: '2026-11-21T09:30:00.000Z',
        updatedAt: '2026-11-21T09:30:00.000Z',
      });
      expect((await call('GET', `links/${created['id']}`)).body).toEqual(created);
      expect(await call('GET', `integrations/${id}/links`)).toMatchObject({
        status: 200,
        body: { items: [created], nextCursor: null },
      });

      passes(1000);
      const renamed = await call('PATCH', `links/${created['id']}`, { name: ' English ' });
      expect(renamed).toMatchObject({
        status: 200,
        body: { name: 'English', baseUrl: LANDING, updatedAt: '2026-11-21T09:30:01.000Z' },
      });
      const moved = await call('PATCH', `links/${created['id']}`, { baseUrl: 'https://n.example/#/reg?a=1' });
      expect(moved.body).toMatchObject({
        name: 'English',
        finalUrl: 'https://n.example/?sub1={{tracker.clickid}}#/reg?a=1',
      });

      const gone = await call('DELETE', `links/${created['id']}`);
      expect([gone.status, gone.text]).toEqual([204, '']);
      expect(await call('GET', `links/${created['id']}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
      expect((await call('GET', `integrations/${id}/links`)).body['items']).toEqual([]);
    });

    test('pages, newest first', async () => {
      const id = await integration();
      const ids: unknown[] = [];
      for (let n = 0; n < 3; n += 1) ids.unshift((await link(`https://n.example/${n}`, id))['id']);
      await link();
      const first = await call('GET', `integrations/${id}/links?limit=2`);
      const rest = await call('GET', `integrations/${id}/links?limit=2&cursor=${first.body['nextCursor']}`);
      const listed = [...first.body['items'], ...rest.body['items']].map((one: Json) => one['id']);
      expect([listed, rest.body['nextCursor']]).toEqual([ids, null]);
    });

    test('the final URL follows the integration’s click-id parameter', async () => {
      const id = await integration();
      const plain = await link(LANDING, id);
      const taken = await link('https://n.example/?sub4=seo', id);
      await call('PATCH', `integrations/${id}`, { clickIdParameter: 'sub4' });
      expect((await call('GET', `links/${plain['id']}`)).body['finalUrl']).toBe(
        `${LANDING}&sub4={{tracker.clickid}}`,
      );
      expect((await call('GET', `links/${taken['id']}`)).body).toMatchObject({
        finalUrl: null,
        findings: [{ code: 'click_parameter_taken', about: 'url', parameter: 'sub4', fieldMapping: null }],
      });
      expect(await render(taken['id'])).toMatchObject({
        status: 409,
        body: { code: 'click_parameter_taken' },
      });
      expect((await render(plain['id'])).body['url']).toMatch(/&sub4=[A-Za-z0-9]{12}$/);
    });

    test('another tenant sees none of it', async () => {
      const own = await link();
      const other = { 'x-tenant': 'other' };
      for (const [method, path, body] of [
        ['GET', `links/${own['id']}`, undefined],
        ['PATCH', `links/${own['id']}`, { name: 'x' }],
        ['DELETE', `links/${own['id']}`, undefined],
        ['POST', `links/${own['id']}/render`, { chatId: 'c' }],
        ['GET', `integrations/${own['integrationId']}/links`, undefined],
        ['POST', `integrations/${own['integrationId']}/links`, { name: 'x', baseUrl: LANDING }],
      ] as const) {
        const reply = await call(method, path, body, other);
        expect([method, path, reply.status, reply.body['code']]).toEqual([method, path, 404, 'not_found']);
      }
      expect((await call('GET', `links/${own['id']}`)).body).toEqual(own);
    });

    test.each(['no-uuid', randomUUID(), '%00'])('an unknown id is 404: %s', async (id) => {
      expect((await call('GET', `links/${id}`)).status).toBe(404);
      expect((await render(id)).status).toBe(404);
      expect((await call('POST', `integrations/${id}/links`, { name: 'x', baseUrl: LANDING })).status).toBe(
        404,
      );
    });

    test('an id counts without regard to case', async () => {
      const { id } = await link();
      expect((await call('GET', `links/${String(id).toUpperCase()}`)).body['id']).toBe(id);
    });
  });

  describe('what is refused', () => {
    test.each([
      ['no base URL', { name: 'x' }, 'validation_failed', 'baseUrl'],
      ['no name', { baseUrl: LANDING }, 'validation_failed', 'name'],
      ['an empty name', { name: ' ', baseUrl: LANDING }, 'validation_failed', 'name'],
      ['an unknown key', { name: 'x', baseUrl: LANDING, url: 'x' }, 'validation_failed', 'url'],
      ['a base URL that is no text', { name: 'x', baseUrl: 7 }, 'validation_failed', 'baseUrl'],
      ['no http(s)', { name: 'x', baseUrl: 'javascript:alert(1)' }, 'base_url_invalid', 'baseUrl'],
      ['credentials', { name: 'x', baseUrl: 'https://u:p@n.example' }, 'base_url_invalid', 'baseUrl'],
      [
        'too long',
        { name: 'x', baseUrl: `https://n.example/${'x'.repeat(2000)}` },
        'base_url_invalid',
        'baseUrl',
      ],
      ['a line break', { name: 'x', baseUrl: 'https://n.example/\r\nx' }, 'base_url_invalid', 'baseUrl'],
      ['a macro as host', { name: 'x', baseUrl: 'https://{{fields.host}}/' }, 'base_url_invalid', 'baseUrl'],
      [
        'the parameter taken',
        { name: 'x', baseUrl: 'https://n.example/?sub1=7' },
        'click_parameter_taken',
        'baseUrl',
      ],
    ])('%s', async (_, body, code, field) => {
      const id = await integration();
      const reply = await call('POST', `integrations/${id}/links`, body);
      expect(reply).toMatchObject({ status: 400, body: { statusCode: 400, code, details: [{ field }] } });
      if (!('baseUrl' in body) || !('name' in body)) return;
      const { id: linkId } = await link(LANDING, id);
      expect((await call('PATCH', `links/${linkId}`, body)).body['code']).toBe(code);
      expect((await call('GET', `links/${linkId}`)).body).toMatchObject({
        name: 'Landing',
        baseUrl: LANDING,
      });
    });

    test('with the reason, in the reader’s language', async () => {
      const id = await integration();
      const body = { name: 'x', baseUrl: 'https://u:p@n.example' };
      const reasonIn = async (language: string): Promise<unknown> =>
        (await call('POST', `integrations/${id}/links`, body, { 'accept-language': language })).body[
          'message'
        ];
      expect(await reasonIn('en')).toMatch(/^The base URL holds a user name or password/);
      expect(await reasonIn('ru')).toMatch(/^В базовой ссылке есть логин или пароль/);
    });

    test('a change of nothing is none', async () => {
      const created = await link();
      const reply = await call('PATCH', `links/${created['id']}`, {});
      expect(reply).toMatchObject({ status: 200, body: { name: 'Landing', baseUrl: LANDING } });
      expect((await call('PATCH', `links/${created['id']}`, { baseUrl: null })).status).toBe(400);
    });
  });

  describe('findings', () => {
    test('a field macro of the network on a link offers the mapping that does the job', async () => {
      const id = await integration({ clickIdParameter: 'sub4' });
      const created = await link('https://n.example?fields.userid={user_id}', id);
      expect(created['finalUrl']).toBe('https://n.example?fields.userid={user_id}&sub4={{tracker.clickid}}');
      expect(created['findings']).toEqual([
        {
          code: 'network_macro_on_link',
          about: 'url',
          parameter: 'fields.userid',
          message: expect.stringContaining('{user_id}'),
          fix: expect.stringContaining('{ "key": "userid", "macro": "{user_id}" }'),
          fieldMapping: { key: 'userid', macro: '{user_id}' },
        },
      ]);
      const { url, clickId } = (await render(created['id'])).body;
      expect(url).toBe(`https://n.example?fields.userid={user_id}&sub4=${clickId}`);

      // The offer, taken as it is, makes a postback URL that carries the field.
      const config = await call('POST', `integrations/${id}/postbacks`, {
        name: 'Confirmed',
        event: 'conf',
        fields: [created['findings'][0]['fieldMapping']],
      });
      expect(config.body['url']).toContain('&fields.userid={user_id}');
    });

    test.each([
      ['a parameter', 'https://n.example/?a={sub2}', [['network_macro_on_link', 'a', null]]],
      ['encoded braces', 'https://n.example/?a=%7Bsub2%7D', [['network_macro_on_link', 'a', null]]],
      ['text around it', 'https://n.example/?fields.a=x{b}', [['network_macro_on_link', 'fields.a', null]]],
      [
        'path and fragment',
        'https://n.example/{a}#{b}',
        [
          ['network_macro_on_link', null, null],
          ['network_macro_on_link', null, null],
        ],
      ],
      ['the same twice', 'https://n.example/{a}/{a}', [['network_macro_on_link', null, null]]],
      ['a macro nobody knows', 'https://n.example/?a={{name}}', [['macro_unknown', 'a', null]]],
      ['three braces', 'https://n.example/?a={{{fields.b}}}', [['macro_unknown', 'a', null]]],
      ['macros of ours', 'https://n.example/?a={{fields.b}}&{{tracker.c}}=1', []],
      ['brackets in a name', 'https://n.example/?sub[1]=2', []],
      ['a GUID', 'https://n.example/?a={8d3f0c1a-1111-4222-8333-944444444444}', []],
      ['JSON', 'https://n.example/?a={"b":{"c":1}}', []],
    ])('%s', async (_, baseUrl, expected) => {
      const { findings } = (await link(baseUrl)) as { findings: Json[] };
      expect(findings.map(({ code, parameter, fieldMapping }) => [code, parameter, fieldMapping])).toEqual(
        expected,
      );
    });

    test('go by the syntax of the network', async () => {
      const id = await integration({ network: 'custom', macroSyntax: '[x]' });
      const { findings } = await link('https://n.example/?fields.a=[user]&sub[1]=2', id);
      expect(findings).toMatchObject([
        { parameter: 'fields.a', fieldMapping: { key: 'a', macro: '[user]' } },
      ]);
    });

    test('are told in Russian too', async () => {
      const { id } = await link('https://n.example/?fields.userid={user_id}&a={{b}}');
      const { body } = await call('GET', `links/${id}`, undefined, { 'accept-language': 'ru' });
      for (const { message, fix } of body['findings']) {
        expect(message).toMatch(/^[А-Я]/);
        expect(fix).toMatch(/^[А-Я]/);
      }
      expect(body['findings'][0]['fix']).toContain('{ "key": "userid", "macro": "{user_id}" }');
    });
  });
});
