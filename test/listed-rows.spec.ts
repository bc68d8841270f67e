import {
  TrackerConversions,
  TrackerDelivery,
  TrackerEventRow,
  TrackerIntegrations,
  TrackerPostbackLog,
} from 'nestjs-tracker-postbacks';
import { uuidV7 } from '../libs/tracker-postbacks/src/database/uuid-v7';
import { at, type Lists, startLists } from './lists.fixture';
import { ADAPTERS } from './setup/application';

describe.each(ADAPTERS)('a row of a list over HTTP on %s', (adapter) => {
  let lists: Lists;
  beforeAll(async () => {
    lists = await startLists(adapter);
  });
  afterAll(() => lists.stop());

  it('shows everything about a conversion, missing as null', async () => {
    const tid = 'shown';
    const id = await lists.conversion('12.50', '25T10:00:00', {
      tid,
      ordinal: 7,
      cost: '12.50',
      currency: 'USD',
      reportedEvent: 'ftd',
      fields: { user_id: '5' },
      reversedAt: new Date(at('25T11:00:00')),
    });
    const { body } = await lists.get(`conversions/${id.toUpperCase()}`);
    expect(body).toEqual({
      id,
      event: 'sale',
      reportedEvent: 'ftd',
      ordinal: 7,
      integrationId: lists.integration.win,
      network: '1win',
      campaignId: null,
      clickId: 'k1',
      chatId: 'chat of k1',
      tid,
      cost: '12.50',
      currency: 'USD',
      costRaw: '12.50',
      fields: { user_id: '5' },
      receivedAt: '2026-11-25T10:00:00.000Z',
      postbackId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      reversedAt: '2026-11-25T11:00:00.000Z',
      voidedAt: null,
      replacedBy: null,
      test: false,
    });
    const { body: page } = await lists.get('conversions?tid=shown');
    expect(page).toEqual({ items: [body], nextCursor: null });
    await expect(lists.host.app.get(TrackerConversions).get(id)).resolves.toEqual(body);
  });

  it('shows what was decided about a postback, in the language asked for, and what came of it', async () => {
    const warnings = [{ code: 'amount_missing' as const, parameter: 'tracker.cost' }];
    const id = await lists.postback('203.0.113.7', '25T10:00:00', {
      event: 'sale',
      reportedEvent: 'ftd',
      clickId: 'k1',
      chatId: 'chat of k1',
      tid: 'shown',
      warnings,
      method: 'POST',
      target: '/api//postbacks/x/tracker-postback/?a=%D1%84&b={c}',
      bodyType: 'form',
      body: 'tracker.event=ftd',
      forwardedFor: '198.51.100.1',
      durationMs: 4,
      judgedAt: new Date(at('25T10:00:00.004')),
    });
    const conversionId = uuidV7(at('25T10:00:00'));
    const events = [uuidV7(1), uuidV7(2)] as const;
    for (const [n, name] of [
      [0, 'sale'],
      [1, 'fields'],
    ] as const) {
      await lists.dataSource.getRepository(TrackerEventRow).insert({
        id: events[n],
        tenantId: 'default',
        name,
        ordinal: n === 0 ? 1 : null,
        conversionId,
        postbackId: id,
        payload: {},
        createdAt: new Date(at('25T10:00:00.004')),
      });
    }
    const rows = await lists.dataSource.getRepository(TrackerEventRow).find({ order: { seq: 'ASC' } });
    const errors = [{ attempt: 1, at: '2026-11-25T10:00:01.000Z', message: 'locked' }];
    const dueAt = new Date(at('25T10:00:00.004'));
    await lists.dataSource.getRepository(TrackerDelivery).insert([
      {
        eventId: events[1],
        eventSeq: rows[1]?.seq ?? '',
        handler: 'A.b',
        status: 'parked',
        attempts: 12,
        dueAt,
        errors,
      },
      {
        eventId: events[0],
        eventSeq: rows[0]?.seq ?? '',
        handler: 'B.a',
        status: 'done',
        attempts: 1,
        dueAt,
        finishedAt: dueAt,
      },
      {
        eventId: events[0],
        eventSeq: rows[0]?.seq ?? '',
        handler: 'A.a',
        status: 'parked',
        attempts: 0,
        dueAt,
      },
    ]);

    const { body: listed } = await lists.get('postbacks?tid=shown');
    const shown = {
      id,
      status: 'accepted',
      code: 'ok',
      message: 'Accepted and recorded.',
      integrationId: lists.integration.win,
      network: '1win',
      event: 'sale',
      reportedEvent: 'ftd',
      clickId: 'k1',
      tid: 'shown',
      chatId: 'chat of k1',
      cost: null,
      currency: null,
      url: 'https://crm.example.com/api//postbacks/x/tracker-postback/?a=%D1%84&b={c}',
      method: 'POST',
      address: '203.0.113.7',
      receivedAt: '2026-11-25T10:00:00.000Z',
      judgedAt: '2026-11-25T10:00:00.004Z',
      durationMs: 4,
      conversionId: null,
      warnings: [{ ...warnings[0], message: expect.stringContaining('tracker.cost') }],
      test: false,
      parkedUntil: null,
    };
    expect(listed).toEqual({ items: [shown], nextCursor: null });
    const { body: detail } = await lists.get(`postbacks/${id}`);
    const none = { finishedAt: null, errors: [], dueAt: '2026-11-25T10:00:00.004Z' };
    const nothing = { code: null, cost: null, currency: null, tid: null, fields: {} };
    expect(detail).toEqual({
      ...shown,
      body: { type: 'form', text: 'tracker.event=ftd' },
      forwardedFor: '198.51.100.1',
      events: [
        {
          ...nothing,
          id: events[0],
          name: 'sale',
          ordinal: 1,
          seq: rows[0]?.seq,
          conversionId,
          createdAt: none.dueAt,
        },
        {
          ...nothing,
          id: events[1],
          name: 'fields',
          ordinal: null,
          seq: rows[1]?.seq,
          conversionId,
          createdAt: none.dueAt,
        },
      ],
      deliveries: [
        {
          ...none,
          id: expect.any(String),
          eventId: events[0],
          handler: 'A.a',
          status: 'parked',
          attempts: 0,
        },
        {
          ...none,
          id: expect.any(String),
          eventId: events[0],
          handler: 'B.a',
          status: 'done',
          attempts: 1,
          finishedAt: none.dueAt,
        },
        {
          ...none,
          id: expect.any(String),
          eventId: events[1],
          handler: 'A.b',
          status: 'parked',
          attempts: 12,
          errors,
        },
      ],
      written: { conversions: [], fields: {} },
      timings: {
        receivedAt: '2026-11-25T10:00:00.000Z',
        judgedAt: '2026-11-25T10:00:00.004Z',
        durationMs: 4,
        emittedAt: '2026-11-25T10:00:00.004Z',
        handledAt: null,
      },
      explanation: {
        parameters: [
          { name: 'a', value: 'ф', source: 'query', role: null, field: null },
          { name: 'b', value: '{c}', source: 'query', role: null, field: null },
          { name: 'tracker.event', value: 'ftd', source: 'form', role: 'event', field: null },
        ],
        reading: expect.objectContaining({
          event: 'ftd',
          reportedEvent: 'ftd',
          params: { a: 'ф', b: '{c}' },
        }),
        diff: { missing: [], extra: ['a', 'b'], misspelt: [], unreplaced: ['b'] },
        nearMisses: [],
        reply: {
          status: 200,
          contentType: 'application/json; charset=utf-8',
          body: expect.stringContaining(`"postbackId":"${id}"`),
        },
      },
    });
    await expect(lists.host.app.get(TrackerPostbackLog).get(id)).resolves.toEqual(detail);
    const { body: russian } = await lists.get(`postbacks/${id}`, {
      'accept-language': 'ru-RU,ru;q=0.9,en;q=0.8',
    });
    expect(russian).toMatchObject({
      message: 'Принято и записано.',
      warnings: [{ message: expect.stringMatching(/[а-я].*tracker\.cost/) }],
    });
  });

  it('shows what a network really sent, without the secret', async () => {
    const { id, postbacks } = await lists.host.app
      .get(TrackerIntegrations)
      .create({ name: 'secret', network: 'custom', secret: true });
    const key = /key=([^&]+)/.exec(postbacks[0]?.url ?? '')?.[1] ?? '';
    expect(key.length).toBeGreaterThan(10);
    const path = `/api/postbacks/${id}/tracker-postback?tracker.event=registration&clickid=k1&tid=%7B`;
    const reply = await fetch(`${lists.host.url}${path}&key=${key}`);
    const { postbackId } = (await reply.json()) as { postbackId: string };
    const { body } = await lists.get(`postbacks/${postbackId}`);
    expect(body).toMatchObject({
      status: 'accepted',
      event: 'registration',
      events: [{ name: 'registration' }],
    });
    expect(JSON.stringify(body)).not.toContain(key);
    expect((body as { url: string }).url).toContain(`https://crm.example.com${path}`);
    const { body: conversions } = await lists.get(`conversions?integrationId=${id}`);
    expect(conversions).toMatchObject({ items: [{ event: 'registration', clickId: 'k1', postbackId }] });
  });
});
