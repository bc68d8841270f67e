import { type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { createCrm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';

describe.each(ADAPTERS)('the address allow-list on %s', (adapter) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await database.drop();
  });

  const start = (trustProxy: boolean | string): Promise<TestApplication> =>
    startApplication(database, {
      adapter,
      httpAdapter: adapter === 'fastify' ? new FastifyAdapter({ trustProxy }) : undefined,
      configure: (app) => {
        if (adapter === 'express') (app as NestExpressApplication).set('trust proxy', trustProxy);
      },
    });

  const create = ({ url }: TestApplication, allowedAddresses: readonly string[]): Promise<Reply> =>
    request(`${url}/api/tracker/integrations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Guarded', network: 'custom', allowedAddresses }),
    });

  it('is refused while every proxy is trusted', async () => {
    const application = await start(true);
    const created = await create(application, ['192.0.2.0/24']);
    const crm = await createCrm(application);
    const changed = await request(`${application.url}/api/tracker/integrations/${crm.integrationId}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ allowedAddresses: ['192.0.2.0/24'] }),
    });
    await application.close();
    for (const { status, body } of [created, changed]) {
      expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'allow_list_spoofable' });
    }
  });

  it('goes by the address that a named proxy vouches for', async () => {
    const application = await start('loopback');
    const created = await create(application, ['192.0.2.0/24', '2001:db8::/32']);
    expect(created.status).toBe(201);
    const from = async (address: string): Promise<unknown> =>
      (
        await request(
          `${application.url}/api/postbacks/${String(created.body['id'])}/tracker-postback?tracker.event=conf&clickid=x`,
          { headers: { 'x-forwarded-for': address } },
        )
      ).body['code'];
    expect(await from('192.0.2.77')).toBe('click_unknown');
    expect(await from('::ffff:192.0.2.77')).toBe('click_unknown');
    expect(await from('2001:db8::1')).toBe('click_unknown');
    expect(await from('198.51.100.1')).toBe('address_not_allowed');
    await application.close();
  });
});
