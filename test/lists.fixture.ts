import { type INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  TrackerClick,
  TrackerClicks,
  TrackerConversion,
  TrackerIntegrations,
  TrackerPostback,
} from 'nestjs-tracker-postbacks';
import { uuidV7 } from '../libs/tracker-postbacks/src/database/uuid-v7';
import { type AdapterName, startApplication } from './setup/application';
import { createTestDatabase } from './setup/database';

export interface ListedPage {
  readonly items: readonly Record<string, unknown>[];
  readonly nextCursor: string | null;
}

/** `25T10:00:00`, a day of November 2026 and a time, as milliseconds. */
export const at = (time: string): number => Date.parse(`2026-11-${time}Z`);

const tenantOfHeader = (request: unknown): string =>
  (request as { headers: Record<string, string | undefined> }).headers['x-tenant'] ?? 'default';

/** A host with two integrations of its own, one of another tenant, three clicks each, and rows put in by hand. */
export async function startLists(
  adapter: AdapterName,
  configure: (app: INestApplication) => void = () => undefined,
) {
  const database = await createTestDatabase();
  const host = await startApplication(database, { adapter, configure, options: { tenant: tenantOfHeader } });
  const dataSource = host.app.get(DataSource);
  const integrations = host.app.get(TrackerIntegrations);
  const integration = {
    win: (await integrations.create({ name: 'a', network: '1win' })).id,
    binomo: (await integrations.create({ name: 'b', network: 'binomo' })).id,
    theirs: (await integrations.create({ name: 'c', network: '1win' }, { tenantId: 'other' })).id,
  };
  for (const tenantId of ['default', 'other']) {
    const clicks = ['k1', 'k2', 'K1', 'paged'].map((clickId) => ({ clickId, chatId: `chat of ${clickId}` }));
    await host.app.get(TrackerClicks).register({ clicks }, { tenantId });
  }
  const clicks = await dataSource.getRepository(TrackerClick).find();
  const seqs = new Map(clicks.map(({ tenantId, clickId, seq }) => [`${tenantId}/${clickId}`, seq]));

  async function get(path: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${host.url}/api/tracker/${path}`, { headers });
    return { status: response.status, body: await response.json() };
  }
  async function page(path: string, headers?: Record<string, string>): Promise<ListedPage> {
    const { status, body } = await get(path, headers);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body as ListedPage;
  }

  const ordinals = new Map<string, number>();
  async function conversion(
    costRaw: string,
    time: string,
    row: Partial<TrackerConversion> = {},
  ): Promise<string> {
    const { tenantId = 'default', clickId = 'k1', event = 'sale', integrationId = integration.win } = row;
    const receivedAt = new Date(at(time));
    const key = [tenantId, clickId, event, integrationId].join();
    const ordinal = (ordinals.get(key) ?? 0) + 1;
    ordinals.set(key, ordinal);
    const id = uuidV7(receivedAt.getTime());
    await dataSource.getRepository(TrackerConversion).insert({
      id,
      tenantId,
      integrationId,
      clickSeq: seqs.get(`${tenantId}/${clickId}`) ?? '0',
      clickId,
      chatId: `chat of ${clickId}`,
      campaignId: null,
      event,
      reportedEvent: event,
      ordinal,
      tid: null,
      tidKey: null,
      requestHash: '',
      cost: null,
      currency: null,
      costRaw,
      fields: null,
      receivedAt,
      postbackId: uuidV7(receivedAt.getTime()),
      reversedAt: null,
      reversedBy: null,
      voidedAt: null,
      replacedBy: null,
      ...row,
    });
    return id;
  }
  async function postback(
    address: string,
    time: string,
    row: Partial<TrackerPostback> = {},
  ): Promise<string> {
    const receivedAt = new Date(at(time));
    const id = uuidV7(receivedAt.getTime());
    await dataSource.getRepository(TrackerPostback).insert({
      id,
      tenantId: 'default',
      integrationId: integration.win,
      status: 'accepted',
      code: 'ok',
      method: 'GET',
      target: '/api/postbacks/x/tracker-postback',
      address,
      receivedAt,
      ...row,
    });
    return id;
  }

  const stop = async (): Promise<void> => {
    await host.close();
    await database.drop();
  };
  return { host, dataSource, integration, get, page, conversion, postback, stop };
}
export type Lists = Awaited<ReturnType<typeof startLists>>;
