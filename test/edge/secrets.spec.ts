import { DataSource } from 'typeorm';
import { TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from '../conformance/ledger';
import { wire, type WireReply, type WireRequest } from '../conformance/wire';

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

describe.each(ADAPTERS)('secrets on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;
  let crm: Crm;
  let secret: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter });
    ledger = ledgerOf(application);
    crm = await createCrm(application);
    secret = (await application.app.get(TrackerIntegrations).rotateSecret(crm.integrationId)).secret;
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const filled = (text: string): string => text.replaceAll('KEY', secret);
  const send = async (query: string, { method, headers = {}, body = '' }: WireRequest): Promise<WireReply> =>
    wire(
      application.url,
      filled(
        `/api/postbacks/${crm.integrationId}/tracker-postback?${query.replace('CLICK', await crm.newClick())}`,
      ),
      {
        ...(method === undefined ? {} : { method, body: filled(String(body)) }),
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)])),
      },
    );

  /** Where the text stands in any text column of any table. */
  async function placesOf(text: string): Promise<string[]> {
    const dataSource = application.app.get(DataSource);
    const columns = dataSource.entityMetadatas.flatMap((entity) =>
      entity.columns
        .filter(({ type }) => type === 'varchar' || type === 'text' || type === 'mediumtext')
        .map(({ databaseName }) => ({ table: entity.tableName, column: databaseName })),
    );
    expect(columns.length).toBeGreaterThan(30);
    const position = database.engine === 'postgres' ? 'strpos' : 'instr';
    const found = await Promise.all(
      columns.map(async ({ table, column }) => {
        const where = `${position}(${dataSource.driver.escape(column)}, $1) > 0`;
        const [row] = await ledger.query(`SELECT count(*) AS count FROM ${table} WHERE ${where}`, [text]);
        return Number(row?.['count']) === 0 ? [] : [`${table}.${column}`];
      }),
    );
    return found.flat();
  }

  // prettier-ignore
  it.each<readonly [string, string, WireRequest]>([
    ['as the last parameter', 'tracker.event=sale&clickid=CLICK&key=KEY', {}],
    ['as the first', 'key=KEY&tracker.event=sale&clickid=CLICK', {}],
    ['in another case', 'tracker.event=sale&KeY=KEY&clickid=CLICK', {}],
    ['with its name encoded', 'tracker.event=sale&%6Bey=KEY&clickid=CLICK', {}],
    ['with blanks around it', 'tracker.event=sale&clickid=CLICK&key=%20KEY+', {}],
    ['after &amp;', 'tracker.event=sale&amp;key=KEY&amp;clickid=CLICK', {}],
    ['after Markdown', String.raw`tracker.event=sale\&key=KEY\&clickid=CLICK`, {}],
    ['after a second ?', 'clickid=CLICK&tracker.event=sale?key=KEY', {}],
    ['beside a wrong one', 'tracker.event=sale&clickid=CLICK&key=wrong&key=KEY', {}],
    ['in the header', 'tracker.event=sale&clickid=CLICK', { headers: { 'X-Tracker-Key': 'KEY' } }],
    ['in the header, wrong in the URL', 'tracker.event=sale&clickid=CLICK&key=old', { headers: { 'x-tracker-key': 'KEY' } }],
    ['in a form', 'clickid=CLICK', { method: 'POST', headers: FORM, body: 'tracker.event=sale&key=KEY' }],
    ['in JSON', 'clickid=CLICK', { method: 'POST', headers: JSON_TYPE, body: '{"tracker.event":"sale","key":"KEY"}' }],
    ['in POST and URL', 'clickid=CLICK&key=KEY', { method: 'POST', headers: JSON_TYPE, body: '{"tracker.event":"sale","key":"KEY"}' }],
  ])('is accepted %s, and never stored', async (_, query, init) => {
    const reply = await send(query, init);
    expect(reply.body).toMatchObject({ status: 'accepted', event: 'sale' });
    expect(reply.text).not.toContain(secret);
    expect(await placesOf(secret)).toEqual([]);
  });

  // prettier-ignore
  it.each<readonly [string, string, WireRequest]>([
    ['no secret', 'tracker.event=sale&clickid=CLICK', {}],
    ['an empty one', 'tracker.event=sale&clickid=CLICK&key=', {}],
    ['a wrong one', 'tracker.event=sale&clickid=CLICK&key=WRONG-7f3', {}],
    ['one letter less', 'tracker.event=sale&clickid=CLICK&key=WRONG-7f', {}],
    ['a wrong one in the header', 'tracker.event=sale&clickid=CLICK', { headers: { 'X-Tracker-Key': 'WRONG-7f3' } }],
    ['a wrong one in a form', 'clickid=CLICK', { method: 'POST', headers: FORM, body: 'tracker.event=sale&key=WRONG-7f3' }],
    ['a wrong one in JSON', 'clickid=CLICK', { method: 'POST', headers: JSON_TYPE, body: '{"tracker.event":"sale","key":"WRONG-7f3"}' }],
    ['a wrong one in broken text', 'clickid=CLICK', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: '{"key":"WRONG-7f3", tracker' }],
    ['the mask of the later answers', 'tracker.event=sale&clickid=CLICK&key=%E2%80%A2%E2%80%A2%E2%80%A2', {}],
  ])('%s: 403, kept in quarantine without what was sent, and not judged', async (_, query, init) => {
    const reply = await send(query, init);
    expect([reply.status, reply.body['status'], reply.body['code']]).toEqual([403, 'quarantined', 'secret_wrong']);
    expect(reply.body['message']).toMatch(/key=….*X-Tracker-Key/);
    expect(reply.text).not.toContain('WRONG');
    expect(await ledger.postback(reply.body['postbackId'])).toMatchObject({ conversion_id: null, admission: 'secret_wrong' });
    expect(await placesOf('WRONG-7f')).toEqual([]);
  });

  it('the one before stays valid for its grace hours, a third one does not', async () => {
    const integrations = application.app.get(TrackerIntegrations);
    const own = await createCrm(application);
    const rotate = async (graceHours: number): Promise<string> =>
      (await integrations.rotateSecret(own.integrationId, { graceHours })).secret;
    const secrets = [await rotate(24), await rotate(24), await rotate(24)];
    const statuses = async (): Promise<number[]> => {
      const replies = [];
      for (const key of secrets) replies.push(await own.send(`tracker.event=sale&clickid=x&key=${key}`));
      return replies.map(({ status }) => status);
    };
    expect(await statuses()).toEqual([403, 200, 200]);
    secrets.push(await rotate(0));
    expect(await statuses()).toEqual([403, 403, 403, 200]);
    for (const key of secrets) expect(await placesOf(key)).toEqual([]);
  });

  it('would be found, were it stored', async () => {
    await crm.send('tracker.event=sale&clickid=x&note=FINDME-7f3', { headers: { 'X-Tracker-Key': secret } });
    expect(await placesOf('FINDME-7f3')).toEqual(
      expect.arrayContaining(['tracker_postbacks.target', 'tracker_events.payload']),
    );
  });

  it('without a secret of its own, `key` is a parameter like any other', async () => {
    const own = await createCrm(application);
    const { body } = await own.send(`tracker.event=sale&clickid=${await own.newClick()}&key=geo`);
    const [event] = await ledger.query<{ payload: string }>(
      'SELECT payload FROM tracker_events WHERE postback_id = $1',
      [body['postbackId']],
    );
    expect(JSON.parse(event?.payload ?? '{}')).toMatchObject({ params: { key: 'geo' } });
  });

  it.each([
    ['127.0.0.1', 200, 'ok'],
    ['127.0.0.0/8', 200, 'ok'],
    ['203.0.113.0/24', 403, 'address_not_allowed'],
    ['::1', 403, 'address_not_allowed'],
  ])('an address list of %s: %d %s', async (address, status, code) => {
    const own = await createCrm(application, { allowedAddresses: [address] });
    const query = `tracker.event=sale&clickid=${await own.newClick()}`;
    // What a sender says of himself lets nobody in.
    const reply = await own.send(query, {
      headers: { 'X-Forwarded-For': '203.0.113.7', Forwarded: 'for=203.0.113.7' },
    });
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
    const stored = await ledger.postback(reply.body['postbackId']);
    expect(stored['forwarded_for']).toBe('203.0.113.7');
    expect(stored['address']).toMatch(/127\.0\.0\.1$/);
  });
});
