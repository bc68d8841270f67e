import { randomUUID } from 'node:crypto';
import { type AdapterName, startApplication, type TestApplication } from './setup/application';
import { type Reply, request } from './setup/crm';
import { createTestDatabase } from './setup/database';

export type Json = Reply['body'];

export const LANDING = 'https://1w.example/casino/play/aviator?open=register';
const START = Date.parse('2026-11-21T09:30:00.000Z');

/** A host with a clock to move, tenants by header, and the few calls that specs of links are made of. */
export interface LinksHost {
  readonly host: TestApplication;
  readonly passes: (milliseconds: number) => void;
  /** A call of the admin API; a text goes out as it is. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Reply>;
  /** A fresh integration's id. */
  readonly integration: (settings?: Record<string, unknown>) => Promise<string>;
  /** A fresh link, of a fresh integration where none is named. */
  readonly link: (baseUrl?: string, integrationId?: string) => Promise<Json>;
  /** Renders for a chat of its own where no body is given. */
  readonly render: (id: unknown, body?: unknown) => Promise<Reply>;
  readonly clickOf: (clickId: unknown) => Promise<Json>;
  /** Sends a registration as the network would; `status/code` of the verdict. */
  readonly postback: (integrationId: string, clickId: unknown) => Promise<string>;
  readonly stop: () => Promise<void>;
}

export async function startLinksHost(adapter: AdapterName): Promise<LinksHost> {
  let now = START;
  const database = await createTestDatabase();
  const host = await startApplication(database, {
    adapter,
    options: {
      clock: { now: () => now },
      tenant: (incoming) =>
        (incoming as { headers: Record<string, string> }).headers['x-tenant'] ?? 'default',
    },
  });

  const call: LinksHost['call'] = (method, path, body, headers = {}) =>
    request(`${host.url}/api/tracker/${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  const created = async (path: string, content: unknown): Promise<Json> => {
    const { status, body } = await call('POST', path, content);
    expect(status).toBe(201);
    return body;
  };
  const integration: LinksHost['integration'] = async (settings = {}) =>
    String((await created('integrations', { name: 'Test', network: '1win', ...settings }))['id']);

  return {
    host,
    passes: (milliseconds) => {
      now += milliseconds;
    },
    call,
    integration,
    link: async (baseUrl = LANDING, integrationId) =>
      created(`integrations/${integrationId ?? (await integration())}/links`, { name: 'Landing', baseUrl }),
    render: (id, body = { chatId: `chat-${randomUUID()}` }) =>
      call('POST', `links/${String(id)}/render`, body),
    clickOf: async (clickId) => (await call('GET', `clicks/${String(clickId)}`)).body,
    postback: async (integrationId, clickId) => {
      const query = `tracker.event=registration&clickid=${String(clickId)}`;
      const { body } = await request(`${host.url}/api/postbacks/${integrationId}/tracker-postback?${query}`);
      return `${String(body['status'])}/${String(body['code'])}`;
    },
    stop: async () => {
      await host.close();
      await database.drop();
    },
  };
}
