import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  OnTrackerEvent,
  TrackerDelivery,
  TrackerIntegrations,
  TrackerPostback,
} from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';

@Injectable()
class Chat {
  @OnTrackerEvent('conf', { name: 'Chat.fails' })
  fail(): void {
    throw new Error('the chat is locked');
  }

  @OnTrackerEvent('sale', { name: 'Chat.works' })
  work(): void {
    /* what the CRM would do */
  }
}

describe.each(ADAPTERS)('one postback of the log over HTTP on %s', (adapter) => {
  let database: TestDatabase;
  let host: TestApplication;
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database, {
      adapter,
      providers: [Chat],
      options: { events: { maxAttempts: 2, retryDelayMs: 1 } },
    });
    crm = await createCrm(host, { clickIdParameter: 'sub1', network: '1win' });
  });
  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  const detail = async (id: string): Promise<Record<string, any>> => {
    const { status, body } = await request(`${host.url}/api/tracker/postbacks/${id}`);
    expect(status).toBe(200);
    return body;
  };
  const sent = async (query: string, init?: Parameters<Crm['send']>[1]): Promise<string> =>
    String((await crm.send(query, init)).body['postbackId']);
  const settled = async (): Promise<void> => {
    const deliveries = host.app.get(DataSource).getRepository(TrackerDelivery);
    while ((await deliveries.countBy({ status: 'pending' })) > 0) await new Promise((r) => setTimeout(r, 20));
  };

  it('explains what it holds, what it changed and what was answered', async () => {
    const clickId = await crm.newClick();
    const query = `tracker.event=sale&clickid=${clickId}&tracker.cost=12.50&tracker.currency=usd&tracker.tid=7&fields.user_id=5&geo=BR`;
    const reply = await crm.send(query);
    await settled();
    const body = await detail(reply.body['postbackId']);
    expect(body).toMatchObject({
      written: {
        conversions: [{ id: reply.body['conversionId'], event: 'sale', cost: '12.50', tid: '7' }],
        fields: { user_id: '5' },
      },
      events: [{ name: 'sale', cost: '12.50', currency: 'USD', tid: '7', fields: { user_id: '5' } }],
      deliveries: [{ handler: 'Chat.works', status: 'done', attempts: 1, errors: [] }],
      timings: {
        durationMs: expect.any(Number),
        emittedAt: expect.any(String),
        handledAt: expect.any(String),
      },
      explanation: {
        reading: {
          event: 'sale',
          cost: '12.50',
          currency: 'USD',
          tid: '7',
          fields: { user_id: '5' },
          params: { geo: 'BR' },
        },
        diff: { extra: expect.arrayContaining(['geo']), misspelt: [], unreplaced: [] },
        nearMisses: [],
        reply: { status: reply.status, contentType: reply.headers.get('content-type'), body: reply.text },
      },
    });
    expect(
      body['explanation'].parameters.map(({ name, role, field }: Record<string, unknown>) => [
        name,
        role,
        field,
      ]),
    ).toEqual([
      ['tracker.event', 'event', null],
      ['clickid', 'clickId', null],
      ['tracker.cost', 'cost', null],
      ['tracker.currency', 'currency', null],
      ['tracker.tid', 'tid', null],
      ['fields.user_id', null, 'user_id'],
      ['geo', null, null],
    ]);
  });

  it('shows each attempt of a handler that failed', async () => {
    const clickId = await crm.newClick();
    const id = await sent(`tracker.event=conf&clickid=${clickId}`);
    await settled();
    expect(await detail(id)).toMatchObject({
      deliveries: [
        {
          handler: 'Chat.fails',
          status: 'parked',
          attempts: 2,
          errors: [
            { attempt: 1, message: expect.stringContaining('the chat is locked') },
            { attempt: 2, message: expect.stringContaining('the chat is locked') },
          ],
        },
      ],
      timings: { handledAt: null },
    });
  });

  it('hints at the clicks that an unknown id may have meant, here only', async () => {
    const clickId = await crm.newClick();
    const wrong = clickId.replace(/[a-z]/gi, (letter) =>
      letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
    );
    const reply = await crm.send(`tracker.event=sale&clickid=${wrong}`);
    expect(reply.text).not.toContain(clickId);
    const { explanation, parkedUntil } = await detail(reply.body['postbackId']);
    expect(explanation.nearMisses).toEqual([{ clickId, how: 'other_case' }]);
    expect(parkedUntil).not.toBeNull();
  });

  it('says what is missing, misspelt and unreplaced', async () => {
    const id = await sent('tracker.event=sale&clickid={sub1}&trackr.cost=5');
    const body = await detail(id);
    expect(body).toMatchObject({ status: 'rejected', code: 'macro_unreplaced' });
    expect(body['message']).toMatch(/clickid/);
    expect(body['explanation'].diff).toMatchObject({
      misspelt: [{ parameter: 'trackr.cost', suggestion: 'tracker.cost' }],
      unreplaced: ['clickid'],
    });
    expect(body['explanation'].diff.missing).toContain('tracker.currency');
    expect(body['explanation'].reply).toMatchObject({ status: 400 });
  });

  it('reads bodies like URLs', async () => {
    const clickId = await crm.newClick();
    const id = await sent('tracker.event=registration', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ clickid: clickId, fields: { user_id: '5' } }),
    });
    const { explanation } = await detail(id);
    expect(
      explanation.parameters.map(
        ({ name, source }: Record<string, unknown>) => `${source as string} ${name as string}`,
      ),
    ).toEqual(['query tracker.event', 'json clickid', 'json fields.user_id']);
    expect(explanation.diff.missing).not.toContain('clickid');
  });

  it('makes the reply again as the integration wants it', async () => {
    const integrations = host.app.get(TrackerIntegrations);
    for (const [reply, expected] of [
      [
        { format: 'text', text: 'OK!' },
        { status: 400, contentType: 'text/plain; charset=utf-8', body: 'OK!' },
      ],
      [
        { format: 'gif', always200: true },
        { status: 200, contentType: 'image/gif', body: null },
      ],
      [
        { format: 'empty', always200: true },
        { status: 204, contentType: null, body: '' },
      ],
    ] as const) {
      const { id } = await integrations.create({ name: 'reply', network: 'custom', reply });
      await request(`${host.url}/api/postbacks/${id}/tracker-postback?tracker.event=sale&clickid={x}`);
      const row = await host.app
        .get(DataSource)
        .getRepository(TrackerPostback)
        .findOneByOrFail({ integrationId: id });
      expect((await detail(row.id))['explanation'].reply).toEqual(expected);
    }
  });

  it('never shows a secret, nor misses one that was taken out', async () => {
    const { id, postbacks } = await host.app
      .get(TrackerIntegrations)
      .create({ name: 'secret', network: 'custom', secret: true });
    const key = /key=([^&]+)/.exec(postbacks[0]?.url ?? '')?.[1] ?? '';
    const clickId = await crm.newClick();
    for (const value of [key, 'wrong-secret-that-somebody-sent']) {
      const address = `${host.url}/api/postbacks/${id}/tracker-postback?tracker.event=sale&clickid=${clickId}&key=${value}`;
      await request(address);
      const [row] = await host.app
        .get(DataSource)
        .getRepository(TrackerPostback)
        .find({ where: { integrationId: id }, order: { id: 'DESC' }, take: 1 });
      const { text, body } = await request(`${host.url}/api/tracker/postbacks/${row?.id ?? ''}`);
      expect(text).not.toContain(value);
      expect(body['explanation'].diff.missing).not.toContain('key');
      const { text: csv } = await request(`${host.url}/api/tracker/postbacks/export.csv?integrationId=${id}`);
      expect(csv).toContain('tracker.event=sale');
      expect(csv).not.toContain(value);
    }
  });

  it('has nothing left to explain once it is erased', async () => {
    const clickId = await crm.newClick();
    const id = await sent(`tracker.event=registration&clickid=${clickId}&fields.name=Jane`);
    await request(`${host.url}/api/tracker/clicks/${clickId}/data`, { method: 'DELETE' });
    const body = await detail(id);
    expect(body['explanation']).toEqual({
      parameters: [],
      reading: null,
      diff: null,
      nearMisses: [],
      reply: null,
    });
    expect(JSON.stringify(body)).not.toContain('Jane');
    expect(JSON.stringify(body)).not.toContain(clickId);
  });
});
