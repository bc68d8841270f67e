import { randomUUID } from 'node:crypto';
import { failureOf } from '../../libs/tracker-postbacks/src/database/database-error';
import {
  type BatchWrite,
  type WriteResult,
} from '../../libs/tracker-postbacks/src/postbacks/postback-store.types';
import { ENGINES } from '../setup/engines';
import {
  batch,
  type Click,
  conversionRow,
  eventRow,
  INTEGRATION,
  merged,
  nameClick,
  postbackRow,
  recording,
  startStores,
  type StoreWorld,
} from './store.fixture';

/** What every database has to do with a judged batch, one writer at a time. */
describe.each(ENGINES)('the postback store on %s', (engine) => {
  let world: StoreWorld;

  beforeAll(async () => {
    world = await startStores(engine);
  });
  afterAll(() => world.stop());

  const write = (written: BatchWrite): Promise<WriteResult> => world.one.store.write(written);
  const failure = async (written: BatchWrite): Promise<string> =>
    write(written).then(
      () => 'none',
      (error: unknown) => failureOf(error),
    );
  const stored = async (...ids: readonly string[]): Promise<readonly string[]> =>
    (await world.one.store.storedAny(ids)).map(({ id }) => id);
  const revisionOf = async (click: Click): Promise<number> => (await world.load(click)).revision;
  const events = (click: Click): Promise<Record<string, unknown>[]> =>
    world.sql('SELECT id, seq, name FROM tracker_events WHERE click_seq = $1 ORDER BY seq', click.seq);

  describe('loading', () => {
    it('answers a click with its conversions on the integration, in the order they came, and the revision of both', async () => {
      const click = await world.newClick();
      const late = conversionRow(click, {
        received_at: 2_000,
        ordinal: 1,
        tid: '2',
        tid_key: 'k2',
        cost: '12.50',
      });
      const early = conversionRow(click, {
        received_at: 1_000,
        ordinal: 2,
        tidless_sale: true,
        fields: '{"user_id":"5"}',
        reversed_at: 1_700_000_000_000,
      });
      const elsewhere = conversionRow(click, { integration_id: '0b0f8d80-0000-4000-8000-000000000002' });
      await write(batch({ lanes: [{ seq: click.seq, revision: 0 }], conversions: [late, elsewhere, early] }));
      const { clicks, revisions } = await world.one.store.load(
        [{ t: 'default', c: click.clickId, i: INTEGRATION }],
        [INTEGRATION, '0b0f8d80-0000-4000-8000-000000000099'],
      );
      expect([...revisions]).toEqual([[INTEGRATION, 7]]);
      expect(clicks).toEqual([
        {
          integrationId: INTEGRATION,
          seq: click.seq,
          tenantId: 'default',
          clickId: click.clickId,
          chatId: click.chatId,
          campaignId: null,
          revision: 1,
          test: false,
          erased: false,
          history: [
            expect.objectContaining({
              id: early.id,
              tidlessSale: true,
              fields: '{"user_id":"5"}',
              receivedAt: 1_000,
              reversedAt: 1_700_000_000_000,
            }),
            {
              id: late.id,
              event: 'sale',
              ordinal: 1,
              tid: '2',
              tidlessSale: false,
              requestHash: 'hash',
              receivedAt: 2_000,
              reversedAt: null,
              reversalHash: null,
              voidedAt: null,
              cost: '12.50',
              costRaw: null,
              currency: null,
              fields: '{}',
              postbackId: late.postback_id,
              tidKey: 'k2',
              reversedBy: null,
              replacedBy: null,
            },
          ],
        },
      ]);
    });

    it('answers the revisions of integrations where no click is wanted, and nothing for a click of another tenant', async () => {
      const { clickId } = await world.newClick();
      const { clicks, revisions } = await world.one.store.load(
        [{ t: 'another', c: clickId, i: INTEGRATION }],
        [INTEGRATION],
      );
      expect(clicks).toEqual([]);
      expect(revisions.get(INTEGRATION)).toBe(7);
      expect((await world.one.store.load([], [INTEGRATION])).revisions.get(INTEGRATION)).toBe(7);
    });

    it('tells ids apart byte by byte', async () => {
      const ids = [
        'AbC',
        'abc',
        'AbC ',
        ' AbC',
        'ÁbC',
        'Ábc',
        '😀',
        '😁',
        'ß',
        'ss',
        'q\'"\\',
        'a%b',
        'a_b',
        'a\tb',
      ];
      const made = new Map<string, string>();
      for (const id of ids) made.set(id, (await world.newClick(id)).seq);
      const { clicks } = await world.one.store.load(
        ids.map((c) => ({ t: 'default', c, i: INTEGRATION })),
        [],
      );
      expect(new Map(clicks.map(({ clickId, seq }) => [clickId, seq]))).toEqual(made);
      for (const id of ids) {
        const { clicks: found } = await world.one.store.load([{ t: 'default', c: id, i: INTEGRATION }], []);
        expect(found.map(({ clickId }) => clickId)).toEqual([id]);
      }
    });
  });

  describe('writing', () => {
    it('stores postback, conversion and event, and raises the revision of the click', async () => {
      const click = await world.newClick();
      const written = recording(click, 0, { tid: '1', tid_key: 'one' });
      expect(await write(written)).toEqual({
        won: new Set([click.seq]),
        kept: new Set(),
        deliveries: 0,
        reversals: [],
      });
      expect(await stored(written.postbacks[0]?.id ?? '')).toHaveLength(1);
      expect(await world.load(click)).toMatchObject({ revision: 1, history: [{ tid: '1', event: 'sale' }] });
      expect(await events(click)).toMatchObject([{ name: 'sale' }]);
    });

    it('writes nothing of a click whose revision has moved, and all of its neighbours', async () => {
      const [stale, good] = [await world.newClick(), await world.newClick()];
      await write(recording(stale, 0));
      const lost = recording(stale, 0, { ordinal: 2 });
      const nobodys = batch({ postbacks: [postbackRow()], events: [eventRow(null, { name: 'unmatched' })] });
      const { won } = await write(merged(lost, recording(good, 0), nobodys));
      expect(won).toEqual(new Set([good.seq]));
      expect(await stored(lost.postbacks[0]?.id ?? '', nobodys.postbacks[0]?.id ?? '')).toEqual([
        nobodys.postbacks[0]?.id,
      ]);
      expect(await revisionOf(stale)).toBe(1);
      expect((await world.load(stale)).history).toHaveLength(1);
      expect(await events(stale)).toHaveLength(1);
      expect(await world.count('tracker_events', 'id = $1', nobodys.events[0]?.id)).toBe(1);
    });

    it('keeps rows of unchanged clicks, and leaves out those of clicks that were erased or moved to another chat', async () => {
      const [same, erased, moved] = [await world.newClick(), await world.newClick(), await world.newClick()];
      await world.sql('UPDATE tracker_clicks SET erased_at = 1 WHERE seq = $1', erased.seq);
      await world.sql(`UPDATE tracker_clicks SET chat_id = 'other' WHERE seq = $1`, moved.seq);
      const rows = [same, erased, moved].map((click) => postbackRow(nameClick(click)));
      const late = postbackRow({ click_seq: null, erased_at: 5, status: 'ignored', code: 'click_erased' });
      const result = await write(batch({ postbacks: [...rows, late] }));
      expect(result).toEqual({ won: new Set(), kept: new Set([same.seq]), deliveries: 0, reversals: [] });
      expect(await stored(...rows.map(({ id }) => id))).toEqual([rows[0]?.id]);
      expect(await world.count('tracker_postbacks', 'id = $1', late.id)).toBe(1);
      expect(await revisionOf(same)).toBe(0);
    });

    it('writes all or nothing of an atomic batch, rows that hang on no click included', async () => {
      const [good, stale] = [await world.newClick(), await world.newClick()];
      await world.sql('UPDATE tracker_clicks SET revision = 5 WHERE seq = $1', stale.seq);
      const nobodys = batch({ postbacks: [postbackRow()], events: [eventRow(null)] });
      const all = merged(recording(good, 0), recording(stale, 0), nobodys);
      const ids = all.postbacks.map(({ id }) => id);
      expect((await write({ ...all, atomic: true })).won).toEqual(new Set());
      expect(await stored(...ids)).toEqual([]);
      expect(await world.count('tracker_events', 'id = $1', nobodys.events[0]?.id)).toBe(0);
      expect((await world.load(good)).history ?? []).toHaveLength(0);

      const again = merged({
        ...all,
        lanes: [
          { seq: good.seq, revision: await revisionOf(good) },
          { seq: stale.seq, revision: 5 },
        ],
      });
      expect((await write({ ...again, atomic: true })).won).toEqual(new Set([good.seq, stale.seq]));
      expect(await stored(...ids)).toHaveLength(3);
      expect((await world.load(stale)).history).toHaveLength(1);
    });

    it('gives the events of a click ascending numbers in their order, however the batch lists them', async () => {
      const click = await world.newClick();
      const names = ['registration', 'conf', 'sale', 'fields', 'resale', 'amended'];
      const listed = names.map((name, n) => eventRow(click, { name, n }));
      await write(batch({ lanes: [{ seq: click.seq, revision: 0 }], events: listed }));
      await write(
        batch({ lanes: [{ seq: click.seq, revision: 1 }], events: [eventRow(click, { name: 'reversal' })] }),
      );
      expect((await events(click)).map(({ name }) => name)).toEqual([...names, 'reversal']);
      const other = await world.newClick();
      const backwards = names.map((name, n) => eventRow(other, { name, n })).toReversed();
      await write(batch({ lanes: [{ seq: other.seq, revision: 0 }], events: backwards }));
      expect((await events(other)).map(({ name }) => name)).toEqual(names);
    });

    it('gives a tid that one conversion gives up to another one of the same batch', async () => {
      const click = await world.newClick();
      const first = conversionRow(click, { tid: '9', tid_key: 'nine' });
      await write(batch({ lanes: [{ seq: click.seq, revision: 0 }], conversions: [first] }));
      const second = conversionRow(click, { event: 'resale', tid: '9', tid_key: 'nine' });
      const changed = {
        ...first,
        tid_key: null,
        voided_at: 1_700_000_000_000,
        replaced_by: second.id,
        cost: '3',
      };
      const { won } = await write(
        batch({ lanes: [{ seq: click.seq, revision: 1 }], conversions: [second], patches: [changed] }),
      );
      expect(won).toEqual(new Set([click.seq]));
      const { history } = await world.load(click);
      expect(new Map(history?.map((conversion) => [conversion.id, conversion]))).toEqual(
        new Map([
          [
            first.id,
            expect.objectContaining({
              tid: '9',
              tidKey: null,
              voidedAt: 1_700_000_000_000,
              replacedBy: second.id,
              cost: '3',
            }),
          ],
          [second.id, expect.objectContaining({ event: 'resale', tidKey: 'nine', voidedAt: null })],
        ]),
      );
    });

    it('changes no conversion of a click that is lost', async () => {
      const click = await world.newClick();
      const first = conversionRow(click);
      await write(batch({ lanes: [{ seq: click.seq, revision: 0 }], conversions: [first] }));
      await write(batch({ lanes: [{ seq: click.seq, revision: 0 }], patches: [{ ...first, cost: '99' }] }));
      expect((await world.load(click)).history).toMatchObject([{ cost: null }]);
    });

    it('stores a full batch of 512 postbacks', async () => {
      const clicks: Click[] = [];
      for (let n = 0; n < 512; n++) clicks.push(await world.newClick());
      const written = merged(...clicks.map((click) => recording(click, 0)));
      expect((await write(written)).won.size).toBe(512);
      expect(await stored(...written.postbacks.map(({ id }) => id))).toHaveLength(512);
    });

    it.each([
      ['characters of every kind', 'abcd😀"\'\\%_ \t\u2028é', 'abcd😀"\'\\%_ \t\u2028é'],
      ['control characters', 'a\x1db\x1ec\x1fd', 'a\x1db\x1ec\x1fd'],
      ['NUL and lone surrogates, which are left out', 'a\0b\ud800c\udc00d', 'abcd'],
    ])('stores every column as it is given: %s', async (_, odd, clean) => {
      const click = await world.newClick(`exact 😀 ${randomUUID()} `, 'chat\'"\\ \n é');
      const long = `${'x'.repeat(65_000)}${odd}`;
      const row = postbackRow({
        ...nameClick(click),
        message_args: JSON.stringify({ value: odd }),
        message_parameter: odd,
        warnings: '[]',
        event: 'sale',
        reported_event: odd,
        tid: odd,
        cost: '-0.10',
        currency: 'USD',
        conversion_id: postbackRow().id,
        method: 'POST',
        target: long,
        path_event: odd,
        body_type: 'json',
        body: JSON.stringify(odd),
        raw_sha256: 'f'.repeat(64),
        address: '::1',
        forwarded_for: odd,
        admission: 'secret_wrong',
        received_at: 1_795_200_000_123,
        judged_at: 1_795_200_000_124,
        duration_ms: 2_147_483_647,
        test: true,
        parked_until: 1_795_300_000_000,
        retry_in: null,
        attempts: 3,
      });
      await write(batch({ postbacks: [row] }));
      const [found] = await world.sql('SELECT * FROM tracker_postbacks WHERE id = $1', row.id);
      const texts = Object.fromEntries(
        Object.entries({ ...found, test: Number(found?.['test']) }).map(([name, value]) => [
          name,
          plain(value),
        ]),
      );
      expect(texts).toEqual(
        Object.fromEntries(
          Object.entries({
            ...row,
            expected: undefined,
            lane: undefined,
            retry_in: undefined,
            // Escapes inside of a JSON text are text.
            message_parameter: clean,
            reported_event: clean,
            tid: clean,
            path_event: clean,
            forwarded_for: clean,
            target: `${'x'.repeat(65_000)}${clean}`,
            test: 1,
            retry_at: null,
          }).map(([name, value]) => [name, plain(value)]),
        ),
      );
    });
  });

  describe('what the database refuses', () => {
    it('is an error about the data, and nothing of the batch is stored: a tid twice', async () => {
      const [click, neighbour] = [await world.newClick(), await world.newClick()];
      await write(recording(click, 0, { tid: '1', tid_key: 'same' }));
      const twice = merged(
        recording(neighbour, 0),
        recording(click, 1, { event: 'resale', tid: '1', tid_key: 'same' }),
      );
      expect(await failure(twice)).toBe('data');
      expect(await stored(...twice.postbacks.map(({ id }) => id))).toEqual([]);
      expect(await revisionOf(neighbour)).toBe(0);
      expect(await events(neighbour)).toEqual([]);
      expect(await failure(recording(neighbour, 0, { tid: '1', tid_key: 'same' }))).toBe('none');
    });

    it('an ordinal twice', async () => {
      const click = await world.newClick();
      await write(recording(click, 0));
      expect(await failure(recording(click, 1))).toBe('data');
      expect(await revisionOf(click)).toBe(1);
      expect(await failure(recording(click, 1, { event: 'resale' }))).toBe('none');
    });

    it('a postback twice', async () => {
      const first = postbackRow();
      await write(batch({ postbacks: [first] }));
      const fresh = postbackRow();
      expect(await failure(batch({ postbacks: [fresh, first], events: [eventRow(null)] }))).toBe('data');
      expect(await stored(fresh.id)).toEqual([]);
    });

    // The others take as much as there is.
    (engine === 'mysql' ? it : it.skip)('a batch larger than the server takes at once', async () => {
      const [row] = await world.sql('SELECT @@max_allowed_packet AS packet');
      const good = postbackRow();
      const large = postbackRow({ target: 'x'.repeat(Number(row?.['packet'])) });
      expect(await failure(batch({ postbacks: [good, large] }))).toBe('data');
      expect(await failure(batch({ postbacks: [good] }))).toBe('none');
    });

    it('a value that a column does not take', async () => {
      const bad = postbackRow({ method: null as unknown as string });
      const good = postbackRow();
      expect(await failure(batch({ postbacks: [good, bad] }))).toBe('data');
      expect(await stored(good.id)).toEqual([]);
    });
  });

  describe('stored rows that are judged again', () => {
    const parked = async (more: object = {}): Promise<string> => {
      const row = postbackRow({
        status: 'unmatched',
        code: 'click_unknown',
        click_id: 'later',
        target: '/kept',
        address: '127.0.0.1',
        duration_ms: 3,
        retry_in: 0,
        ...more,
      });
      await write(batch({ postbacks: [row] }));
      return row.id;
    };
    const again = (click: Click, revision: number, id: string): BatchWrite => {
      const written = recording(click, revision, { postback_id: id });
      return {
        ...written,
        postbacks: written.postbacks.map((row) => ({
          ...row,
          expected: 'unmatched',
          target: '/new',
          attempts: 2,
        })),
      };
    };
    const rowOf = async (id: string): Promise<Record<string, unknown> | undefined> =>
      (
        await world.sql(
          'SELECT status, code, click_id, conversion_id, target, address, retry_at FROM tracker_postbacks WHERE id = $1',
          id,
        )
      )[0];

    it('get what was decided, and keep what arrived', async () => {
      const click = await world.newClick();
      const id = await parked();
      const written = again(click, 0, id);
      expect((await write(written)).won).toEqual(new Set([click.seq]));
      expect(await rowOf(id)).toEqual({
        status: 'accepted',
        code: 'ok',
        click_id: click.clickId,
        conversion_id: written.conversions[0]?.id,
        target: '/kept',
        address: '127.0.0.1',
        retry_at: null,
      });
    });

    const gone: readonly (readonly [string, string])[] = [
      [
        'somebody else has judged',
        `UPDATE tracker_postbacks SET status = 'ignored', code = 'integration_paused' WHERE id = $1`,
      ],
      ['was erased', 'UPDATE tracker_postbacks SET erased_at = 1 WHERE id = $1'],
      ['is deleted', 'DELETE FROM tracker_postbacks WHERE id = $1'],
    ];
    it.each(gone)('lose their click when one of them %s', async (_, change) => {
      const [click, neighbour] = [await world.newClick(), await world.newClick()];
      const [changed, waiting, good] = [await parked(), await parked(), await parked()];
      await world.sql(change, changed);
      const before = [await rowOf(changed), await rowOf(waiting)];
      const both = merged(again(click, 0, changed), {
        ...again(click, 0, waiting),
        lanes: [],
        conversions: [],
        events: [],
      });
      const { won } = await write(merged(both, again(neighbour, 0, good)));
      expect(won).toEqual(new Set([neighbour.seq]));
      expect([await rowOf(changed), await rowOf(waiting)]).toEqual(before);
      expect((await world.load(click)).history ?? []).toEqual([]);
      expect(await events(click)).toEqual([]);
      expect(await rowOf(good)).toMatchObject({ status: 'accepted' });
    });

    it('lose everything of an atomic batch when one of them is taken, be it one without a click', async () => {
      const click = await world.newClick();
      const id = await parked();
      await world.sql(`UPDATE tracker_postbacks SET status = 'ignored' WHERE id = $1`, id);
      const unclicked = postbackRow({ id, expected: 'unmatched', status: 'rejected' });
      const written = recording(click, 0);
      await write({ ...written, postbacks: [unclicked], atomic: true });
      expect((await world.load(click)).history ?? []).toEqual([]);
      expect(await events(click)).toEqual([]);
      expect(await rowOf(id)).toMatchObject({ status: 'ignored' });
    });

    it('that change nothing about their click are written only as long as they wait', async () => {
      const [waiting, judged] = [await parked(), await parked()];
      await world.sql(`UPDATE tracker_postbacks SET status = 'ignored' WHERE id = $1`, judged);
      const rows = [waiting, judged].map((id) =>
        postbackRow({
          id,
          expected: 'unmatched',
          status: 'deferred',
          code: 'judging_failed',
          retry_in: 60_000,
        }),
      );
      await write(batch({ postbacks: rows }));
      expect(await rowOf(waiting)).toMatchObject({ status: 'deferred', code: 'judging_failed' });
      expect(await rowOf(judged)).toMatchObject({ status: 'ignored' });
    });

    it('stay tests once they are', async () => {
      const id = await parked({ test: true });
      await write(batch({ postbacks: [postbackRow({ id, expected: 'unmatched', status: 'ignored' })] }));
      expect(await world.one.store.storedAny([id])).toMatchObject([{ test: true }]);
    });

    it('are answered by id and status, oldest first, erased ones left out', async () => {
      const ids = [
        await parked(),
        await parked({ received_at: 1_795_200_000_123, attempts: 4 }),
        await parked(),
      ];
      await world.sql('UPDATE tracker_postbacks SET erased_at = 1 WHERE id = $1', ids[0]);
      await world.sql(`UPDATE tracker_postbacks SET status = 'quarantined' WHERE id = $1`, ids[2]);
      const found = await world.one.store.stored(ids.toReversed(), ['unmatched', 'deferred']);
      expect(found).toMatchObject([
        {
          id: ids[1],
          receivedAt: '1795200000123',
          attempts: 4,
          test: false,
          target: '/kept',
          bodyType: null,
        },
      ]);
      expect(await stored(...ids.toReversed())).toEqual([ids[1], ids[2]]);
      expect(await world.one.store.stored(ids, ['quarantined'])).toHaveLength(1);
      expect(await world.one.store.stored([], ['unmatched'])).toEqual([]);
    });
  });

  describe('deliveries', () => {
    it('are made for every known handler that listens to the event, in the order of the events', async () => {
      const handlers = [
        ['all', '*'],
        ['sales', 'sale'],
        ['second', 'resale#2 conf'],
        ['other', 'resale#22 sales SALE sale#1x'],
      ] as const;
      for (const [name, listens] of handlers) await world.newHandler(name, listens);
      try {
        const click = await world.newClick();
        const { deliveries } = await write(
          batch({
            lanes: [{ seq: click.seq, revision: 0 }],
            events: [
              eventRow(click, { name: 'sale', ordinal: 1, n: 0 }),
              eventRow(click, { name: 'resale', ordinal: 2, n: 1 }),
              eventRow(click, { name: 'resale', ordinal: 3, n: 2 }),
              eventRow(null, { name: 'unmatched', ordinal: null, n: 3 }),
            ],
          }),
        );
        const made = await world.sql(
          `SELECT d.handler, e.name, d.status, d.attempts, d.event_seq, e.seq, d.click_seq, d.due_at
           FROM tracker_deliveries d JOIN tracker_events e ON e.id = d.event_id ORDER BY d.id`,
        );
        expect(made.map(({ handler, name }) => `${String(handler)}:${String(name)}`).toSorted()).toEqual(
          ['all:resale', 'all:resale', 'all:sale', 'all:unmatched', 'sales:sale', 'second:resale'].toSorted(),
        );
        expect(deliveries).toBe(made.length);
        expect(made.map(({ event_seq }) => Number(event_seq))).toEqual(
          made.map(({ seq }) => Number(seq)).toSorted((a, b) => a - b),
        );
        expect(made).toEqual(
          made.map((row) => ({ ...row, status: 'pending', attempts: 0, event_seq: row['seq'] })),
        );
        const [{ now } = { now: 0 }] = await world.sql<{ now: unknown }>(
          'SELECT max(due_at) AS now FROM tracker_deliveries',
        );
        expect(Math.abs(Number(now) - Date.now())).toBeLessThan(60_000);
      } finally {
        await world.sql(`DELETE FROM tracker_handlers WHERE name <> ''`);
      }
    });

    it('are not made for the events of a click that is lost', async () => {
      await world.newHandler('everything', '*');
      try {
        const click = await world.newClick();
        expect((await write(recording(click, 3))).deliveries).toBe(0);
        expect((await write(recording(click, 0))).deliveries).toBe(1);
      } finally {
        await world.sql(`DELETE FROM tracker_handlers WHERE name <> ''`);
      }
    });
  });

  describe('parked rows', () => {
    const reversal = (click: Click, more: object = {}): BatchWrite =>
      batch({
        postbacks: [
          postbackRow({
            ...nameClick(click),
            status: 'unmatched',
            code: 'nothing_to_reverse',
            tid: '1',
            lane: click.seq,
            ...more,
          }),
        ],
        lanes: [{ seq: click.seq, revision: 0 }],
      });

    it('that are reversals with a tid are told of when their click gets a conversion, those of the batch itself not', async () => {
      const [click, neighbour, unchanged] = [
        await world.newClick(),
        await world.newClick(),
        await world.newClick(),
      ];
      const waiting = reversal(click);
      await write(merged(waiting, reversal(neighbour), reversal(unchanged, { tid: null })));
      const own = postbackRow({ ...waiting.postbacks[0], id: postbackRow().id });
      const written = merged(recording(click, 1), recording(unchanged, 1));
      const { reversals } = await write({ ...written, postbacks: [...written.postbacks, own] });
      expect(reversals).toEqual([waiting.postbacks[0]?.id]);
      expect((await write(recording(neighbour, 0))).reversals).toEqual([]);
    });

    it('that are reversals are found when a conversion with their tid counts', async () => {
      const [click, voided] = [await world.newClick(), await world.newClick()];
      const [waiting, other] = [reversal(click), reversal(voided)];
      await write(merged(waiting, other));
      await write(recording(click, 1, { tid: '1', tid_key: 'a' }));
      await write(recording(voided, 1, { tid: '1', tid_key: 'b', voided_at: 5 }));
      const found = await world.one.store.overtakenReversals(1_000);
      expect(found).toContain(waiting.postbacks[0]?.id);
      expect(found).not.toContain(other.postbacks[0]?.id);
      expect(await world.one.store.overtakenReversals(1)).toHaveLength(1);
    });

    const park = async (clickId: string, more: object = {}): Promise<string> => {
      const row = postbackRow({
        status: 'unmatched',
        code: 'click_unknown',
        click_id: clickId,
        parked_until: Date.now() + 3_600_000,
        ...more,
      });
      await write(batch({ postbacks: [row] }));
      return row.id;
    };

    it('are found by the click they wait for, exactly, with a blank for a plus, as long as they wait', async () => {
      const exact = await park('Wait+1');
      const blank = await park('Wait 1');
      await park('wait+1');
      await park('Wait+1 ');
      await park('Wait+1', { parked_until: 1 });
      await park('Wait+1', { status: 'ignored', code: 'event_ignored' });
      await park('Wait+1', { tenant_id: 'another' });
      expect(await world.one.store.parkedFor([{ tenantId: 'default', clickId: 'Wait+1' }])).toEqual([
        exact,
        blank,
      ]);
    });

    it('are found once their click exists, all of them, by one of them', async () => {
      const [first, second] = [await park('born later'), await park('born later')];
      const alone = await park('never born');
      expect(await world.one.store.parkedWithClick([first, alone])).toEqual([]);
      await world.newClick('born+later');
      expect(await world.one.store.parkedWithClick([second, alone])).toEqual([first, second]);
    });

    it('are gone through page by page, oldest first', async () => {
      await world.sql(`UPDATE tracker_postbacks SET status = 'ignored' WHERE status = 'unmatched'`);
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) ids.push(await park(`page-${n}`));
      await park('page-x', { parked_until: 1 });
      await world.newClick('page-1');
      await world.newClick('page-4');
      const { store } = world.one;
      const first = await store.parkedPage('00000000-0000-0000-0000-000000000000', 3);
      expect(first).toEqual({ ready: [ids[1]], lastId: ids[2] });
      const second = await store.parkedPage(first.lastId ?? '', 3);
      expect(second).toEqual({ ready: [ids[4]], lastId: ids[4] });
      expect(await store.parkedPage(second.lastId ?? '', 3)).toEqual({ ready: [], lastId: null });
    });
  });

  it('claims what is due again once, the longest due first, and puts it off for a minute', async () => {
    await world.sql('UPDATE tracker_postbacks SET retry_at = NULL');
    const due = (more: object) =>
      postbackRow({ status: 'deferred', code: 'judging_failed', retry_in: -1_000, ...more });
    const rows = [
      due({ retry_in: -2_000 }),
      due({ retry_in: -3_000, status: 'unmatched', code: 'click_unknown' }),
      due({}),
      due({ retry_in: 60_000 }),
      due({ status: 'ignored', code: 'event_ignored' }),
    ];
    await write(batch({ postbacks: rows }));
    const { store } = world.one;
    expect(new Set(await store.claimRetries(2))).toEqual(new Set([rows[1]?.id, rows[0]?.id]));
    expect(await store.claimRetries(10)).toEqual([rows[2]?.id]);
    expect(await store.claimRetries(10)).toEqual([]);
    const [claimed] = await world.sql('SELECT retry_at FROM tracker_postbacks WHERE id = $1', rows[0]?.id);
    expect(Number(claimed?.['retry_at']) - Date.now()).toBeGreaterThan(30_000);
  });
});

function plain(value: unknown): unknown {
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
}
