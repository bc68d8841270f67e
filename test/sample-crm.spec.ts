import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type INestApplication } from '@nestjs/common';
import {
  type TrackerConversionEvent,
  TrackerAmendedEvent,
  TrackerEventEmitter,
  TrackerFieldsEvent,
  TrackerReinstatedEvent,
  TrackerReversalEvent,
} from 'nestjs-tracker-postbacks';
import { ChatTrackerHandler } from '../apps/sample-crm/src/chats/chat-tracker.handler';
import { type ChatDto } from '../apps/sample-crm/src/chats/chat.dto';
import { DemoService } from '../apps/sample-crm/src/demo/demo.service';
import { createSampleApp } from '../apps/sample-crm/src/sample.app';
import { readConfig } from '../apps/sample-crm/src/sample.config';
import { createTestDatabase, type TestDatabase } from './setup/database';

const TOKEN = 'a-token-for-tests';

interface Verdict {
  readonly status: string;
  readonly code: string;
  readonly message: string;
}

describe.each(['fastify', 'express'] as const)('the sample CRM on %s', (httpAdapter) => {
  let database: TestDatabase;
  let app: INestApplication;
  let base: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    const config = readConfig({
      ADMIN_TOKEN: TOKEN,
      HTTP_ADAPTER: httpAdapter,
      PUBLIC_URL: 'https://crm.example',
    });
    app = await createSampleApp({ ...config, databaseUrl: database.url }, false);
    await app.listen(0, '127.0.0.1');
    base = await app.getUrl();
  });

  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const request = (path: string, init: RequestInit = {}, token: string | null = TOKEN): Promise<Response> =>
    fetch(`${base}${path}`, {
      ...init,
      headers: headersOf(init.headers, token),
    });
  const post = (path: string, body: object): Promise<Response> =>
    request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const chatOf = async (id: string): Promise<ChatDto> => json(await request(`/api/chats/${id}`));
  const newLead = async (): Promise<{ chatId: string; clickId: string }> => {
    const { id: chatId } = await json<{ id: string }>(await post('/api/chats', {}));
    const { clickId } = await json<{ clickId: string }>(await post('/api/tracker/clicks', { chatId }));
    return { chatId, clickId };
  };
  const fire = async (query: string): Promise<Verdict & { http: number }> => {
    const { integrationId } = await app.get(DemoService).prepare();
    const response = await request(`/api/postbacks/${integrationId}/tracker-postback?${query}`, {}, null);
    return { http: response.status, ...(await json<Verdict>(response)) };
  };
  const chatWith = async (id: string, lines: number): Promise<ChatDto> => {
    const deadline = Date.now() + 15_000;
    for (;;) {
      const chat = await chatOf(id);
      if (chat.history.length >= lines || Date.now() > deadline) return chat;
      await wait(20);
    }
  };

  describe('who may come in', () => {
    it.each([
      '/api/chats/0b9c9bd8-54a5-4c8e-9d2e-6f1d4f0c8a11',
      '/api/tracker/integrations',
      '/api/tracker/postbacks',
    ])('answers 401 to %s without the admin token', async (path) => {
      expect((await request(path, {}, null)).status).toBe(401);
      expect((await request(path, {}, `${TOKEN}x`)).status).toBe(401);
      expect((await request(path, { headers: { authorization: `Basic ${TOKEN}` } }, null)).status).toBe(401);
    });

    it('answers 401 to a chat that somebody without the token wants to start', async () => {
      expect((await request('/api/chats', { method: 'POST' }, null)).status).toBe(401);
    });

    it.each(['/health', '/docs', '/docs-json', '/docs/swagger-ui.css'])(
      'lets everybody see %s',
      async (path) => {
        expect((await request(path, {}, null)).status).toBe(200);
      },
    );

    it('lets networks in without a token', async () => {
      const { clickId } = await newLead();
      expect(await fire(`tracker.event=registration&clickid=${clickId}`)).toMatchObject({
        http: 200,
        status: 'accepted',
      });
    });
  });

  it('describes its own routes and the library’s in one document', async () => {
    const { paths } = await json<{ paths: object }>(await request('/docs-json', {}, null));
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/health', '/api/chats', '/api/chats/{id}', '/api/tracker/integrations']),
    );
  });

  describe('chats', () => {
    it('starts one with or without a name', async () => {
      for (const body of [{}, { name: 'Мария 🎲' }, { name: null }]) {
        const response = await post('/api/chats', body);
        expect(response.status).toBe(201);
        expect(await response.json()).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      }
    });

    it.each([{ name: 5 }, { name: 'x'.repeat(256) }, { name: 'a\0b' }, { nmae: 'Maria' }])(
      'refuses %j',
      async (body) => {
        expect((await post('/api/chats', body)).status).toBe(400);
      },
    );

    it('shows a new one as new and empty', async () => {
      const { id } = await json<{ id: string }>(await post('/api/chats', { name: 'Maria' }));
      expect(await chatOf(id.toUpperCase())).toEqual({
        id,
        status: 'new',
        customFields: {},
        deposits: 0,
        balance: [],
        history: [],
      });
    });

    it.each([randomUUID(), 'nobody', '%00'])('answers 404 to the unknown chat %s', async (id) => {
      expect((await request(`/api/chats/${id}`)).status).toBe(404);
    });
  });

  describe('the demo integration', () => {
    it('is made once, however often the sample starts', async () => {
      const [first, second] = await Promise.all([
        app.get(DemoService).prepare(),
        app.get(DemoService).prepare(),
      ]);
      expect(second).toEqual(first);
      const { items } = await json<{ items: unknown[] }>(await request('/api/tracker/integrations'));
      expect(items).toHaveLength(1);
    });

    it('has a ready URL per event', async () => {
      const { integrationId, postbacks } = await app.get(DemoService).prepare();
      expect(postbacks.map(({ name }) => name)).toEqual([
        'Registration',
        'First Deposit',
        'Recurring Deposit',
      ]);
      for (const { url } of postbacks) {
        expect(url).toContain(`https://crm.example/api/postbacks/${integrationId}/tracker-postback?`);
      }
    });
  });

  describe('the way of a lead', () => {
    it('goes from URL to chat: fields, status, deposits, balance, history', async () => {
      const { chatId, clickId } = await newLead();
      await fire(`tracker.event=registration&clickid=${clickId}&fields.user_id=5`);
      expect(await chatWith(chatId, 1)).toMatchObject({
        status: 'registered',
        customFields: { user_id: '5' },
      });
      await fire(`tracker.event=conf&clickid=${clickId}`);
      expect(await chatWith(chatId, 2)).toMatchObject({ status: 'confirmed' });
      const deposit = `clickid=${clickId}&tracker.currency=usd&fields.last_deposit=`;
      await fire(`tracker.event=sale&tracker.cost=0.10&tracker.tid=1&${deposit}0.10`);
      await fire(`tracker.event=sale&tracker.cost=0.2&tracker.tid=2&${deposit}0.2`);
      await fire(
        `tracker.event=resale&tracker.cost=1000&tracker.tid=3&clickid=${clickId}&tracker.currency=eur`,
      );

      const chat = await chatWith(chatId, 5);
      expect(chat).toMatchObject({
        status: 'depositor',
        customFields: { user_id: '5', last_deposit: '0.2' },
        deposits: 3,
        balance: [
          { currency: 'EUR', amount: '1000' },
          { currency: 'USD', amount: '0.30' },
        ],
      });
      expect(chat.history.map(({ type }) => type)).toEqual([
        'registration',
        'conf',
        'sale',
        'resale',
        'resale',
      ]);
      expect(new Set(chat.history.map(({ eventId }) => eventId)).size).toBe(5);
    });

    it('counts a deposit without a readable amount, and sums nothing', async () => {
      const { chatId, clickId } = await newLead();
      await fire(`tracker.event=sale&clickid=${clickId}&tracker.tid=1&tracker.cost=many`);
      expect(await chatWith(chatId, 1)).toMatchObject({ status: 'depositor', deposits: 1, balance: [] });
    });

    it('never lowers the status when events come in another order', async () => {
      const { chatId, clickId } = await newLead();
      await fire(`tracker.event=sale&clickid=${clickId}&tracker.tid=1&tracker.cost=5`);
      await fire(`tracker.event=conf&clickid=${clickId}`);
      await fire(`tracker.event=registration&clickid=${clickId}`);
      expect(await chatWith(chatId, 3)).toMatchObject({ status: 'depositor' });
    });

    it('keeps custom events in the history and out of the deposits', async () => {
      const { chatId, clickId } = await newLead();
      await fire(`tracker.event=withdraw&clickid=${clickId}&tracker.cost=5&tracker.currency=usd`);
      const chat = await chatWith(chatId, 1);
      expect(chat).toMatchObject({ status: 'new', deposits: 0, balance: [] });
      expect(chat.history).toMatchObject([{ type: 'withdraw', text: 'withdraw at 1win: 5 USD' }]);
    });

    it('applies nothing twice: neither a repeated postback nor a repeated delivery', async () => {
      const { chatId, clickId } = await newLead();
      const sale = nextSale(chatId);
      const query = `tracker.event=sale&clickid=${clickId}&tracker.tid=1&tracker.cost=5&tracker.currency=usd`;
      expect(await fire(query)).toMatchObject({ status: 'accepted' });
      expect(await fire(query)).toMatchObject({ status: 'duplicate', code: 'same_transaction' });
      const before = await chatWith(chatId, 1);
      const event = await sale;
      await Promise.all([handler().apply(event), handler().apply(event), handler().apply(event)]);
      expect(await chatOf(chatId)).toEqual(before);
    });

    it('finishes an event of a chat that does not exist', async () => {
      const { clickId } = await json<{ clickId: string }>(
        await post('/api/tracker/clicks', { chatId: 'not-of-this-crm' }),
      );
      const sale = nextSale('not-of-this-crm');
      await fire(`tracker.event=sale&clickid=${clickId}`);
      await expect(handler().apply(await sale)).resolves.toBeUndefined();
    });
  });

  describe('what a network takes back or corrects', () => {
    it('falls back to the milestone once no open deposit is left, and rises again', async () => {
      const { chatId, clickId } = await newLead();
      await fire(`tracker.event=registration&clickid=${clickId}`);
      const { first, second } = await twoDeposits(chatId, clickId);
      await chatWith(chatId, 3);

      await handler().apply(about(TrackerReversalEvent, 'reversal', first));
      expect(await chatOf(chatId)).toMatchObject({
        status: 'depositor',
        deposits: 1,
        balance: [{ currency: 'USD', amount: '7' }],
      });
      const last = about(TrackerReversalEvent, 'reversal', second);
      await handler().apply(last);
      await handler().apply(last);
      expect(await chatOf(chatId)).toMatchObject({ status: 'registered', deposits: 0, balance: [] });
      await handler().apply(about(TrackerReinstatedEvent, 'reinstated', second));
      const chat = await chatOf(chatId);
      expect(chat).toMatchObject({
        status: 'depositor',
        deposits: 1,
        balance: [{ currency: 'USD', amount: '7' }],
      });
      expect(chat.history.slice(-3).map(({ text }) => text)).toEqual([
        'Taken back by 1win: sale 5 USD',
        'Taken back by 1win: resale 7 USD',
        'Counts again at 1win: resale 7 USD',
      ]);
    });

    it('is not led back by a delivery that comes again after a later one', async () => {
      const { chatId, clickId } = await newLead();
      const { first } = await twoDeposits(chatId, clickId);
      await chatWith(chatId, 2);
      const reversal = about(TrackerReversalEvent, 'reversal', first);
      await handler().apply(reversal);
      await handler().apply(about(TrackerReinstatedEvent, 'reinstated', first));
      await handler().apply(reversal);
      expect(await chatOf(chatId)).toMatchObject({ status: 'depositor', deposits: 2 });
    });

    it('sees what another click of the chat changes at the same moment', async () => {
      const leads = await Promise.all(Array.from({ length: 5 }, () => newLead()));
      for (const { chatId, clickId } of leads) {
        const { first, second } = await twoDeposits(chatId, clickId);
        await chatWith(chatId, 2);
        const reversals = [first, second].map((deposit) => about(TrackerReversalEvent, 'reversal', deposit));
        await Promise.all(reversals.map((reversal) => handler().apply(reversal)));
        expect(await chatOf(chatId)).toMatchObject({ status: 'new', deposits: 0 });
      }
    });

    it('takes over a corrected amount and field', async () => {
      const { chatId, clickId } = await newLead();
      const { first } = await twoDeposits(chatId, clickId);
      await chatWith(chatId, 2);
      const facts = { cost: first.cost, currency: first.currency, tid: first.tid, fields: {} };
      const after = { ...facts, cost: '6.00', fields: { user_id: '9' } };
      await handler().apply(
        Object.assign(about(TrackerAmendedEvent, 'amended', first), { before: facts, after }),
      );
      expect(await chatOf(chatId)).toMatchObject({
        customFields: { user_id: '9' },
        deposits: 2,
        balance: [{ currency: 'USD', amount: '13.00' }],
      });
    });

    it('writes the new field values of a duplicate, but none that are older than what it has', async () => {
      const { chatId, clickId } = await newLead();
      const { first } = await twoDeposits(chatId, clickId);
      await chatWith(chatId, 2);
      const newer = about(TrackerFieldsEvent, 'fields', first, {
        fields: { geo: 'BR' },
        receivedAt: new Date(),
      });
      await handler().apply(newer);
      const older = {
        fields: { geo: 'PT', user_id: '3' },
        receivedAt: new Date(newer.receivedAt.getTime() - 1),
      };
      await handler().apply(about(TrackerFieldsEvent, 'fields', first, older));
      expect(await chatOf(chatId)).toMatchObject({ customFields: { geo: 'BR', user_id: '3' }, deposits: 2 });
    });
  });

  const handler = (): ChatTrackerHandler => app.get(ChatTrackerHandler);
  const nextSale = (chatId: string): Promise<TrackerConversionEvent> =>
    app
      .get(TrackerEventEmitter)
      .waitFor('conversion', { filter: (event) => event.chatId === chatId, timeoutMs: 10_000 });
  const twoDeposits = async (
    chatId: string,
    clickId: string,
  ): Promise<{ first: TrackerConversionEvent; second: TrackerConversionEvent }> => {
    const query = `tracker.event=sale&clickid=${clickId}&tracker.currency=usd&tracker.cost=`;
    const sale = nextSale(chatId);
    await fire(`${query}5&tracker.tid=1`);
    const first = await sale;
    const resale = nextSale(chatId);
    await fire(`${query}7&tracker.tid=2`);
    return { first, second: await resale };
  };
});

async function json<T>(response: Response): Promise<T> {
  return (await response.json()) as T;
}

function headersOf(given: RequestInit['headers'], token: string | null): Headers {
  const headers = new Headers(given);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  return headers;
}

/** An event that tells of a change to the conversion of another, as the relay would hand it over. */
function about<T extends object>(
  kind: { readonly prototype: T },
  name: string,
  conversion: TrackerConversionEvent,
  changes: object = {},
): T {
  const event: T = Object.create(kind.prototype);
  return Object.assign(event, conversion, { id: randomUUID(), name, receivedAt: new Date(), ...changes });
}

it('says which database the sample wants, and no password', () => {
  const start = (): unknown => readConfig({ DATABASE_URL: 'mysql://crm:s3cret@db.example/crm' });
  expect(start).toThrow('DATABASE_URL begins with "mysql:"; it has to begin with postgresql://.');
  expect(start).not.toThrow('s3cret');
});
