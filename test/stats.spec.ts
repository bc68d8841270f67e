import { DataSource } from 'typeorm';
import { TrackerIntegration, TrackerStats } from 'nestjs-tracker-postbacks';
import { at, type Lists, startLists } from './lists.fixture';
import { ADAPTERS } from './setup/application';

const NONE = {
  accepted: 0,
  duplicate: 0,
  unmatched: 0,
  ignored: 0,
  deferred: 0,
  rejected: 0,
  quarantined: 0,
};

describe.each(ADAPTERS)('statistics over HTTP on %s', (adapter) => {
  let lists: Lists;
  beforeAll(async () => {
    lists = await startLists(adapter);
    const { binomo, theirs } = lists.integration;
    const money = (cost: string, currency: string | null = 'USD') => ({ cost, currency });
    await lists.postback('p', '20T10:00:00', { event: 'sale' });
    await lists.postback('p', '20T10:00:01', {
      event: 'sale',
      status: 'duplicate',
      code: 'same_transaction',
    });
    await lists.postback('p', '20T23:30:00', { status: 'rejected', code: 'event_missing' });
    await lists.postback('p', '21T10:00:00', { event: 'sale', integrationId: binomo });
    await lists.postback('p', '21T10:00:00', { event: 'sale', test: true });
    await lists.postback('p', '21T10:00:00', { event: 'sale', tenantId: 'other', integrationId: theirs });
    await lists.conversion('c', '20T10:00:00', money('12.5'));
    await lists.conversion('c', '20T11:00:00', { clickId: 'k2', ...money('0.055') });
    await lists.conversion('c', '20T11:00:00', { event: 'resale', ...money('-2.10') });
    await lists.conversion('c', '20T11:00:01', { event: 'resale', ...money('5', 'EUR') });
    await lists.conversion('c', '20T11:00:02', { event: 'resale', ...money('7', null) });
    await lists.conversion('c', '20T11:00:03', { event: 'registration' });
    await lists.conversion('c', '20T12:00:00', {
      event: 'resale',
      ...money('100.00'),
      reversedAt: new Date(at('21T12:00:00')),
    });
    await lists.conversion('c', '20T12:00:01', {
      event: 'resale',
      ...money('999'),
      voidedAt: new Date(at('21T12:00:00')),
    });
    await lists.conversion('c', '20T12:00:02', { event: 'resale', ...money('999'), test: true });
    await lists.conversion('c', '21T10:00:00', { integrationId: binomo, ...money('1') });
    await lists.conversion('c', '21T10:00:00', { tenantId: 'other', integrationId: theirs, ...money('555') });
  });
  afterAll(() => lists.stop());

  const stats = async (query: string, headers?: Record<string, string>): Promise<Record<string, any>> => {
    const { status, body } = await lists.get(`stats?${query}`, headers);
    expect({ status, body }).toMatchObject({ status: 200 });
    return body as Record<string, any>;
  };
  const november = 'from=2026-11-01&to=2026-12-01';
  const sum = (event: string, currency: string | null, amount: string, reversed = '0') => ({
    event,
    currency,
    amount,
    reversed,
  });

  it('are by day: open conversions, exact sums of the largest scale, reversed ones beside them', async () => {
    expect(await stats(november)).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      timeZone: 'UTC',
      groupBy: 'day',
      rows: [
        {
          key: '2026-11-20',
          postbacks: { ...NONE, accepted: 1, duplicate: 1, rejected: 1 },
          conversions: { registration: 1, resale: 3, sale: 2 },
          sums: [
            sum('resale', 'EUR', '5'),
            sum('resale', 'USD', '-2.10', '100.00'),
            sum('resale', null, '7'),
            sum('sale', 'USD', '12.555'),
          ],
        },
        {
          key: '2026-11-21',
          postbacks: { ...NONE, accepted: 1 },
          conversions: { sale: 1 },
          sums: [sum('sale', 'USD', '1')],
        },
      ],
    });
  });

  it('are by event', async () => {
    const { rows } = await stats(`${november}&groupBy=event`);
    expect(rows).toEqual([
      { key: 'registration', postbacks: NONE, conversions: { registration: 1 }, sums: [] },
      {
        key: 'resale',
        postbacks: NONE,
        conversions: { resale: 3 },
        sums: [sum('resale', 'EUR', '5'), sum('resale', 'USD', '-2.10', '100.00'), sum('resale', null, '7')],
      },
      {
        key: 'sale',
        postbacks: { ...NONE, accepted: 2, duplicate: 1 },
        conversions: { sale: 3 },
        sums: [sum('sale', 'USD', '13.555')],
      },
      { key: null, postbacks: { ...NONE, rejected: 1 }, conversions: {}, sums: [] },
    ]);
  });

  it('are by integration, with when each was last heard of', async () => {
    const { rows } = await stats(`${november}&groupBy=integration`);
    const { win, binomo } = lists.integration;
    expect(rows.map(({ key }: { key: string }) => key)).toEqual([win, binomo].toSorted());
    const row = rows.find(({ key }: { key: string }) => key === binomo);
    expect(row).toEqual({
      key: binomo,
      postbacks: { ...NONE, accepted: 1 },
      conversions: { sale: 1 },
      sums: [sum('sale', 'USD', '1')],
      integration: expect.objectContaining({
        name: 'b',
        network: 'binomo',
        status: 'active',
        lastPostbackAt: '2026-11-21T10:00:00.000Z',
      }),
    });
    const { rows: quiet } = await stats('from=2025-01-01&to=2025-01-02&groupBy=integration');
    expect(quiet).toEqual(
      rows.map((one: object) => ({ ...one, postbacks: NONE, conversions: {}, sums: [] })),
    );
  });

  it('tell of silence after a day, of active integrations only', async () => {
    const integrations = lists.host.app.get(DataSource).getRepository(TrackerIntegration);
    const id = lists.integration.binomo;
    const pulse = async (): Promise<Record<string, any>> =>
      (await stats(`${november}&groupBy=integration`))['rows'].find(({ key }: { key: string }) => key === id)
        .integration;
    const clock = jest.spyOn(Date, 'now');
    clock.mockReturnValue(at('22T09:59:59'));
    expect(await pulse()).toMatchObject({ silentSince: null });
    clock.mockReturnValue(at('22T10:00:00'));
    expect(await pulse()).toMatchObject({ silentSince: '2026-11-21T10:00:00.000Z' });
    await integrations.update({ id }, { status: 'paused' });
    expect(await pulse()).toMatchObject({ silentSince: null, status: 'paused' });
    await integrations.update({ id }, { status: 'active' });
    clock.mockRestore();
  });

  it.each([
    ['Europe/Berlin', { '2026-11-20': 2, '2026-11-21': 2 }],
    ['Pacific/Kiritimati', { '2026-11-21': 3, '2026-11-22': 1 }],
    ['America/Los_Angeles', { '2026-11-20': 3, '2026-11-21': 1 }],
  ])('have the days of %s', async (timeZone, expected) => {
    const { rows } = await stats(`from=2026-11-01&to=2026-12-01&timeZone=${timeZone}`);
    const total = (row: { postbacks: Record<string, number> }) =>
      Object.values(row.postbacks).reduce((a, b) => a + b, 0);
    expect(Object.fromEntries(rows.map((row: any) => [row.key, total(row)]))).toEqual(expected);
  });

  it('have days of 23 and 25 hours where clocks change', async () => {
    const tenantId = 'berlin';
    const add = (id: string) =>
      lists.postback(id, '01T00:00:00', { tenantId, receivedAt: new Date(id), id: v7(id) });
    const v7 = (time: string): string => {
      const hex = Date.parse(time).toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
    };
    // The 29th of March begins at 23:00Z and ends at 22:00Z; the 25th of October begins at 22:00Z and ends at 23:00Z.
    for (const time of [
      '2026-03-28T22:59:59.999Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T21:59:59.999Z',
      '2026-03-29T22:00:00.000Z',
      '2026-10-24T21:59:59.999Z',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T22:59:59.999Z',
      '2026-10-25T23:00:00.000Z',
    ])
      await add(time);
    const { rows } = await stats('from=2026-01-01&to=2026-12-01&timeZone=Europe/Berlin', {
      'x-tenant': tenantId,
    });
    expect(rows.map((row: any) => [row.key, row.postbacks.accepted])).toEqual([
      ['2026-03-28', 1],
      ['2026-03-29', 2],
      ['2026-03-30', 1],
      ['2026-10-24', 1],
      ['2026-10-25', 2],
      ['2026-10-26', 1],
    ]);
    const day = 'from=2026-10-25&to=2026-10-26&timeZone=Europe/Berlin';
    expect(await stats(day, { 'x-tenant': tenantId })).toMatchObject({
      from: '2026-10-24T22:00:00.000Z',
      to: '2026-10-25T23:00:00.000Z',
      rows: [{ key: '2026-10-25', postbacks: { accepted: 2 } }],
    });
  });

  it('are of the last thirty local days by default', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(at('21T23:30:00'));
    expect(await stats('timeZone=Europe/Berlin')).toMatchObject({
      from: '2026-10-23T22:00:00.000Z',
      to: '2026-11-22T23:00:00.000Z',
      groupBy: 'day',
    });
    clock.mockRestore();
  });

  it('never add up the period aggregates of a network', async () => {
    const id = lists.integration.binomo;
    const integrations = lists.host.app.get(DataSource).getRepository(TrackerIntegration);
    await integrations.update({ id }, { network: 'exness' });
    const event = 'first_deposit_24h';
    await lists.conversion('c', '23T10:00:00', { integrationId: id, event, cost: '5', currency: 'USD' });
    // The same word of another network is an event like any other.
    await lists.conversion('c', '23T10:00:00', { event, cost: '3', currency: 'USD' });
    const { rows } = await stats('from=2026-11-23&to=2026-11-24');
    expect(rows).toMatchObject([{ conversions: { [event]: 2 }, sums: [sum(event, 'USD', '3')] }]);
    await integrations.update({ id }, { network: 'binomo' });
  });

  it('belong to one tenant', async () => {
    const { rows } = await stats(`${november}&groupBy=integration`, { 'x-tenant': 'other' });
    expect(rows).toMatchObject([
      { key: lists.integration.theirs, postbacks: { accepted: 1 }, sums: [{ amount: '555' }] },
    ]);
    expect((await stats(november, { 'x-tenant': 'third' }))['rows']).toEqual([]);
    await expect(
      lists.host.app.get(TrackerStats).of({ from: '2026-11-01', to: '2026-12-01' }, { tenantId: 'other' }),
    ).resolves.toMatchObject({ rows: [{ conversions: { sale: 1 } }] });
  });

  it.each([
    ['an unknown name', 'group=day', 'group'],
    ['an unknown group', 'groupBy=week', 'groupBy'],
    ['two groups', 'groupBy=day&groupBy=event', 'groupBy'],
    ['no zone', 'timeZone=Mars/Base', 'timeZone'],
    ['no time', 'from=yesterday', 'from'],
    ['a range of nothing', 'from=2026-11-02&to=2026-11-02', 'from'],
    ['too many days', 'from=2020-01-01&to=2026-01-01', 'from'],
  ])('refuse %s', async (_, query, field) => {
    expect(await lists.get(`stats?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', details: [{ field }] },
    });
  });

  describe('of a chat', () => {
    const summary = async (chatId: string, headers?: Record<string, string>) =>
      (await lists.get(`chats/${encodeURIComponent(chatId)}/summary`, headers)).body as Record<string, any>;

    it('sum up its deposits, and show the first and the last', async () => {
      const chat = await summary('chat of k1');
      expect(chat).toMatchObject({
        chatId: 'chat of k1',
        conversions: { registration: 1, resale: 3, sale: 2 },
        reversed: { resale: 1 },
        sums: [
          { currency: 'EUR', amount: '5', reversed: '0' },
          { currency: 'USD', amount: '11.40', reversed: '100.00' },
          { currency: null, amount: '7', reversed: '0' },
        ],
        firstDeposit: { cost: '12.5', event: 'sale', network: '1win' },
        lastDeposit: { cost: '1', receivedAt: '2026-11-21T10:00:00.000Z', network: 'binomo' },
      });
      expect(chat['sumsByEvent']).toEqual(
        expect.arrayContaining([sum('resale', 'USD', '-2.10', '100.00'), sum('sale', 'USD', '13.5')]),
      );
    });

    it('belong to one tenant; of nobody there are zeros', async () => {
      expect(await summary('chat of k1', { 'x-tenant': 'other' })).toMatchObject({
        sums: [{ currency: 'USD', amount: '555', reversed: '0' }],
      });
      expect(await summary('чат/ nobody')).toEqual({
        chatId: 'чат/ nobody',
        conversions: {},
        reversed: {},
        sums: [],
        sumsByEvent: [],
        firstDeposit: null,
        lastDeposit: null,
      });
    });
  });
});
