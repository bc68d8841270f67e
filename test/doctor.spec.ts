import { randomUUID } from 'node:crypto';
import { clickKey, TrackerClicks, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { DataSource } from 'typeorm';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { createCrm, type Crm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';

type Json = Reply['body'];

const TABLES = [
  'tracker_integrations',
  'tracker_postback_configs',
  'tracker_clicks',
  'tracker_postbacks',
  'tracker_conversions',
  'tracker_events',
  'tracker_deliveries',
];

describe.each(ADAPTERS)('the doctor on %s', (adapter) => {
  let database: TestDatabase;
  let host: TestApplication;
  let fieldKeys: () => Promise<readonly string[]> = () => Promise.resolve(['user_id', 'last_deposit']);

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database, {
      adapter,
      options: {
        clickResolver: {
          resolve: (ids) =>
            Promise.resolve(
              new Map(
                ids
                  .filter(({ clickId }) => clickId === 'kept-elsewhere')
                  .map(({ tenantId, clickId }) => [clickKey(tenantId, clickId), { chatId: 'chat-9' }]),
              ),
            ),
        },
        customFields: { keys: () => fieldKeys() },
        tenant: (incoming) =>
          (incoming as { headers: Record<string, string> }).headers['x-tenant'] ?? 'default',
      },
    });
  });

  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  const create = (settings: Parameters<typeof createCrm>[1] = {}): Promise<Crm> =>
    createCrm(host, { network: '1win', ...settings });

  const address = ({ integrationId }: Crm): string =>
    `https://crm.example.com/api/postbacks/${integrationId}/tracker-postback`;

  async function ask(id: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return request(`${host.url}/api/tracker/integrations/${id}/dry-run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async function dryRun(crm: Crm, url: string, as?: string, headers?: Record<string, string>): Promise<Json> {
    const reply = await ask(crm.integrationId, { url, ...(as === undefined ? {} : { as }) }, headers);
    expect(reply).toMatchObject({ status: 200 });
    return reply.body;
  }

  const codes = (body: Json, about: 'url' | 'integration'): string[] =>
    body['findings']
      .filter((finding: Json) => finding['about'] === about)
      .map((finding: Json) => finding['code']);

  async function counts(): Promise<unknown> {
    const rows = await host.app.get(DataSource).query(
      `SELECT ${TABLES.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')},
        (SELECT coalesce(sum(revision), 0) FROM tracker_clicks) AS revisions`,
    );
    return rows[0];
  }

  test('a template of the seeds: read with its macros, and mended', async () => {
    const crm = await create();
    const body = await dryRun(crm, `${address(crm)}?tracker.event=first_deposit_&clickid=sub1`);
    expect(body).toMatchObject({
      kind: 'postback',
      as: 'template',
      verdict: null,
      reading: { event: 'sale', reportedEvent: 'first_deposit_', cost: null },
      diff: {
        missing: ['tracker.cost', 'tracker.currency', 'fields.user_id'],
        extra: [],
        misspelt: [],
        unreplaced: ['clickid'],
      },
      correctedUrl: `${address(crm)}?tracker.event=sale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd`,
    });
    expect(codes(body, 'url')).toEqual(
      expect.arrayContaining(['macro_braces_lost', 'event_unfinished', 'amount_missing']),
    );
    expect(body['findings'][0]).toEqual({
      code: 'macro_braces_lost',
      about: 'url',
      parameter: 'clickid',
      message: expect.stringContaining('"sub1" in "clickid"'),
      fix: 'Write {sub1}.',
    });
    const again = await dryRun(crm, body['correctedUrl']);
    expect(codes(again, 'url')).toEqual([]);
    expect(again['reading']).toMatchObject({
      event: 'sale',
      clickId: '{sub1}',
      cost: '{amount}',
      currency: 'USD',
    });
    expect(again['warnings']).toEqual([]);
  });

  test('names and the ready URL', async () => {
    const crm = await create();
    const body = await dryRun(
      crm,
      `${address(crm)}?tracker.event=sale&clickid={sub1}&trackr.cost={amount}&utm=x&fields.last_deposit={amount}`,
    );
    expect(body['diff']).toEqual({
      missing: ['tracker.currency', 'fields.user_id'],
      extra: ['utm', 'fields.last_deposit'],
      misspelt: [{ parameter: 'trackr.cost', suggestion: 'tracker.cost' }],
      unreplaced: [],
    });
  });

  test('a received URL is judged as it would be, and nothing changes', async () => {
    const crm = await create({ secret: false });
    const clickId = await crm.newClick();
    const first = await crm.send(`tracker.event=sale&clickid=${clickId}&tracker.cost=10&tracker.tid=1`);
    const before = await counts();
    const url = `${address(crm)}?tracker.event=sale&clickid=${clickId}&tracker.cost=12.50`;
    expect(await dryRun(crm, `${url}&tracker.tid=2`)).toMatchObject({
      as: 'received',
      verdict: { status: 'accepted', code: 'ok', event: 'resale', conversionId: null, nearMisses: [] },
      reading: { event: 'sale', clickId, cost: '12.50', currency: 'USD', tid: '2' },
    });
    expect(await dryRun(crm, `${url}&tracker.tid=1`)).toMatchObject({
      verdict: {
        status: 'duplicate',
        code: 'same_transaction',
        conversionId: first.body['conversionId'],
      },
      warnings: [expect.objectContaining({ code: 'amount_differs' })],
    });
    expect(await dryRun(crm, `${address(crm)}?clickid=${clickId}&tracker.cost=1`)).toMatchObject({
      verdict: { status: 'rejected', code: 'event_missing' },
    });
    expect(await dryRun(crm, `${address(crm)}?tracker.event=sale&clickid={sub1}`, 'received')).toMatchObject({
      verdict: { status: 'rejected', code: 'macro_unreplaced' },
      diff: { unreplaced: ['clickid'] },
    });
    expect(await counts()).toEqual(before);
  });

  test('a click that the host keeps elsewhere is asked for, and gets no row', async () => {
    const crm = await create();
    const before = await counts();
    const url = `${address(crm)}?tracker.event=sale&clickid=kept-elsewhere&tracker.cost=5`;
    expect(await dryRun(crm, url)).toMatchObject({ verdict: { status: 'accepted', event: 'sale' } });
    expect(await counts()).toEqual(before);
  });

  test('near misses of an unknown click id', async () => {
    const crm = await create();
    const clickId = 'AbCdEfGh1234';
    await host.app.get(TrackerClicks).register({ clickId, chatId: `chat-${randomUUID()}` });
    await host.app
      .get(TrackerClicks)
      .register({ clickId: 'AbCdEfGh1234', chatId: 'elsewhere' }, { tenantId: 'other' });
    const hints = async (came: string): Promise<unknown> =>
      (await dryRun(crm, `${address(crm)}?tracker.event=sale&clickid=${encodeURIComponent(came)}`))[
        'verdict'
      ];
    const expected = (how: string) => ({ code: 'click_unknown', nearMisses: [{ clickId, how }] });
    expect(await hints('abcdefgh1234')).toMatchObject(expected('other_case'));
    expect(await hints('"AbCdEfGh1234"')).toMatchObject(expected('trimmed'));
    expect(await hints('AbCdEfGh12')).toMatchObject(expected('cut_off'));
    expect(await hints('AbCdEfGh1234_de')).toMatchObject(expected('suffix'));
    expect(await hints('c-AbCdEfGh1234')).toMatchObject(expected('prefix'));
    expect(await hints('QQQQQQQQQQQQ')).toMatchObject({ code: 'click_unknown', nearMisses: [] });
    expect(await hints('Ab')).toMatchObject({ nearMisses: [] });
    expect(await hints('AbCdEf%_')).toMatchObject({ nearMisses: [{ clickId, how: 'cut_off' }] });
    const reply = await crm.send('tracker.event=sale&clickid=abcdefgh1234');
    expect(reply.text).not.toContain(clickId);
  });

  test('a secret is never repeated', async () => {
    const created = await host.app
      .get(TrackerIntegrations)
      .create({ name: 'Guarded', network: '1win', secret: true });
    const crm = { ...(await create()), integrationId: created.id };
    const secret = created.secret ?? '';
    const url = `${address(crm)}?tracker.event=registration&clickid=abc`;
    const right = await dryRun(crm, `${url}&key=${secret}`);
    expect(codes(right, 'url')).toEqual([]);
    expect(right).toMatchObject({ verdict: { code: 'click_unknown' }, correctedUrl: `${url}&key=•••` });
    expect(JSON.stringify(right)).not.toContain(secret);
    const wrong = await dryRun(crm, `${url}?key=sesame1&tracker.cost=5?key=sesame2`);
    expect(wrong).toMatchObject({ verdict: { status: 'quarantined', code: 'secret_wrong' } });
    expect(JSON.stringify(wrong)).not.toContain('sesame');
    expect(codes(await dryRun(crm, url), 'url')).toEqual(['secret_missing']);
    const hidden = await dryRun(crm, `${url}&key=•••`);
    expect(hidden).toMatchObject({ verdict: { code: 'click_unknown' } });
    expect(codes(hidden, 'integration')).toContain('secret_hidden');
    expect(codes(hidden, 'integration')).not.toContain('secret_none');
  });

  test('whose URL it is', async () => {
    const crm = await create();
    const other = await create({ name: 'Pocket' });
    const foreign = await host.app
      .get(TrackerIntegrations)
      .create({ name: 'Foreign', network: '1win' }, { tenantId: 'other' });
    const query = '?tracker.event=registration&clickid={sub1}';
    const body = await dryRun(crm, address(other) + query);
    expect(body['findings'][0]).toMatchObject({
      code: 'integration_other',
      message: expect.stringContaining('"Pocket"'),
    });
    expect(body['correctedUrl']).toBe(address(crm) + query);
    const unknown = await dryRun(crm, address({ ...crm, integrationId: foreign.id }) + query);
    expect(codes(unknown, 'url')).toEqual(['integration_unknown']);
    expect(JSON.stringify(unknown)).not.toContain('Foreign');
  });

  test('a registration link is recognised and checked as one', async () => {
    const crm = await create();
    const body = await dryRun(
      crm,
      'https://1wgbch.top/play?open=register&sub1={tracker.clickid}&fields.userid={user_id}',
    );
    expect(body).toMatchObject({
      kind: 'registration_link',
      as: 'template',
      verdict: null,
      reading: null,
      diff: { missing: [], extra: [], misspelt: [], unreplaced: [] },
      correctedUrl: 'https://1wgbch.top/play?open=register&sub1={{tracker.clickid}}',
    });
    expect(codes(body, 'url')).toEqual(['link_macro_damaged', 'network_macro_on_link']);
    expect(codes(body, 'integration')).toContain('registration_link');
    expect(body['findings'][2].fix).toContain('{ "key": "userid", "macro": "{user_id}" }');
  });

  test('what is wrong with the integration itself', async () => {
    const crm = await create({ events: ['registration'] });
    await host.app.get(TrackerIntegrations).update(crm.integrationId, { status: 'paused' });
    const url = `${address(crm)}?tracker.event=sale&clickid={sub1}&tracker.cost={amount}&fields.userid={user_id}`;
    const body = await dryRun(crm, url);
    expect(codes(body, 'integration')).toEqual([
      'integration_paused',
      'secret_none',
      'event_not_allowed',
      'field_unknown',
    ]);
    expect(body['findings'].at(-1)).toMatchObject({
      parameter: 'fields.userid',
      fix: expect.stringContaining('(user_id)'),
    });
    const custom = await create({ network: 'custom' });
    const odd = await dryRun(custom, `${address(custom)}?tracker.event=ftd&clickid={clickid}`);
    expect(codes(odd, 'integration')).toContain('event_unmapped');
    const bare = await dryRun(
      custom,
      `${address(custom)}?tracker.event=sale&clickid={clickid}&tracker.cost={amount}`,
    );
    expect(codes(bare, 'integration')).toContain('currency_none');
  });

  test('custom fields that cannot be listed fail nothing', async () => {
    const crm = await create();
    const url = `${address(crm)}?tracker.event=registration&clickid={sub1}&fields.nothere={user_id}`;
    const usual = fieldKeys;
    for (const failing of [
      () => Promise.reject(new Error('CRM away')),
      () => {
        throw new Error('CRM broken');
      },
    ]) {
      fieldKeys = failing;
      expect(codes(await dryRun(crm, url), 'integration')).not.toContain('field_unknown');
    }
    fieldKeys = usual;
    expect(codes(await dryRun(crm, url), 'integration')).toContain('field_unknown');
  });

  test('the same deposits recorded by two integrations', async () => {
    const one = await create({ name: 'One' });
    const two = await create({ name: 'Two' });
    const clickId = await one.newClick();
    const url = `${address(one)}?tracker.event=sale&clickid={sub1}&tracker.cost={amount}`;
    await one.send(`tracker.event=sale&clickid=${clickId}&tracker.cost=10&tracker.tid=77`);
    expect(codes(await dryRun(one, url), 'integration')).not.toContain('deposits_elsewhere');
    await two.send(`tracker.event=sale&clickid=${clickId}&tracker.cost=10&tracker.tid=78`);
    expect(codes(await dryRun(one, url), 'integration')).not.toContain('deposits_elsewhere');
    await two.send(`tracker.event=sale&clickid=${clickId}&tracker.cost=10&tracker.tid=77`);
    const { findings } = await dryRun(one, url);
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'deposits_elsewhere',
        message: expect.stringContaining('"Two" recorded 1'),
      }),
    );
  });

  test('it answers in Russian', async () => {
    const crm = await create();
    const body = await dryRun(crm, `${address(crm)}?tracker.event=sale&clickid=sub1`, 'received', {
      'accept-language': 'ru-RU,ru;q=0.9',
    });
    expect(body['findings'][0].fix).toBe('Напишите {sub1}.');
    expect(body['verdict'].message).toMatch(/[а-я]/);
  });

  test.each([
    ['is empty', ''],
    ['is neither a URL nor a query', 'see you tomorrow'],
    ['is not an http or https URL', 'javascript:alert(1)'],
    ['is longer than 16384 bytes', `https://crm.example.com/?a=${'x'.repeat(17_000)}`],
  ])('refuses a text that %s', async (reason, url) => {
    const crm = await create();
    expect(await ask(crm.integrationId, { url })).toMatchObject({
      status: 400,
      body: { code: 'url_invalid', message: `The URL ${reason}.`, details: [{ field: 'url' }] },
    });
  });

  test('other refusals', async () => {
    const crm = await create();
    expect(await ask(randomUUID(), { url: 'https://x.example' })).toMatchObject({ status: 404 });
    expect(await ask('nope', { url: 'https://x.example' })).toMatchObject({ status: 404 });
    expect(await ask(crm.integrationId, { url: '?a=b' }, { 'x-tenant': 'other' })).toMatchObject({
      status: 404,
    });
    expect(await ask(crm.integrationId, {})).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
    expect(await ask(crm.integrationId, { url: '?a=b', as: 'x' })).toMatchObject({ status: 400 });
    expect(await ask(crm.integrationId, { url: '?a=b', more: 1 })).toMatchObject({ status: 400 });
  });
});
