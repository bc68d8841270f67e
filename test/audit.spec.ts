import { TrackerAudit } from '../libs/tracker-postbacks/src/audit/audit.service';
import { startTenantHost, type TenantHost } from './tenant-host.fixture';

interface Entry {
  readonly id: string;
  readonly action: string;
  readonly subjectId: string;
  readonly details: Record<string, unknown>;
}

describe('the audit trail', () => {
  let world: TenantHost;
  let now = Date.parse('2026-11-20T10:00:00Z');

  beforeAll(async () => {
    world = await startTenantHost({ options: { clock: { now: () => now } } });
  });
  afterAll(() => world.stop());

  const as = (actor: string, body?: unknown) => ({
    'x-actor': actor,
    ...(body === undefined ? {} : { body }),
  });
  const trail = async (query = '', tenant = 'default'): Promise<readonly Entry[]> => {
    const { status, body } = await world.admin('GET', `audit?limit=200&${query}`, { 'x-tenant': tenant });
    expect({ status, body }).toMatchObject({ status: 200 });
    return body['items'];
  };

  it('tells who did what to an integration, its configs and links, newest first, and never a secret', async () => {
    const create = { name: 'Win', network: 'custom', secret: true };
    const { body: integration } = await world.admin('POST', 'integrations', as('anna', create));
    const id = String(integration['id']);
    const path = `integrations/${id}`;
    const changes = { name: 'Win 2', status: 'paused', eventMap: { ftd: 'sale' } };
    await world.admin('PATCH', path, as('boris', changes));
    const { body: rotated } = await world.admin('POST', `${path}/secret`, as('anna', { graceHours: 2 }));
    const config = { name: 'Withdrawal', event: 'withdraw', fields: [] };
    const { body: added } = await world.admin('POST', `${path}/postbacks`, as('anna', config));
    const configPath = `${path}/postbacks/${String(added['id'])}`;
    await world.admin('PATCH', configPath, as('anna', { cost: '{sum}' }));
    await world.admin('DELETE', configPath, as('boris'));
    const page = { name: 'Landing', baseUrl: 'https://1w.example/' };
    const { body: link } = await world.admin('POST', `${path}/links`, as('anna', page));
    await world.admin('PATCH', `links/${String(link['id'])}`, as('anna', { name: 'Landing 2' }));
    await world.admin('DELETE', `links/${String(link['id'])}`, as('anna'));
    await world.admin('DELETE', path, as('boris'));
    await world.admin('DELETE', path, as('boris'));
    await world.admin('POST', `${path}/restore`, as('anna'));
    await world.admin('POST', `${path}/restore`, as('anna'));

    const entries = await trail();
    const of = { integrationId: id };
    expect(
      entries.map(({ action, details, ...entry }) => [
        action,
        (entry as Record<string, unknown>)['actor'],
        details,
      ]),
    ).toEqual([
      ['integration.restored', 'anna', {}],
      ['integration.archived', 'boris', {}],
      ['link.deleted', 'anna', { ...of, name: 'Landing 2' }],
      ['link.updated', 'anna', { ...of, changed: ['name'] }],
      ['link.created', 'anna', { ...of, name: 'Landing' }],
      ['postback_config.deleted', 'boris', { ...of, event: 'withdraw' }],
      ['postback_config.updated', 'anna', { ...of, event: 'withdraw', changed: ['cost'] }],
      ['postback_config.created', 'anna', { ...of, event: 'withdraw' }],
      ['integration.secret_rotated', 'anna', { graceHours: 2 }],
      ['integration.updated', 'boris', { changed: ['name', 'status', 'eventMap'] }],
      ['integration.created', 'anna', { name: 'Win', network: 'custom', withSecret: true }],
    ]);
    expect(entries.at(-1)).toMatchObject({
      at: '2026-11-20T10:00:00.000Z',
      subjectType: 'integration',
      subjectId: id,
    });
    expect(await world.placesOf(String(rotated['secret']))).toEqual([]);
    expect(rotated['secret']).toMatch(/.{20}/);
  });

  it('writes nothing where nothing was changed', async () => {
    const before = await trail();
    const { body } = await world.admin('POST', 'integrations', { body: { name: 'x', network: 'nobody' } });
    expect(body['statusCode']).toBe(400);
    const [first] = before;
    await world.admin('PATCH', `integrations/${first?.subjectId ?? ''}`, { body: { status: 'asleep' } });
    await world.admin('DELETE', 'links/019ab3f2-7c1e-7a52-9d55-2f6c1b1e7a10');
    await world.admin('POST', 'clicks/reassign', { body: { fromChatId: 'nobody', toChatId: 'somebody' } });
    expect(await trail()).toEqual(before);
  });

  it('rolls back together with the change that fails', async () => {
    const integrationId = await world.newIntegration();
    const audit = world.host.app.get(TrackerAudit);
    const record = audit.record.bind(audit);
    audit.record = () => Promise.reject(new Error('no room'));
    const { status } = await world.admin('PATCH', `integrations/${integrationId}`, {
      body: { name: 'Changed' },
    });
    audit.record = record;
    expect(status).toBe(500);
    expect((await world.admin('GET', `integrations/${integrationId}`)).body).toMatchObject({ name: 'Test' });
  });

  it('keeps an actor that no column could hold', async () => {
    const audit = world.host.app.get(TrackerAudit);
    const actor = `\u0000\ud800${'😀'.repeat(300)}`;
    await audit.record({ action: 'chat.erased', subjectId: 'odd actor' }, { actor });
    expect(await trail('subjectId=odd+actor')).toMatchObject([{ actor: '😀'.repeat(255), details: {} }]);
  });

  describe('is narrowed', () => {
    beforeAll(async () => {
      const audit = world.host.app.get(TrackerAudit);
      const scope = { tenantId: 'listed' };
      for (let n = 0; n < 25; n += 1) {
        // Several of one millisecond: the order is by time, then by id.
        now = Date.parse('2026-11-21T00:00:00Z') + Math.floor(n / 4) * 3_600_000;
        const action = n % 2 === 0 ? 'click.erased' : 'chat.erased';
        await audit.record({ action, subjectId: `s${n % 5}`, details: { n } }, scope);
      }
    });
    const numbers = async (query: string): Promise<unknown[]> =>
      (await trail(query, 'listed')).map(({ details }) => details['n']);

    it.each([
      ['an action', 'action=chat.erased&subjectId=s1', [21, 11, 1]],
      ['several actions', 'action=chat.erased&action=click.erased&subjectId=s1', [21, 16, 11, 6, 1]],
      ['a subject', 'subjectId=s3', [23, 18, 13, 8, 3]],
      ['no subject', 'subjectId=S3', []],
      ['from inclusive', 'from=2026-11-21T06:00:00Z', [24]],
      ['to exclusive', 'to=2026-11-21T01:00:00Z', [3, 2, 1, 0]],
      ['both', 'from=2026-11-21T01:00:00%2B00:00&to=2026-11-21T02:00:00Z', [7, 6, 5, 4]],
    ])('by %s', async (_, query, expected) => {
      expect(await numbers(query)).toEqual(expected);
    });

    it('page by page, each entry once, while entries are added', async () => {
      const seen: string[] = [];
      const all = (await trail('', 'listed')).map(({ id }) => id);
      let cursor = '';
      for (let page = 0; page < 4; page += 1) {
        const { body } = await world.admin('GET', `audit?limit=7${cursor}`, { 'x-tenant': 'listed' });
        seen.push(...(body['items'] as Entry[]).map(({ id }) => id));
        expect(body['nextCursor'] === null).toBe(page === 3);
        cursor = `&cursor=${String(body['nextCursor'])}`;
        now += 1;
        await world.host.app
          .get(TrackerAudit)
          .record({ action: 'chat.erased', subjectId: 'new' }, { tenantId: 'listed' });
      }
      expect(seen).toEqual(all);
    });

    it('to one tenant', async () => {
      expect(await trail('subjectId=s3')).toEqual([]);
      expect(await trail('', 'third')).toEqual([]);
    });

    it.each([
      ['an unknown filter', 'actor=anna', 'actor'],
      ['an unknown action', 'action=everything', 'action'],
      ['no time', 'from=yesterday', 'from'],
      ['no number', 'limit=0', 'limit'],
      ['a cursor that is none', 'cursor=abc', 'cursor'],
      ['an empty value', 'subjectId=', 'subjectId'],
    ])('and refuses %s', async (_, query, field) => {
      expect(await world.admin('GET', `audit?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'validation_failed', details: [{ field }] },
      });
    });
  });
});
