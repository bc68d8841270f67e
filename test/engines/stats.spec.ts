import fc from 'fast-check';
import { DataSource } from 'typeorm';
import {
  TrackerConversion,
  TrackerIntegrations,
  TrackerPostback,
  TrackerStats,
} from 'nestjs-tracker-postbacks';
import { uuidV7 } from '../../libs/tracker-postbacks/src/database/uuid-v7';
import { sumOfAmounts } from '../../libs/tracker-postbacks/src/rules/decimal.rule';
import { startApplication, type TestApplication } from '../setup/application';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { ENGINES } from '../setup/engines';

const DAY = 24 * 60 * 60 * 1000;
const NOON = Date.parse('2026-06-15T12:00:00Z');

describe.each(ENGINES)('statistics on %s', (engine) => {
  let database: TestDatabase;
  let host: TestApplication;
  let integrationId: string;
  let count = 0;

  beforeAll(async () => {
    database = await createTestDatabase(engine);
    host = await startApplication(database);
    integrationId = (await host.app.get(TrackerIntegrations).create({ name: 'a', network: 'custom' })).id;
  });
  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  async function record(chatId: string, rows: readonly Partial<TrackerConversion>[]): Promise<void> {
    const conversions = host.app.get(DataSource).getRepository(TrackerConversion);
    await conversions.insert(
      rows.map((row) => {
        const receivedAt = row.receivedAt ?? new Date(NOON);
        count += 1;
        return {
          id: uuidV7(receivedAt.getTime()),
          ...{
            tenantId: 'default',
            integrationId,
            chatId,
            clickId: 'c',
            requestHash: '',
            postbackId: uuidV7(1),
          },
          ...{
            clickSeq: '1',
            event: 'sale',
            reportedEvent: 'sale',
            ordinal: count,
            currency: 'USD',
            receivedAt,
          },
          ...row,
        };
      }),
    );
  }
  const summary = (chatId: string) => host.app.get(TrackerStats).ofChat(chatId);

  it('add amounts without losing a digit, in the largest scale', async () => {
    const huge = '999999999999999999.999999999999999999';
    await record('huge', [{ cost: huge }, { cost: huge }, { cost: '-0.000000000000000001' }, { cost: null }]);
    await record('huge', [{ cost: '7', reversedAt: new Date(NOON) }]);
    await record('cents', [{ cost: '0.1' }, { cost: '0.20' }, { cost: '-0.3' }]);
    await record('none', [{ cost: null }]);
    expect((await summary('huge')).sums).toEqual([
      { currency: 'USD', amount: '1999999999999999999.999999999999999997', reversed: '7' },
    ]);
    expect((await summary('cents')).sums).toEqual([{ currency: 'USD', amount: '0.00', reversed: '0' }]);
    expect(await summary('none')).toMatchObject({ conversions: { sale: 1 }, sums: [] });
  });

  it('add any amounts as the rules do', async () => {
    const digits = (from: number, to: number) => fc.stringMatching(new RegExp(`^[0-9]{${from},${to}}$`));
    const amount = fc
      .tuple(fc.constantFrom('', '-'), digits(1, 19), fc.option(digits(1, 19), { nil: null }))
      .map(([sign, whole, fraction]) => {
        const canonical = (whole.replace(/^0+(?=.)/, '') || '0') + (fraction === null ? '' : `.${fraction}`);
        return /[1-9]/.test(canonical) ? sign + canonical : canonical;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(amount, { minLength: 1, maxLength: 40 }),
        fc.uuid(),
        async (amounts, chatId) => {
          await record(
            chatId,
            amounts.map((cost) => ({ cost })),
          );
          expect((await summary(chatId)).sums[0]?.amount).toBe(sumOfAmounts(amounts));
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each(['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia'])(
    'put every postback on its day in %s, over three years',
    async (timeZone) => {
      const tenantId = `days in ${timeZone}`;
      const from = NOON - 1_000 * DAY;
      const times = Array.from(
        { length: 200 },
        (_, n) => from + Math.floor((n * 1_000 * DAY) / 200) + n * 61_003,
      );
      await host.app
        .get(DataSource)
        .getRepository(TrackerPostback)
        .insert(
          times.map((time) => ({
            ...{ id: uuidV7(time), tenantId, integrationId, receivedAt: new Date(time) },
            ...({ status: 'accepted', code: 'ok', method: 'GET', target: '/' } as const),
          })),
        );
      const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
      const expected = new Map<string, number>();
      for (const time of times) expected.set(day.format(time), (expected.get(day.format(time)) ?? 0) + 1);
      const filters = { from: new Date(from), to: new Date(NOON + 2 * DAY), timeZone };
      const { rows } = await host.app.get(TrackerStats).of(filters, { tenantId });
      expect(new Map(rows.map(({ key, postbacks }) => [key, postbacks.accepted]))).toEqual(expected);
      const { rows: events } = await host.app
        .get(TrackerStats)
        .of({ ...filters, groupBy: 'event' }, { tenantId });
      expect(events).toMatchObject([{ key: null, postbacks: { accepted: times.length } }]);
    },
  );
});
