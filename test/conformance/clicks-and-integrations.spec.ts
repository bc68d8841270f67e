import { randomUUID } from 'node:crypto';
import { TrackerClicks, TrackerEventEmitter, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { type Ledger, ledgerOf } from './ledger';
import { MovableClock, outcomeOf, sendStep } from './sequence';

const DAY = 24 * 3600;

describe.each(ADAPTERS)('clicks and integrations on %s', (adapter) => {
  const clock = new MovableClock();
  let database: TestDatabase;
  let application: TestApplication;
  let ledger: Ledger;
  let crm: Crm;
  let clicks: TrackerClicks;
  let integrations: TrackerIntegrations;

  beforeAll(async () => {
    database = await createTestDatabase();
    application = await startApplication(database, { adapter, options: { clock } });
    ledger = ledgerOf(application);
    crm = await createCrm(application);
    clicks = application.app.get(TrackerClicks);
    integrations = application.app.get(TrackerIntegrations);
  });

  afterAll(async () => {
    await application.close();
    await database.drop();
  });

  const send = async (clickId: string, step: string, to = crm): Promise<string> =>
    outcomeOf(application, await sendStep(to, clock, clickId, step));
  const chat = (): string => `chat-${randomUUID()}`;

  describe('a campaign', () => {
    it.each([
      ['matches its own clicks', 'spring', 'spring', 'sale#1'],
      ['not those of another campaign', 'spring', 'summer', 'campaign_mismatch'],
      ['not those in another case', 'spring', 'Spring', 'campaign_mismatch'],
      ['not those without one', 'spring', undefined, 'campaign_mismatch'],
      ['none matches every click', null, 'summer', 'sale#1'],
    ])('%s', async (_, campaignId, ofClick, outcome) => {
      const limited = await createCrm(application, { campaignId });
      const { clickId } = await clicks.issue({ chatId: chat(), campaignId: ofClick });
      expect(await send(clickId, 'sale', limited)).toBe(outcome);
    });
  });

  describe('an integration out of use keeps what arrives', () => {
    it('paused, and counts again once active', async () => {
      const own = await createCrm(application);
      const clickId = await own.newClick();
      await integrations.update(own.integrationId, { status: 'paused' });
      expect(await send(clickId, 'sale&tracker.tid=1', own)).toBe('integration_paused');
      await integrations.update(own.integrationId, { status: 'active' });
      expect(await send(clickId, 'sale&tracker.tid=1', own)).toBe('sale#1');
      expect(await ledger.postbackCount(own.integrationId)).toBe(2);
    });

    it('archived, for 30 days; then it is unknown and nothing is stored', async () => {
      const own = await createCrm(application);
      const clickId = await own.newClick();
      expect(await send(clickId, 'registration', own)).toBe('registration#1');
      await integrations.archive(own.integrationId);
      expect(await send(clickId, 'sale', own)).toBe('integration_deleted');
      expect(await send(clickId, `+${30 * DAY - 1}s sale`, own)).toBe('integration_deleted');
      const gone = await sendStep(own, clock, clickId, '+1s sale');
      expect([gone.status, gone.body['code']]).toEqual([404, 'integration_unknown']);
      expect(await ledger.postbackCount(own.integrationId)).toBe(3);
    });

    it('says everything else that is wrong as warnings', async () => {
      const own = await createCrm(application);
      await integrations.update(own.integrationId, { status: 'paused' });
      const { status, body } = await own.send('clickid={sub1}');
      expect([status, body['code']]).toEqual([200, 'integration_paused']);
      const codes = body['warnings'].map(({ code }: { code: string }) => code);
      expect(codes).toEqual(expect.arrayContaining(['event_missing', 'macro_unreplaced']));
    });
  });

  describe('what is tested first gives the code', () => {
    /** Settings, query, code, and codes among the warnings. */
    // prettier-ignore
    it.each([
      ['the secret before the pause', { secret: true, status: 'paused' }, 'clickid=CLICK', 'secret_wrong', []],
      ['the size before the pause', { status: 'paused' }, `tracker.event=sale&clickid=${'a'.repeat(256)}`, 'too_large', ['integration_paused']],
      ['the pause before the event', { status: 'paused' }, 'clickid=CLICK', 'integration_paused', ['event_missing']],
      ['the event before the click id', {}, '', 'event_missing', ['click_missing']],
      ['the event map before the click id', { eventMap: { hold: 'ignore' } }, 'tracker.event=hold&clickid=nobody', 'event_ignored', ['click_unknown']],
      ['the list of events before the click id', { events: ['conf'] }, 'tracker.event=sale&clickid={sub1}', 'event_not_allowed', ['macro_unreplaced']],
      ['the click id before the campaign', { campaignId: 'spring' }, 'tracker.event=sale&clickid=nobody', 'click_unknown', []],
      ['the event before the campaign', { campaignId: 'spring' }, 'tracker.event=!&clickid=CLICK', 'event_invalid', ['campaign_mismatch']],
      ['the campaign before the reversal', { campaignId: 'spring' }, 'tracker.event=reversal&clickid=CLICK', 'campaign_mismatch', []],
    ] as const)('%s', async (_, { status, secret, ...settings }: { status?: 'paused'; secret?: boolean; [key: string]: unknown }, query, code, warned) => {
      const own = await createCrm(application, settings);
      if (secret === true) await integrations.rotateSecret(own.integrationId);
      if (status !== undefined) await integrations.update(own.integrationId, { status });
      const { body } = await own.send(query.replace('CLICK', await own.newClick()));
      expect(body['code']).toBe(code);
      const codes: string[] = body['warnings'].map((warning: { code: string }) => warning.code);
      expect(codes).toEqual(expect.arrayContaining([...warned]));
    });
  });

  describe('a declared word', () => {
    it('mapped to ignore takes the event back, and says so', async () => {
      const own = await createCrm(application, {
        roles: { event: ['status'] },
        eventMap: { hold: 'ignore', lead: 'registration' },
      });
      const clickId = await own.newClick();
      const { body } = await sendStep(own, clock, clickId, 'sale&status=HOLD');
      expect(body).toMatchObject({ status: 'ignored', code: 'event_ignored' });
      expect(body['warnings']).toContainEqual(
        expect.objectContaining({ code: 'event_overruled', parameter: 'status' }),
      );
      expect(await send(clickId, 'sale&status=lead', own)).toBe('sale#1');
      expect((await sendStep(own, clock, clickId, 'conf&status=lead')).body['warnings']).toContainEqual(
        expect.objectContaining({ code: 'event_differs', parameter: 'status' }),
      );
    });
  });

  describe('a postback of an unknown click', () => {
    it('waits, and counts once the click is registered, with its events', async () => {
      const clickId = `own-${randomUUID()}`;
      const heard: string[] = [];
      application.app.get(TrackerEventEmitter).on('conversion', (event) => {
        if (event.clickId === clickId) heard.push(event.name);
      });
      const steps = ['registration', 'sale&tracker.tid=1', 'sale&tracker.tid=1', '+1s sale&tracker.tid=2'];
      const ids: string[] = [];
      // Another process took them: what it does by itself afterwards is over once it has stopped.
      const earlier = await startApplication(database, { adapter, options: { clock } });
      const network = await createCrm(earlier);
      for (const step of steps) {
        const { body } = await sendStep(network, clock, clickId, step);
        expect(body).toMatchObject({ status: 'unmatched', code: 'click_unknown' });
        ids.push(body['postbackId']);
      }
      await earlier.close();
      expect((await ledger.eventsOf(clickId)).map(({ name }) => name)).toEqual(steps.map(() => 'unmatched'));

      const registered = await clicks.register({ clickId, chatId: 'chat-late' });
      expect(registered).toEqual({ registered: 1, alreadyKnown: 0, conflicts: [], rejudged: 4 });
      const rows = await Promise.all(ids.map((id) => ledger.postback(id)));
      expect(rows.map(({ status, code, chat_id }) => [status, code, chat_id])).toEqual([
        ['accepted', 'ok', 'chat-late'],
        ['accepted', 'ok', 'chat-late'],
        ['duplicate', 'same_transaction', 'chat-late'],
        ['accepted', 'ok', 'chat-late'],
      ]);
      expect(await ledger.conversionsOf(clickId)).toEqual(['registration#1', 'sale#1', 'resale#1']);
      const events = (await ledger.eventsOf(clickId)).slice(steps.length);
      expect(events.map(({ name, payload }) => [name, payload['chatId']])).toEqual([
        ['registration', 'chat-late'],
        ['sale', 'chat-late'],
        ['resale', 'chat-late'],
      ]);
      // Listeners are told in a turn of their own.
      await new Promise((resolve) => setImmediate(resolve));
      expect(heard).toEqual(['registration', 'sale', 'resale']);
      expect((await clicks.register({ clickId, chatId: 'chat-late' })).rejudged).toBe(0);
    });

    it('is judged by the time it arrived, not by the time of judging', async () => {
      const clickId = `own-${randomUUID()}`;
      for (const step of ['resale', '+29s resale', '+1s resale']) await sendStep(crm, clock, clickId, step);
      await clicks.register({ clickId, chatId: chat() });
      expect(await ledger.conversionsOf(clickId)).toEqual(['resale#1', 'resale#2']);
    });

    it('does not wait when it named no click at all', async () => {
      const { body } = await crm.send('tracker.event=sale');
      expect(body).toMatchObject({ status: 'unmatched', code: 'click_missing' });
      expect(await ledger.postback(body['postbackId'])).toMatchObject({ parked_until: null });
    });

    it('is not counted for a click in another case, or of another tenant', async () => {
      const clickId = `Own-${randomUUID()}`;
      await clicks.register({ clickId: clickId.toLowerCase(), chatId: chat() });
      await clicks.register({ clickId, chatId: chat() }, { tenantId: 'other' });
      expect(await send(clickId, 'sale')).toBe('click_unknown');
    });
  });

  describe('a click id with a plus', () => {
    it('is found where the plus came as a space', async () => {
      const id = randomUUID();
      await clicks.register({ clickId: `a+${id}+b`, chatId: chat() });
      const { body } = await crm.send(`tracker.event=sale&clickid=a+${id}%20b`);
      expect(body).toMatchObject({ status: 'accepted' });
      expect(body['warnings']).toContainEqual(
        expect.objectContaining({ code: 'plus_restored', parameter: 'clickid' }),
      );
    });

    it('is not looked for where a click with the space exists', async () => {
      const id = randomUUID();
      await clicks.register({ clickId: `a+${id}`, chatId: 'with-plus' });
      await clicks.register({ clickId: `a ${id}`, chatId: 'with-space' });
      const { body } = await crm.send(`tracker.event=sale&clickid=a+${id}`);
      expect(body['warnings'].map(({ code }: { code: string }) => code)).not.toContain('plus_restored');
      expect(await ledger.postback(body['postbackId'])).toMatchObject({ chat_id: 'with-space' });
    });

    it('wakes what waited for it with a space', async () => {
      const id = randomUUID();
      await crm.send(`tracker.event=sale&clickid=a+${id}`);
      await clicks.register({ clickId: `a+${id}`, chatId: chat() });
      expect(await ledger.conversionsOf(`a+${id}`)).toEqual(['sale#1']);
    });
  });

  describe('a click id that looks like a bare macro', () => {
    it('is refused while no such click exists, and used once it does', async () => {
      const own = await createCrm(application, { clickIdParameter: 'sub7' });
      const before = await own.send('tracker.event=sale&clickid=sub7');
      expect([before.status, before.body['code']]).toEqual([400, 'macro_unreplaced']);
      await clicks.register({ clickId: 'sub7', chatId: 'chat-sub7' });
      const after = await own.send('tracker.event=sale&clickid=sub7');
      expect(after.body).toMatchObject({ status: 'accepted', event: 'sale' });
      expect(await ledger.postback(after.body['postbackId'])).toMatchObject({ chat_id: 'chat-sub7' });
    });

    it('gives way to a real click id of another key', async () => {
      const own = await createCrm(application, { clickIdParameter: 'sub8' });
      const clickId = await own.newClick();
      const { body } = await own.send(`tracker.event=sale&clickid=sub8&sub8=${clickId}`);
      expect(body).toMatchObject({ status: 'accepted' });
      expect(await ledger.conversionsOf(clickId)).toEqual(['sale#1']);
    });
  });
});
