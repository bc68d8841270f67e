import { DataSource } from 'typeorm';
import { OnTrackerEvent, type TrackerConversionEvent, TrackerEventEmitter } from 'nestjs-tracker-postbacks';
import { Injectable } from '@nestjs/common';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { sqlOn } from './setup/sql';

@Injectable()
class Deposits {
  readonly seen: TrackerConversionEvent[] = [];
  private readonly waiting: (() => void)[] = [];

  @OnTrackerEvent(['sale', 'resale'])
  record(event: TrackerConversionEvent): void {
    this.seen.push(event);
    for (const tell of this.waiting.splice(0)) tell();
  }

  async until(count: number): Promise<void> {
    while (this.seen.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

describe.each(ADAPTERS)('a postback travels from URL to chat on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter, providers: [Deposits] });
    crm = await createCrm(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  it('records it once and hands it to handler and listener', async () => {
    const clickId = await crm.newClick();
    const deposits = application.app.get(Deposits);
    const before = deposits.seen.length;
    const heard = application.app
      .get(TrackerEventEmitter)
      .waitFor('sale', { filter: (event) => event.clickId === clickId, timeoutMs: 5000 });
    const query = `tracker.event=sale&clickid=${clickId}&tracker.cost=12.50&tracker.currency=usd&tracker.tid=77&fields.user_id=5&geo=BR`;

    const first = await crm.send(query);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ status: 'accepted', code: 'ok', event: 'sale', warnings: [] });
    const second = await crm.send(query);
    expect(second.body).toMatchObject({
      status: 'duplicate',
      code: 'same_transaction',
      conversionId: first.body['conversionId'],
    });

    await deposits.until(before + 1);
    expect(deposits.seen.slice(before)).toHaveLength(1);
    expect(deposits.seen.at(-1)).toMatchObject({
      name: 'sale',
      ordinal: 1,
      clickId,
      cost: '12.50',
      currency: 'USD',
      tid: '77',
      fields: { user_id: '5' },
      params: { geo: 'BR' },
      attempt: 1,
    });
    expect((await heard).id).toBe(deposits.seen.at(-1)?.id);
    const rows = await sqlOn(
      application.app.get(DataSource),
      'SELECT status FROM tracker_postbacks WHERE click_id = $1 ORDER BY id',
      clickId,
    );
    expect(rows).toEqual([{ status: 'accepted' }, { status: 'duplicate' }]);
  });
});
