import { DataSource, QueryFailedError } from 'typeorm';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { SecondLook } from '../libs/tracker-postbacks/src/postbacks/second-look';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { stopLooking } from './setup/second-look';
import { sqlOn } from './setup/sql';

describe('a postback that cannot be judged now', () => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;
  let later = 0;
  let resolve: (ids: readonly { clickId: string }[]) => Promise<ReadonlyMap<string, { chatId: string }>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, {
      options: {
        clickResolver: { resolve: (ids) => resolve(ids) },
        clock: { now: () => Date.now() + later },
      },
    });
    crm = await createCrm(application);
    await stopLooking(application.app);
  });

  beforeEach(() => {
    resolve = () => Promise.resolve(new Map());
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const statusOf = async (clickId: string, like = `%${clickId}%`): Promise<unknown[]> =>
    sqlOn(
      application.app.get(DataSource),
      'SELECT status, code, attempts FROM tracker_postbacks WHERE target LIKE $1 ORDER BY id',
      like,
    );

  /** Lets the database's clock reach the time of the next attempt. */
  const becomesDue = (): Promise<unknown> =>
    application.app
      .get(DataSource)
      .query(`UPDATE tracker_postbacks SET retry_at = 0 WHERE retry_at IS NOT NULL`);

  /** Makes the write statement fail for batches that hold this click id. */
  function poison(clickId: string, error: Error): () => void {
    const store = application.app.get(PostbackStore);
    const write = store.write.bind(store);
    store.write = (batch) =>
      batch.postbacks.some((row) => row.click_id === clickId && row.status === 'accepted')
        ? Promise.reject(error)
        : write(batch);
    return () => {
      store.write = write;
    };
  }

  const refused = (code: string): QueryFailedError =>
    new QueryFailedError('', [], Object.assign(new Error('refused'), { code }));

  it('keeps the raw row of the one that the database refuses, and stores its neighbours', async () => {
    const [bad, good] = [await crm.newClick(), await crm.newClick()];
    const heal = poison(bad, refused('22P05'));
    const [first, second] = await Promise.all([
      crm.send(`tracker.event=sale&clickid=${bad}`),
      crm.send(`tracker.event=sale&clickid=${good}`),
    ]);
    expect(first.body).toMatchObject({ status: 'deferred', code: 'judging_failed' });
    expect(first.status).toBe(200);
    expect(second.body).toMatchObject({ status: 'accepted' });

    await becomesDue();
    await application.app.get(SecondLook).retryDue();
    expect(await statusOf(bad)).toEqual([{ status: 'deferred', code: 'judging_failed', attempts: 2 }]);
    heal();
    await becomesDue();
    await application.app.get(SecondLook).retryDue();
    expect(await statusOf(bad)).toEqual([{ status: 'accepted', code: 'ok', attempts: 2 }]);
  });

  it('answers 503 and stores nothing when the schema is broken: the sender should try again', async () => {
    const clickId = await crm.newClick();
    const heal = poison(clickId, refused('42P01'));
    const reply = await crm.send(`tracker.event=sale&clickid=${clickId}`);
    heal();
    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toBe('5');
    expect(reply.text).not.toContain('refused');
    expect(await statusOf(clickId)).toEqual([]);
  });

  it.each([2, 20])('tries again when another transaction was in the way %i times', async (times) => {
    const clickId = await crm.newClick();
    const store = application.app.get(PostbackStore);
    const write = store.write.bind(store);
    let failures = times;
    store.write = (batch) => (failures-- > 0 ? Promise.reject(refused('40P01')) : write(batch));
    const reply = await crm.send(`tracker.event=sale&clickid=${clickId}`);
    store.write = write;
    expect(reply.body).toMatchObject({ status: 'accepted' });
  });

  it("asks the host's resolver for clicks it does not know, and keeps the postback while that fails", async () => {
    let asked = 0;
    resolve = () => {
      asked++;
      return Promise.reject(new Error('the host is away'));
    };
    const reply = await crm.send('tracker.event=sale&clickid=host-click-1');
    expect(reply.body).toMatchObject({ status: 'deferred', code: 'judging_failed' });

    const meanwhile = await crm.send('tracker.event=sale&clickid=host-click-0');
    expect(meanwhile.body).toMatchObject({ status: 'deferred', code: 'judging_failed' });
    expect(asked).toBe(1);
    // It is asked again once it had time to recover.
    later += 5_000;

    const { clickKey } = await import('nestjs-tracker-postbacks');
    resolve = (ids) =>
      Promise.resolve(
        new Map(ids.map(({ clickId }) => [clickKey('default', clickId), { chatId: 'chat-9' }])),
      );
    await becomesDue();
    await application.app.get(SecondLook).retryDue();
    expect(await statusOf('host-click-1')).toEqual([{ status: 'accepted', code: 'ok', attempts: 1 }]);
    const again = await crm.send('tracker.event=sale&clickid=host-click-1');
    expect(again.body).toMatchObject({ status: 'duplicate', code: 'once_per_click' });
  });

  it('is not tried for ever when its integration is gone by then', async () => {
    const other = await createCrm(application);
    resolve = () => Promise.reject(new Error('the host is away'));
    await other.send('tracker.event=sale&clickid=host-click-2');
    expect(await statusOf('host-click-2')).toMatchObject([{ status: 'deferred' }]);
    const long = 31 * 24 * 3_600_000;
    await sqlOn(
      application.app.get(DataSource),
      'UPDATE tracker_integrations SET deleted_at = $1, revision = revision + 1 WHERE id = $2',
      Date.now() - long,
      other.integrationId,
    );
    resolve = () => Promise.resolve(new Map());
    later += 5_000;
    // The first attempt finds out that what it knows of the integration is old.
    for (let attempt = 0; attempt < 2; attempt++) {
      await becomesDue();
      await application.app.get(SecondLook).retryDue();
    }
    expect(await statusOf('host-click-2')).toMatchObject([
      { status: 'ignored', code: 'integration_deleted' },
    ]);
  });

  it('parks what the resolver does not know either', async () => {
    const reply = await crm.send('tracker.event=sale&clickid=nobody');
    expect(reply.body).toMatchObject({ status: 'unmatched', code: 'click_unknown' });
  });
});
