import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { startApplication, type TestApplication, type TestApplicationSettings } from './setup/application';
import { type Reply, request } from './setup/crm';
import { createTestDatabase } from './setup/database';
import { type TestEngine } from './setup/engines';
import { sqlOn } from './setup/sql';

const headerOf =
  (name: string) =>
  (from: unknown): string | undefined =>
    (from as { headers: Record<string, string | undefined> }).headers[name];

/** A host whose admin requests name tenant and actor in headers, as a gateway would. */
export async function startTenantHost(settings: TestApplicationSettings = {}, engine?: TestEngine) {
  const database = await createTestDatabase(engine);
  const start = (more: TestApplicationSettings = {}): Promise<TestApplication> =>
    startApplication(database, {
      ...settings,
      ...more,
      options: {
        tenant: (from) => headerOf('x-tenant')(from) ?? 'default',
        actor: headerOf('x-actor'),
        ...settings.options,
        ...more.options,
      },
    });
  const host = await start();
  const dataSource = host.app.get(DataSource);

  async function admin(
    method: string,
    path: string,
    { body, ...headers }: { readonly body?: unknown; readonly [header: string]: unknown } = {},
  ): Promise<Reply> {
    return request(`${host.url}/api/tracker/${path}`, {
      method,
      headers: {
        ...(headers as Record<string, string>),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
  const sql = async <R = Record<string, unknown>>(
    statement: string,
    ...parameters: unknown[]
  ): Promise<R[]> => sqlOn<R>(dataSource, statement, ...parameters);

  /** `table.column` of every place in the tracker's tables that holds one of these texts. */
  async function placesOf(...texts: readonly string[]): Promise<string[]> {
    const places = new Set<string>();
    for (const { tableName } of dataSource.entityMetadatas) {
      for (const row of await sql(`SELECT * FROM ${tableName}`)) {
        for (const [column, value] of Object.entries(row)) {
          if (texts.some((text) => String(value).includes(text))) places.add(`${tableName}.${column}`);
        }
      }
    }
    return [...places].sort();
  }

  async function newIntegration(tenantId = 'default', more: object = {}): Promise<string> {
    const integrations = host.app.get(TrackerIntegrations);
    return (await integrations.create({ name: 'Test', network: 'custom', ...more }, { tenantId })).id;
  }
  const sendTo = (
    integrationId: string,
    query: string,
    init: RequestInit = {},
    on: TestApplication = host,
  ): Promise<Reply> => request(`${on.url}/api/postbacks/${integrationId}/tracker-postback?${query}`, init);

  async function newClick(chatId = `chat-${randomUUID()}`, tenant = 'default'): Promise<string> {
    const { body } = await admin('POST', 'clicks', { body: { chatId }, 'x-tenant': tenant });
    return String(body['clickId']);
  }

  return {
    host,
    database,
    dataSource,
    admin,
    sql,
    placesOf,
    newIntegration,
    sendTo,
    newClick,
    /** One more instance on the same database; the caller closes it. */
    another: start,
    stop: async (): Promise<void> => {
      await host.close();
      await database.drop();
    },
  };
}
export type TenantHost = Awaited<ReturnType<typeof startTenantHost>>;
