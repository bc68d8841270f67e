import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  type AnyTrackerEvent,
  OnTrackerEvent,
  TrackerDelivery,
  TrackerEventRow,
  TrackerPostback,
} from 'nestjs-tracker-postbacks';
import { EventRelay } from '../../libs/tracker-postbacks/src/events/event-relay';
import { PostbackEraser } from '../../libs/tracker-postbacks/src/postbacks/postback-eraser';
import { RetentionStore } from '../../libs/tracker-postbacks/src/retention/retention.store';
import { ENGINES } from '../setup/engines';
import { startTenantHost, type TenantHost } from '../tenant-host.fixture';

const failing = new Set<string>();

@Injectable()
class Handlers {
  @OnTrackerEvent('*', { name: 'everything' })
  all(event: AnyTrackerEvent): void {
    if ('clickId' in event && failing.has(String(event.clickId)))
      throw new Error(`no ${String(event.clickId)}`);
  }
}

describe.each(ENGINES)('what changes and deletes many rows, on %s', (engine) => {
  let world: TenantHost;
  let integrationId: string;

  beforeAll(async () => {
    const settings = { providers: [Handlers], options: { events: { retryDelayMs: 3_600_000 } } };
    world = await startTenantHost(settings, engine);
    integrationId = await world.newIntegration();
  });
  afterAll(() => world.stop());

  const send = (query: string) => world.sendTo(integrationId, query);
  const settled = () => world.host.app.get(EventRelay).idle();
  const rows = <E extends object>(entity: new () => E) => world.dataSource.getRepository(entity);

  it('erases a chat with everything that hangs on it', async () => {
    const chatId = `chat-${randomUUID()}`;
    const clickId = await world.newClick(chatId);
    failing.add(clickId);
    for (const query of [
      'sale&tracker.tid=1&tracker.cost=12.50&fields.a=b',
      'sale&tracker.tid=1&fields.c=d',
      'conf',
    ]) {
      expect((await send(`tracker.event=${query}&clickid=${clickId}&sub9=${chatId}`)).status).toBe(200);
    }
    await settled();
    expect((await world.admin('DELETE', `chats/${chatId}/data`)).status).toBe(204);
    expect(await world.placesOf(chatId)).toEqual(['tracker_audit.subject_id']);
    expect(await world.placesOf(clickId)).toEqual(['tracker_clicks.click_id']);
    const { body } = await world.admin('GET', `audit?subjectId=${chatId}`);
    expect(body['items']).toMatchObject([{ details: { postbacks: 3, conversions: 2 } }]);
    expect((await send(`tracker.event=sale&clickid=${clickId}`)).body).toMatchObject({
      code: 'click_erased',
    });
    const { body: conversions } = await world.admin('GET', 'conversions?event=sale');
    expect(conversions['items']).toMatchObject([{ cost: '12.50', clickId: null, tid: null, fields: {} }]);
  });

  it("erases rows that still waited without the host's connections, and all that came of them", async () => {
    const clickId = `"parked'\\ ${randomUUID()}`;
    const { body } = await send(
      `tracker.event=sale&tracker.cost=5&clickid=${encodeURIComponent(clickId)}&fields.a=b`,
    );
    expect(body).toMatchObject({ status: 'unmatched' });
    await settled();
    const id = String(body['postbackId']);
    const eraser = world.host.app.get(PostbackEraser);
    const hostsOwn = jest.spyOn(world.dataSource, 'createQueryRunner');
    await Promise.all([eraser.erase([id, randomUUID()]), eraser.erase([id])]);
    await eraser.erase([]);
    expect(hostsOwn).not.toHaveBeenCalled();
    hostsOwn.mockRestore();
    expect(await rows(TrackerPostback).findOneByOrFail({ id })).toMatchObject({
      ...{
        status: 'ignored',
        code: 'click_erased',
        target: '',
        clickId: null,
        parkedUntil: null,
        retryAt: null,
      },
      ...{ erasedAt: expect.any(Date), test: false, method: 'GET' },
    });
    const event = await rows(TrackerEventRow).findOneByOrFail({ postbackId: id });
    expect(event).toMatchObject({
      name: 'unmatched',
      erasedAt: expect.any(Date),
      payload: { postbackId: id, integrationId, clickId: null, fields: {}, params: {}, test: false },
    });
    expect(Object.keys(event.payload)).toHaveLength(18);
    expect(await rows(TrackerDelivery).findBy({ eventId: event.id })).toMatchObject([
      { status: 'done', leaseToken: null, finishedAt: expect.any(Date) },
    ]);
    expect(await world.placesOf(clickId)).toEqual([]);
  });

  it('gives all of a chat to another one, a great many clicks included', async () => {
    const [from, to] = [`from-${randomUUID()}`, `to-${randomUUID()}`];
    const clicks = Array.from({ length: 1_203 }, (_, n) => ({ clickId: `${n} of ${from}`, chatId: from }));
    for (const part of [clicks.slice(0, 700), clicks.slice(700)]) {
      await world.admin('POST', 'clicks/register', { body: { clicks: part } });
    }
    for (const n of [1, 1_200]) await send(`tracker.event=sale&clickid=${n}+of+${from}`);
    const { body } = await world.admin('POST', 'clicks/reassign', {
      body: { fromChatId: from, toChatId: to },
    });
    expect(body).toEqual({ clicks: 1_203, conversions: 2, postbacks: 2 });
    const { body: summary } = await world.admin('GET', `chats/${to}/summary`);
    expect(summary).toMatchObject({ conversions: { sale: 2 } });
  });

  it('deletes what is old with its events, and leaves what is still to be delivered', async () => {
    const [gone, kept] = [await world.newClick(), await world.newClick()];
    failing.add(kept);
    const sent = async (
      clickId: string,
    ): Promise<{ readonly postbackId: string; readonly eventId: string }> => {
      const postbackId = String((await send(`tracker.event=conf&clickid=${clickId}`)).body['postbackId']);
      return { postbackId, eventId: (await rows(TrackerEventRow).findOneByOrFail({ postbackId })).id };
    };
    const [old, waiting] = [await sent(gone), await sent(kept)];
    await settled();
    const left = async ({ postbackId, eventId }: typeof old) => [
      await rows(TrackerPostback).countBy({ id: postbackId }),
      await rows(TrackerEventRow).countBy({ postbackId }),
      await rows(TrackerDelivery).countBy({ eventId }),
    ];
    const store = world.host.app.get(RetentionStore);
    const later = Date.now() + 1;
    let after: string | null = null;
    do {
      ({ next: after } = await store.deletePostbacks(after, later, later, 3));
    } while (after !== null);
    expect(await left(old)).toEqual([0, 0, 0]);
    expect(await left(waiting)).toEqual([1, 1, 1]);
    await rows(TrackerDelivery).update({ eventId: waiting.eventId }, { status: 'parked' });
    do {
      ({ next: after } = await store.deleteEvents(after, later, 2));
    } while (after !== null);
    expect(await left(waiting)).toEqual([1, 0, 0]);
  });
});
