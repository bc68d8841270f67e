import { startApplication, ADAPTERS, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from '../conformance/ledger';
import { wire } from '../conformance/wire';

const LONG = 'a'.repeat(64);

describe.each(ADAPTERS)('path variants on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;
  let crm: Crm;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter });
    ledger = ledgerOf(application);
    crm = await createCrm(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  /** ID stands for the integration's id, UPPER for the same in upper case. */
  // prettier-ignore
  it.each([
    ['as documented', '/api/postbacks/ID/tracker-postback?tracker.event=sale', '200 ok sale'],
    ['a trailing slash', '/api/postbacks/ID/tracker-postback/?tracker.event=sale', '200 ok sale'],
    ['several trailing slashes', '/api/postbacks/ID/tracker-postback///?tracker.event=sale', '200 ok sale'],
    ['upper case', '/API/POSTBACKS/UPPER/TRACKER-POSTBACK?tracker.event=sale', '200 ok sale'],
    ['mixed case', '/api/Postbacks/ID/Tracker-Postback?tracker.event=sale', '200 ok sale'],
    ['a doubled slash first', '//api/postbacks/ID/tracker-postback?tracker.event=sale', '200 ok sale'],
    ['a doubled slash after the prefix', '/api//postbacks/ID/tracker-postback?tracker.event=sale', '200 ok sale'],
    ['a doubled slash before the route', '/api/postbacks/ID//tracker-postback?tracker.event=sale', '200 ok sale'],
    ['everything at once', '//API//Postbacks//UPPER//Tracker-Postback//?tracker.event=sale', '200 ok sale'],
    ['the absolute form of a proxy', 'http://crm.example.com/api/postbacks/ID/tracker-postback?tracker.event=sale', '200 ok sale'],
    ['the absolute form, damaged', 'http://crm.example.com//api/postbacks/ID/tracker-postback/?tracker.event=sale', '200 ok sale'],
    ['encoded letters', '/ap%69/p%6Fstbacks/ID/tracker%2Dpostback?tracker.event=sale', '200 ok sale'],
    ['encoded letters before an event', '/ap%69/postbacks/ID/tracker%2dpostback/sale?', '200 ok sale'],
    ['an event in the path', '/api/postbacks/ID/tracker-postback/sale?', '200 ok sale'],
    ['an event in upper case', '/api/postbacks/ID/tracker-postback/SALE?', '200 ok sale'],
    ['an event and a trailing slash', '/api/postbacks/ID/tracker-postback/sale/?', '200 ok sale'],
    ['an event and doubled slashes', '/api//postbacks/ID/tracker-postback//sale//?', '200 ok sale'],
    ['an event, everything at once', '//API/postbacks//UPPER/TRACKER-POSTBACK//Sale/?', '200 ok sale'],
    ['an encoded event', '/api/postbacks/ID/tracker-postback/s%61le?', '200 ok sale'],
    ['an event of 64 characters', `/api/postbacks/ID/tracker-postback/${LONG}?`, `200 ok ${LONG}`],
    ['an event of 65 characters', `/api/postbacks/ID/tracker-postback/${LONG}a?`, '400 event_invalid'],
    ['an event of 101 characters', `/api/postbacks/ID/tracker-postback/${'a'.repeat(101)}?`, '400 event_invalid'],
    ['an event of 4,000 characters', `/api/postbacks/ID/tracker-postback/${'a'.repeat(4000)}?`, '400 event_invalid'],
    ['an event with a space', '/api/postbacks/ID/tracker-postback/first%20deposit?', '400 event_invalid'],
    ['an event with an encoded slash', '/api/postbacks/ID/tracker-postback/a%2Fb?', '400 event_invalid'],
    ['a broken percent in the event', '/api/postbacks/ID/tracker-postback/sale%?', '400 event_invalid'],
    ['an event that is no UTF-8', '/api/postbacks/ID/tracker-postback/%ED%A0%80?', '400 event_invalid'],
    ['a double-dotted event', '/api/postbacks/ID/tracker-postback/..?', '400 event_invalid'],
    ['an event of NUL', '/api/postbacks/ID/tracker-postback/%00?', '400 event_missing'],
    ['an event macro', '/api/postbacks/ID/tracker-postback/{event}?', '400 macro_unreplaced'],
    ['an encoded event macro', '/api/postbacks/ID/tracker-postback/%7Bevent%7D?', '400 macro_unreplaced'],
    ['a path event beside the canonical one', '/api/postbacks/ID/tracker-postback/conf?tracker.event=sale', '200 ok sale'],
    ['a macro beside the path event', '/api/postbacks/ID/tracker-postback/sale?tracker.event={event}', '200 ok sale'],
  ])('%s', async (_, template, verdict) => {
    const clickId = await crm.newClick();
    const path = template.replace('ID', crm.integrationId).replace('UPPER', crm.integrationId.toUpperCase());
    for (const method of ['GET', 'POST']) {
      const before = await ledger.postbackCount(crm.integrationId);
      const target = `${path}${path.endsWith('?') ? '' : '&'}clickid=${clickId}&tracker.tid=${method}`;
      const { status, body } = await wire(application.url, target, { method });
      const expected =
        method === 'POST' && verdict === '200 ok sale' ? '200 ok resale' : verdict;
      expect([status, body['code'], body['event']].filter((part) => part !== undefined).join(' ')).toBe(expected);
      expect(await ledger.postbackCount(crm.integrationId)).toBe(before + 1);
      // The row keeps what the network really asked for.
      expect(await ledger.postback(body['postbackId'])).toMatchObject({ target, method });
    }
  });

  // prettier-ignore
  it.each([
    ['one segment too many', '/api/postbacks/ID/tracker-postback/sale/more?tracker.event=sale'],
    ['no prefix', '/postbacks/ID/tracker-postback?tracker.event=sale'],
    ['a doubled prefix', '/api/api/postbacks/ID/tracker-postback?tracker.event=sale'],
    ['another route', '/api/postbacks/ID/tracker-postbacks?tracker.event=sale'],
    ['the id alone', '/api/postbacks/ID?tracker.event=sale'],
    ['only in the query', '/?/api/postbacks/ID/tracker-postback?tracker.event=sale'],
  ])('%s is not the route: 404 and nothing stored', async (_, template) => {
    const before = await ledger.postbackCount(crm.integrationId);
    const target = `${template.replace('ID', crm.integrationId)}&clickid=${await crm.newClick()}`;
    expect((await wire(application.url, target)).status).toBe(404);
    expect(await ledger.postbackCount(crm.integrationId)).toBe(before);
  });
});
