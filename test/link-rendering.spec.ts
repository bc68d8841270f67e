import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { TrackerClick, TrackerLinks } from 'nestjs-tracker-postbacks';
import { type Json, LANDING, type LinksHost, startLinksHost } from './links.fixture';
import { ADAPTERS } from './setup/application';

const DAY_MS = 24 * 3600 * 1000;

describe.each(ADAPTERS)('rendering registration links on %s', (adapter) => {
  let links: LinksHost;
  const call: LinksHost['call'] = (...args) => links.call(...args);
  const integration: LinksHost['integration'] = (...args) => links.integration(...args);
  const link: LinksHost['link'] = (...args) => links.link(...args);
  const render: LinksHost['render'] = (...args) => links.render(...args);
  const clickOf: LinksHost['clickOf'] = (...args) => links.clickOf(...args);
  const postback: LinksHost['postback'] = (...args) => links.postback(...args);
  const passes: LinksHost['passes'] = (...args) => {
    links.passes(...args);
  };

  beforeAll(async () => {
    links = await startLinksHost(adapter);
  });
  afterAll(() => links.stop());

  describe('rendering', () => {
    test('gives the chat’s click id, and the same one again', async () => {
      const { id } = await link();
      const chatId = `chat-${randomUUID()}`;
      const first = await render(id, { chatId });
      expect(first).toMatchObject({
        status: 200,
        body: { clickId: expect.stringMatching(/^[A-Za-z0-9]{12}$/) },
      });
      expect(first.body).toEqual({
        url: `${LANDING}&sub1=${first.body['clickId']}`,
        clickId: first.body['clickId'],
      });
      expect((await render(id, { chatId })).body).toEqual(first.body);
      expect((await render(id)).body['clickId']).not.toBe(first.body['clickId']);
      expect(await clickOf(first.body['clickId'])).toMatchObject({
        chatId,
        campaignId: null,
        source: 'issued',
      });
    });

    test('parallel calls give one click id', async () => {
      const { id } = await link();
      const chatId = `chat-${randomUUID()}`;
      const replies = await Promise.all(Array.from({ length: 20 }, () => render(id, { chatId })));
      expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    });

    test('fills macros in everywhere, percent-encoded', async () => {
      const { id } = await link(
        'https://n.example/{{fields.lang}}/a?n={{ fields.name }}&s={{tracker.source}}&p={{variables.promo}}&chat={{chat.tracker.clickid}}&x={sub2}#{{fields.lang}}',
      );
      const values = {
        tracker: { source: 'a&b', clickid: 'mine' },
        fields: { lang: 'pt/BR', name: 'Ана {{tracker.source}}', unused: null },
        variables: { promo: '{{fields.lang}}-{{variables.n}}', n: 50 },
      };
      const { url, clickId } = (await render(id, { chatId: 'c', values })).body;
      expect(url).toBe(
        `https://n.example/pt%2FBR/a?n=${encodeURIComponent('Ана {{tracker.source}}')}&s=a%26b&p=pt%2FBR-50&chat=${clickId}&x={sub2}&sub1=${clickId}#pt%2FBR`,
      );
      expect(clickId).not.toBe('mine');
    });

    test('refuses a link with a macro left, naming each, and issues no click', async () => {
      const { id } = await link('https://n.example/?a={{fields.a}}&b={{variables.b}}&c={{c}}&d={{fields.d}}');
      const chatId = `chat-${randomUUID()}`;
      const values = { fields: { a: null, d: '' }, variables: { b: '{{fields.x}}' } };
      const reply = await render(id, { chatId, values });
      expect(reply).toMatchObject({ status: 422, body: { statusCode: 422, code: 'macro_left' } });
      expect(reply.body['details'].map(({ field }: Json) => field)).toEqual([
        'values.fields.a',
        'values.fields.x',
        'baseUrl',
      ]);
      for (const macro of ['{{fields.a}}', '{{fields.x}}', '{{c}}'])
        expect(reply.body['message']).toContain(macro);
      expect(await links.host.app.get(DataSource).getRepository(TrackerClick).countBy({ chatId })).toBe(0);
    });

    test.each([
      [
        'a circle',
        { a: '{{variables.b}}', b: '{{variables.a}}' },
        'macro_left',
        '{{variables.a}} → {{variables.b}} → {{variables.a}}',
      ],
      [
        'six levels',
        {
          a: '{{variables.b}}',
          b: '{{variables.c}}',
          c: '{{variables.d}}',
          d: '{{variables.e}}',
          e: '{{variables.f}}',
          f: '',
        },
        'macro_left',
        '{{variables.f}}',
      ],
      ['too long', { a: 'x'.repeat(9000) }, 'url_too_long', '8,192'],
      ['a folder', { a: '..' }, 'value_not_usable', '".."'],
    ])('refuses %s', async (_, variables, code, words) => {
      const { id } = await link('https://n.example/{{variables.a}}/x');
      const reply = await render(id, { chatId: 'c', values: { variables } });
      expect(reply).toMatchObject({ status: 422, body: { code, message: expect.stringContaining(words) } });
    });

    test.each([
      ['no chat', {}, 'chatId'],
      ['a chat that is no text', { chatId: 7 }, 'chatId'],
      ['an empty chat', { chatId: '' }, 'chatId'],
      ['an unknown key', { chatId: 'c', value: {} }, 'value'],
      ['an unknown group', { chatId: 'c', values: { field: {} } }, 'values.field'],
      ['values that are none', { chatId: 'c', values: [] }, 'values'],
      ['null for values', { chatId: 'c', values: null }, 'values'],
      ['a group that is none', { chatId: 'c', values: { fields: 'x' } }, 'values.fields'],
      ['an object for a value', { chatId: 'c', values: { fields: { a: { b: 1 } } } }, 'values.fields.a'],
      ['a list for a value', { chatId: 'c', values: { tracker: { a: [1] } } }, 'values.tracker.a'],
      ['a list for a body', [1], ''],
    ])('refuses %s', async (_, body, field) => {
      const { id } = await link();
      expect(await render(id, body)).toMatchObject({
        status: 400,
        body: {
          code: 'validation_failed',
          details: expect.arrayContaining([expect.objectContaining({ field })]),
        },
      });
    });

    test('a body made to break us is refused, never an error of ours', async () => {
      const { id } = await link('https://n.example/?a={{fields.valueOf}}&b={{fields.then}}');
      const named = { chatId: 'c', values: { fields: { valueOf: 'x', then: 'y' } } };
      expect((await render(id, named)).body['url']).toContain('?a=x&b=y&sub1=');
      const deep = `{"chatId":"c","values":{"fields":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`;
      for (const body of [
        deep,
        '{"chatId":"c","values":{"fields":{"constructor":"x"}}}',
        '{"chatId":"c","values":{"fields":{"__proto__":"x"}}}',
        '{"chatId":"c","constructor":"x"}',
        '{"chatId":"c\\u0000"}',
        '{',
      ]) {
        const { status } = await render(id, body);
        expect([body.slice(0, 60), status >= 400 && status < 500]).toEqual([body.slice(0, 60), true]);
      }
    });

    test('the service does the same for hosts', async () => {
      const { id } = await link();
      const service = links.host.app.get(TrackerLinks);
      const { url, clickId } = await service.render(String(id), { chatId: 'host-chat' });
      expect(url).toBe(`${LANDING}&sub1=${clickId}`);
      await expect(service.get(String(id), { tenantId: 'other' })).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(
        service.render(String(id), { chatId: 'c', values: { fields: { a: Number.NaN } } }),
      ).rejects.toMatchObject({ code: 'validation_failed' });
    });
  });

  describe('the classic flow', () => {
    test('the rendered click id comes back and is accepted, for its campaign only', async () => {
      const spring = await integration({ campaignId: 'spring' });
      const summer = await integration({ campaignId: 'summer' });
      const chatId = `chat-${randomUUID()}`;
      const forSpring = await render((await link(LANDING, spring))['id'], { chatId });
      const forSummer = await render((await link(LANDING, summer))['id'], { chatId });
      const { clickId, url } = forSpring.body;
      expect(clickId).not.toBe(forSummer.body['clickId']);
      expect(await clickOf(clickId)).toMatchObject({ chatId, campaignId: 'spring' });

      const echoed = new URL(String(url)).searchParams.get('sub1');
      expect(await postback(spring, echoed)).toBe('accepted/ok');
      expect(await postback(spring, forSummer.body['clickId'])).toBe('ignored/campaign_mismatch');
      expect(await postback(summer, clickId)).toBe('ignored/campaign_mismatch');
      expect(await postback(summer, forSummer.body['clickId'])).toBe('accepted/ok');
    });

    test('an integration without a campaign takes every click', async () => {
      const open = await integration();
      const { clickId } = (await render((await link(LANDING, open))['id'])).body;
      expect(await clickOf(clickId)).toMatchObject({ campaignId: null });
      const bound = await integration({ campaignId: 'spring' });
      const ofCampaign = (await render((await link(LANDING, bound))['id'])).body['clickId'];
      expect(await postback(open, ofCampaign)).toBe('accepted/ok');
      expect(await postback(bound, clickId)).toBe('ignored/campaign_mismatch');
    });

    test('a paused integration still gives links out; its postbacks wait for a replay', async () => {
      const id = await integration();
      const { id: linkId } = await link(LANDING, id);
      await call('PATCH', `integrations/${id}`, { status: 'paused' });
      const { status, body } = await render(linkId);
      expect([status, await postback(id, body['clickId'])]).toEqual([200, 'ignored/integration_paused']);
      expect((await call('PATCH', `links/${linkId}`, { name: 'x' })).status).toBe(200);
    });

    test('the links of an archived integration can only be looked at, until it is restored or gone', async () => {
      const id = await integration();
      const { id: linkId } = await link(LANDING, id);
      await call('DELETE', `integrations/${id}`);
      for (const reply of [
        await render(linkId),
        await call('PATCH', `links/${linkId}`, { name: 'x' }),
        await call('DELETE', `links/${linkId}`),
        await call('POST', `integrations/${id}/links`, { name: 'x', baseUrl: LANDING }),
      ]) {
        expect(reply).toMatchObject({ status: 409, body: { code: 'integration_archived' } });
      }
      expect((await call('GET', `links/${linkId}`)).status).toBe(200);
      expect((await call('GET', `integrations/${id}/links`)).body['items']).toHaveLength(1);

      await call('POST', `integrations/${id}/restore`);
      expect((await render(linkId)).status).toBe(200);
      await call('DELETE', `integrations/${id}`);
      passes(30 * DAY_MS);
      expect((await call('GET', `links/${linkId}`)).status).toBe(404);
      expect((await render(linkId)).status).toBe(404);
    });
  });
});
