import { TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from './ledger';
import { wire, type WireReply } from './wire';

/** Everything a verdict says beside its own line; what a row leaves out is null or empty. */
interface Facts {
  readonly cost?: string;
  readonly currency?: string;
  readonly tid?: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** `code parameter`. */
  readonly warnings?: readonly string[];
}
/** Name, what follows `tracker-postback`, reply line, facts. CLICK stands for a fresh registered click. */
type Row = readonly [name: string, rest: string, verdict: string, facts: Facts];

const NO_AMOUNT = 'amount_missing null';
const REPAIRED = 'url_repaired null';
const UNFINISHED = 'event_unfinished tracker.event';
const macro = (parameter: string): string => `macro_unreplaced ${parameter}`;

/** The integration made by hand, its click id in sub1; then the same URLs as they stand in the Markdown source. */
// prettier-ignore
const CUSTOM: readonly Row[] = [
  ['registration', '?tracker.event=registration&clickid=CLICK', '200 accepted ok registration', {}],
  ['registration, click id last name first', '?clickid=CLICK&tracker.event=registration', '200 accepted ok registration', {}],
  ['registration through the click-id parameter', '?tracker.event=registration&sub1=CLICK', '200 accepted ok registration', {}],
  ['registration with a custom field', '?tracker.event=registration&clickid=CLICK&fields.userid=42', '200 accepted ok registration', { fields: { userid: '42' } }],
  ['unfinished first deposit', '?tracker.event=first_deposit_&clickid=CLICK', '200 accepted ok sale', { warnings: [UNFINISHED, NO_AMOUNT] }],
  ['finished first deposit', '?tracker.event=sale&clickid=CLICK&tracker.cost=12.50&tracker.currency=usd', '200 accepted ok sale', { cost: '12.50', currency: 'USD' }],
  ['unfinished recurring deposit', '?tracker.event=recurring_deposit_&clickid=CLICK', '200 accepted ok resale', { warnings: [UNFINISHED, NO_AMOUNT] }],
  ['finished recurring deposit', '?tracker.event=resale&clickid=CLICK&tracker.tid=e-7', '200 accepted ok resale', { tid: 'e-7', warnings: [NO_AMOUNT] }],
  ['recurring deposit as sale + tid, the first', '?tracker.event=sale&clickid=CLICK&tracker.tid=e-7', '200 accepted ok sale', { tid: 'e-7', warnings: [NO_AMOUNT] }],
  ['deposit into custom fields', '?clickid=CLICK&tracker.event=sale&tracker.cost=30&tracker.currency=usd&fields.last_deposit=30&fields.user_id=u-9', '200 accepted ok sale', { cost: '30', currency: 'USD', fields: { last_deposit: '30', user_id: 'u-9' } }],

  ['registration with the bare word sub1', '?tracker.event=registration&clickid=sub1', '400 rejected macro_unreplaced registration', { warnings: [macro('clickid')] }],
  ['registration with {clickid}', '?clickid={clickid}&tracker.event=registration', '400 rejected macro_unreplaced registration', { warnings: [macro('clickid')] }],
  ['unfinished first deposit with {sub1}', '?tracker.event=first_deposit_&clickid={sub1}', '400 rejected macro_unreplaced sale', { warnings: [macro('clickid'), UNFINISHED, NO_AMOUNT] }],
  ['finished first deposit with its macros', '?tracker.event=sale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd', '400 rejected macro_unreplaced sale', { currency: 'USD', warnings: [macro('clickid'), macro('tracker.cost'), NO_AMOUNT] }],
  ['only the amount macro left in', '?tracker.event=sale&clickid=CLICK&tracker.cost={amount}&tracker.currency=usd', '200 accepted ok sale', { currency: 'USD', warnings: [macro('tracker.cost'), NO_AMOUNT] }],
  ['only the currency macro left in', '?tracker.event=sale&clickid=CLICK&tracker.cost=5&tracker.currency={currency}', '200 accepted ok sale', { cost: '5', warnings: [macro('tracker.currency')] }],
  ['unfinished recurring deposit with {sub1}', '?tracker.event=recurring_deposit_&clickid={sub1}', '400 rejected macro_unreplaced resale', { warnings: [macro('clickid'), UNFINISHED, NO_AMOUNT] }],
  ['finished recurring deposit with its macros', '?tracker.event=resale&clickid={sub1}&tracker.tid={event_id}', '400 rejected macro_unreplaced resale', { warnings: [macro('clickid'), macro('tracker.tid'), NO_AMOUNT] }],
  ['only the tid macro left in', '?tracker.event=resale&clickid=CLICK&tracker.tid={event_id}', '200 accepted ok resale', { warnings: [macro('tracker.tid'), NO_AMOUNT] }],
  ['only the field macros left in', '?clickid=CLICK&tracker.event=sale&tracker.cost=30&tracker.currency=usd&fields.last_deposit={cost}&fields.user_id={user_id}', '200 accepted ok sale', { cost: '30', currency: 'USD', warnings: [macro('fields.last_deposit'), macro('fields.user_id')] }],
  ['the event left empty', '?tracker.event=&clickid=CLICK', '400 rejected event_missing', {}],
  ['the event macro left in', '?tracker.event={event}&clickid=CLICK', '400 rejected macro_unreplaced', { warnings: [macro('tracker.event')] }],
  ['the base URL alone', '', '400 rejected event_missing', { warnings: ['click_missing clickid'] }],

  ['Markdown: registration', String.raw`?tracker.event=registration\&clickid=CLICK`, '200 accepted ok registration', { warnings: [REPAIRED] }],
  ['Markdown: unfinished first deposit, link text', String.raw`?tracker.event=first\_deposit\_\&clickid=CLICK`, '200 accepted ok sale', { warnings: [REPAIRED, UNFINISHED, NO_AMOUNT] }],
  ['Markdown: unfinished first deposit, link target', String.raw`?tracker.event=first_deposit_\&clickid=CLICK`, '200 accepted ok sale', { warnings: [REPAIRED, UNFINISHED, NO_AMOUNT] }],
  ['Markdown: finished first deposit', String.raw`?tracker.event=sale\&clickid=CLICK\&tracker.cost=10\&tracker.currency=usd`, '200 accepted ok sale', { cost: '10', currency: 'USD', warnings: [REPAIRED] }],
  ['Markdown: unfinished recurring deposit', String.raw`?tracker.event=recurring\_deposit\_\&clickid=CLICK`, '200 accepted ok resale', { warnings: [REPAIRED, UNFINISHED, NO_AMOUNT] }],
  ['Markdown: recurring deposit, tid macro left in', String.raw`?tracker.event=resale\&clickid=CLICK\&tracker.tid={event\_id}`, '200 accepted ok resale', { warnings: [REPAIRED, macro('tracker.tid'), NO_AMOUNT] }],
  ['Markdown: deposit into custom fields', String.raw`?clickid=CLICK\&tracker.event=sale\&tracker.cost=7\&tracker.currency=usd\&fields.last\_deposit=7\&fields.user\_id=u1`, '200 accepted ok sale', { cost: '7', currency: 'USD', fields: { last_deposit: '7', user_id: 'u1' }, warnings: [REPAIRED] }],
  ['Markdown: everything left in', String.raw`?clickid={clickid}\&tracker.event=sale\&tracker.cost={cost}\&tracker.currency=usd\&fields.last\_deposit={cost}\&fields.user\_id={user\_id}`, '400 rejected macro_unreplaced sale', { currency: 'USD', warnings: [REPAIRED, macro('clickid'), macro('tracker.cost'), macro('fields.last_deposit'), macro('fields.user_id'), NO_AMOUNT] }],
];

/** URLs without a click id: the network appends `click_id=`. */
// prettier-ignore
const POCKET: readonly Row[] = [
  ['registration', '?tracker.event=registration&click_id=CLICK', '200 accepted ok registration', {}],
  ['conf', '?tracker.event=conf&click_id=CLICK', '200 accepted ok conf', {}],
  ['resale with a bare currency', '?tracker.event=resale&currency=usd&click_id=CLICK', '200 accepted ok resale', { currency: 'USD', warnings: [NO_AMOUNT] }],
  ['resale with the amount the network appends', '?tracker.event=resale&currency=usd&click_id=CLICK&sumdep=55', '200 accepted ok resale', { cost: '55', currency: 'USD' }],
  ['registration, nothing appended', '?tracker.event=registration', '200 unmatched click_missing registration', {}],
  ['conf, nothing appended', '?tracker.event=conf', '200 unmatched click_missing conf', {}],
  ['resale, nothing appended', '?tracker.event=resale&currency=usd', '200 unmatched click_missing resale', { currency: 'USD', warnings: [NO_AMOUNT] }],
  ['registration, appended with a second ?', '?tracker.event=registration?click_id=CLICK', '200 accepted ok registration', { warnings: ['url_repaired tracker.event'] }],
  ['resale, appended with a second ?', '?tracker.event=resale&currency=usd?click_id=CLICK&sumdep=5', '200 accepted ok resale', { cost: '5', currency: 'USD', warnings: ['url_repaired currency'] }],
  ['resale, appended macro left in', '?tracker.event=resale&currency=usd&click_id={click_id}', '400 rejected macro_unreplaced resale', { currency: 'USD', warnings: [macro('click_id'), NO_AMOUNT] }],
  ['HTML source: resale', '?tracker.event=resale&#x26;currency=usd&click_id=CLICK', '200 accepted ok resale', { currency: 'USD', warnings: [REPAIRED, NO_AMOUNT] }],
  ['HTML source: &amp;', '?tracker.event=resale&amp;currency=usd&amp;click_id=CLICK', '200 accepted ok resale', { currency: 'USD', warnings: [REPAIRED, NO_AMOUNT] }],
  ['HTML rendered: ¤cy', '?tracker.event=resale%C2%A4cy=usd&click_id=CLICK', '200 accepted ok resale', { currency: 'USD', warnings: [REPAIRED, NO_AMOUNT] }],
];

// prettier-ignore
const ONE_WIN: readonly Row[] = [
  ['Registration', '?tracker.event=registration&clickid=CLICK&fields.user_id=1', '200 accepted ok registration', { fields: { user_id: '1' } }],
  ['First Deposit', '?tracker.event=sale&clickid=CLICK&tracker.cost=1000&tracker.currency=usd&fields.user_id=1', '200 accepted ok sale', { cost: '1000', currency: 'USD', fields: { user_id: '1' } }],
  ['Deposit', '?tracker.event=resale&clickid=CLICK&tracker.cost=9.99&tracker.currency=usd&tracker.tid=t1&fields.user_id=1', '200 accepted ok resale', { cost: '9.99', currency: 'USD', tid: 't1', fields: { user_id: '1' } }],
  ['the click id in sub4 itself', '?tracker.event=registration&sub4=CLICK', '200 accepted ok registration', {}],
  ['{sub4} left in', '?tracker.event=registration&clickid={sub4}', '400 rejected macro_unreplaced registration', { warnings: [macro('clickid')] }],
  ['the bare word sub4', '?tracker.event=registration&clickid=sub4', '400 rejected macro_unreplaced registration', { warnings: [macro('clickid')] }],
];

/** A base URL that may hold no `?`: the event in the path, or flags that the network appends. */
// prettier-ignore
const BINOMO: readonly Row[] = [
  ['registration in the path', '/registration?click_id=CLICK', '200 accepted ok registration', {}],
  ['first deposit in the path', '/sale?click_id=CLICK&amount=10', '200 accepted ok sale', { cost: '10', currency: 'USD' }],
  ['deposit in the path', '/resale?click_id=CLICK&amount=10&transaction_id=77', '200 accepted ok resale', { cost: '10', currency: 'USD', tid: '77' }],
  ['flag reg', '?click_id=CLICK&reg=true', '200 accepted ok registration', {}],
  ['flag conf', '?click_id=CLICK&conf=1', '200 accepted ok conf', {}],
  ['flag ftd', '?click_id=CLICK&ftd=true&amount=25.5', '200 accepted ok sale', { cost: '25.5', currency: 'USD' }],
  ['flag dep', '?click_id=CLICK&dep=yes&amount=25', '200 accepted ok resale', { cost: '25', currency: 'USD' }],
  ['nothing appended', '/registration', '200 unmatched click_missing registration', {}],
  ['no flag set', '?click_id=CLICK&reg=false', '400 rejected event_missing', {}],
];

const INTEGRATIONS = [
  ['a hand-made integration', { network: 'custom', clickIdParameter: 'sub1' }, CUSTOM],
  ['PocketOption RevShare', { network: 'pocket-option-revshare' }, POCKET],
  ['1win with sub4', { network: '1win', clickIdParameter: 'sub4' }, ONE_WIN],
  ['Binomo', { network: 'binomo' }, BINOMO],
] as const;

describe.each(ADAPTERS)('the example URLs on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter });
    ledger = ledgerOf(application);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const send = (crm: Crm, rest: string): Promise<WireReply> =>
    wire(application.url, `/api/postbacks/${crm.integrationId}/tracker-postback${rest}`);

  async function expectVerdict(reply: WireReply, verdict: string, facts: Facts): Promise<void> {
    const { status, code, event } = reply.body;
    expect([reply.status, status, code, event].filter((part) => part !== undefined).join(' ')).toBe(verdict);
    const row = await ledger.postback(reply.body['postbackId']);
    const conversionId: string | undefined = reply.body['conversionId'];
    const conversion = conversionId === undefined ? null : await ledger.conversion(conversionId);
    const warnings: { code: string; parameter: string | null; message: string }[] = reply.body['warnings'];
    expect({
      cost: row['cost'],
      currency: row['currency'],
      tid: row['tid'],
      fields: conversion === null ? {} : JSON.parse(conversion['fields']),
      warnings: warnings.map((warning) => `${warning.code} ${warning.parameter}`).sort(),
    }).toEqual({
      cost: null,
      currency: null,
      tid: null,
      fields: {},
      ...facts,
      warnings: [...(facts.warnings ?? [])].sort(),
    });
    expect([row['status'], row['code']]).toEqual([status, code]);
    for (const { message } of warnings) expect(message).toMatch(/^\S.{20,}\.$/s);
  }

  describe.each(INTEGRATIONS)('%s', (_, settings, rows) => {
    let crm: Crm;

    beforeAll(async () => {
      crm = await createCrm(application, settings);
    });

    it.each(rows)('%s: %s → %s', async (_name, rest, verdict, facts) => {
      await expectVerdict(await send(crm, rest.replace('CLICK', await crm.newClick())), verdict, facts);
    });

    it('counts every ready URL with its macros filled, and none with them left in', async () => {
      const { postbacks } = await application.app.get(TrackerIntegrations).get(crm.integrationId);
      expect(postbacks.length).toBeGreaterThanOrEqual(3);
      for (const { url, event } of postbacks) {
        const clickId = await crm.newClick();
        const rest = url.slice(url.indexOf('tracker-postback') + 'tracker-postback'.length);
        const filled = rest
          .replace(/\{(sub\d|click_?id)\}/, clickId)
          .replace('{currency}', 'eur')
          .replace(/\{[^{}]+\}/g, '12.5');
        const appended = filled.includes('?') ? filled : `${filled}?click_id=${clickId}&amount=12.5`;
        const reply = await send(crm, appended);
        expect(reply.body).toMatchObject({ status: 'accepted', event, warnings: [] });
        const asPasted = await send(crm, rest);
        expect(asPasted.body['conversionId']).toBeUndefined();
        expect(asPasted.body['code']).toBe(rest.includes('{') ? 'macro_unreplaced' : 'click_missing');
      }
    });
  });
});
