import { DataSource } from 'typeorm';
import { TrackerEventEmitter } from 'nestjs-tracker-postbacks';
import { EventRelay } from '../libs/tracker-postbacks/src/events/event-relay';
import { DeliveryStore } from '../libs/tracker-postbacks/src/events/delivery-store';
import { MAX_CRASHES, SUSPICIOUS_CRASHES } from '../libs/tracker-postbacks/src/events/delivery-store.types';
import { holdClick } from './contract/held-lock';
import { type RelayProcess, type RelayWorld, startRelayWorld, until } from './relay.fixture';
import { ENGINES } from './setup/engines';
import { Gate } from './setup/gate';

const nothing = (): void => undefined;
/** A promise that never ends. */
const forEver = (): Promise<never> => new Promise<never>(nothing);

describe.each(ENGINES)('the relay on %s', (engine) => {
  let world: RelayWorld;

  // The test runner itself fails a test with a rejection that nobody handles.
  beforeAll(async () => {
    world = await startRelayWorld(engine);
  });
  afterEach(() => world.stopProcesses());
  afterAll(() => world.stop());

  const send = async (clickId: string, ...events: readonly string[]): Promise<void> => {
    for (const [tid, event] of events.entries())
      await world.crm.send(`tracker.event=${event}&tracker.tid=${tid}&clickid=${clickId}`);
  };

  it('runs the others exactly once beside handlers that throw, reject, hang, and reject too late', async () => {
    const process = await world.start({ handlerTimeoutMs: 40 });
    const runs: string[] = [];
    let lateRejections = 0;
    await process.handle('throws', () => {
      throw new Error('thrown at once');
    });
    await process.handle('rejects', () => Promise.reject(new TypeError('rejected')));
    await process.handle('hangs', forEver);
    await process.handle('late', async (_, { signal }) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      await new Promise(setImmediate);
      lateRejections++;
      throw new Error('rejected when nobody listens any more');
    });
    await process.handle('thenable', () => ({
      then: () => {
        throw new Error('a thenable that throws');
      },
    }));
    await process.handle('works', ({ name, clickId }) => {
      runs.push(`${clickId}:${name}`);
    });
    const [one, other] = [await world.crm.newClick(), await world.crm.newClick()];
    await send(one, 'registration', 'sale');
    await send(other, 'registration');

    for (const [name, message] of [
      ['throws', 'Error: thrown at once'],
      ['rejects', 'TypeError: rejected'],
      ['hangs', 'Error: Not finished within 40 ms.'],
      ['late', 'Error: Not finished within 40 ms.'],
      ['thenable', 'Error: a thenable that throws'],
    ] as const) {
      const parked = { status: 'parked', attempts: 3, errors: [message, message, message] };
      expect([name, await world.settled(name)]).toEqual([name, [parked, parked, parked]]);
    }
    expect(await world.settled('works')).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'done', attempts: 1, errors: [] })),
    );
    expect(runs.filter((run) => run.startsWith(one))).toEqual([`${one}:registration`, `${one}:sale`]);
    expect(runs).toHaveLength(3);
    await until(() => lateRejections === 9);
  });

  it('keeps the order of a click while it is retried, and other clicks going', async () => {
    const process = await world.start({ maxAttempts: 10 });
    const [failing, sound] = [await world.crm.newClick(), await world.crm.newClick()];
    const runs: string[] = [];
    const gate = new Gate();
    await process.handle('keeper', async ({ clickId, name, attempt }) => {
      runs.push(`${clickId === failing ? 'failing' : 'sound'}:${name}/${attempt}`);
      if (clickId !== failing || name !== 'registration') return;
      if (attempt === 3) await gate.pass();
      if (attempt < 5) throw new Error('not yet');
    });
    await send(failing, 'registration', 'conf', 'sale');
    await gate.waiting(1);
    await send(failing, 'resale');
    await send(sound, 'registration', 'sale');
    await until(() => runs.includes('sound:sale/1'));
    expect(runs.filter((run) => run.startsWith('failing'))).toEqual(
      [1, 2, 3].map((attempt) => `failing:registration/${attempt}`),
    );
    gate.release();
    await world.settled('keeper');
    expect(runs.filter((run) => run.startsWith('failing')).slice(3)).toEqual([
      'failing:registration/4',
      'failing:registration/5',
      'failing:conf/1',
      'failing:sale/1',
      'failing:resale/1',
    ]);
    expect(runs.filter((run) => run.startsWith('sound'))).toEqual(['sound:registration/1', 'sound:sale/1']);
  });

  it('frees the place of a handler that ignores its signal and never ends', async () => {
    const process = await world.start({ handlerTimeoutMs: 30, concurrency: 2, maxAttempts: 2 });
    const hanging = [await world.crm.newClick(), await world.crm.newClick(), await world.crm.newClick()];
    const runs: string[] = [];
    await process.handle('stuck', ({ clickId, attempt }) => {
      runs.push(`${clickId}/${attempt}`);
      return hanging.includes(clickId) ? forEver() : undefined;
    });
    for (const clickId of hanging) await send(clickId, 'registration');
    const sound = await world.crm.newClick();
    await send(sound, 'registration');
    expect((await world.settled('stuck')).map(({ status }) => status)).toEqual([
      'parked',
      'parked',
      'parked',
      'done',
    ]);
    expect(runs.toSorted()).toEqual(
      [...hanging.flatMap((id) => [`${id}/1`, `${id}/2`]), `${sound}/1`].toSorted(),
    );
  });

  it('gives every handler places of its own: one that hangs holds up no other', async () => {
    const process = await world.start({ concurrency: 1 });
    const gate = new Gate();
    const runs: string[] = [];
    await process.handle('occupied', () => gate.pass());
    await process.handle('unoccupied', ({ clickId }) => {
      runs.push(clickId);
    });
    const clicks: string[] = [];
    for (let n = 0; n < 5; n++) {
      clicks.push(await world.crm.newClick());
      await send(clicks[n] ?? '', 'registration');
    }
    await gate.waiting(1);
    await world.settled('unoccupied');
    expect(runs.toSorted()).toEqual(clicks.toSorted());
    expect((await world.deliveries('occupied')).map(({ status }) => status)).toEqual(
      clicks.map(() => 'pending'),
    );
    gate.release();
    await world.settled('occupied');
  });

  it('refuses the end of an attempt whose lease another process has taken over, and tells its handler to stop', async () => {
    const clickId = await world.crm.newClick();
    const gate = new Gate();
    let aborted = false;
    const paused = await world.start();
    await paused.handle('one', async (_, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      await gate.pass();
      throw new Error('a failure that nobody is to hear of');
    });
    await send(clickId, 'registration');
    await gate.waiting(1);
    await paused.standStill();
    await world.expireLeases();
    const other = await world.start();
    const runs: number[] = [];
    await other.handle('one', ({ attempt }) => {
      runs.push(attempt);
    });
    const [row] = await world.settled('one');
    expect(row).toEqual({ status: 'done', attempts: 2, errors: [] });

    await paused.app.get(EventRelay)['renew']();
    expect(aborted).toBe(true);
    gate.release();
    await paused.app.get(EventRelay).idle();
    expect(await world.deliveries('one')).toEqual([row]);
    expect(runs).toEqual([2]);
  });

  it('parks what takes process after process down, and nothing that ran beside it', async () => {
    const clicks = [await world.crm.newClick(), await world.crm.newClick(), await world.crm.newClick()];
    const poison = clicks[1] ?? '';
    // Handlers first, so that all events are there when a process comes to run them.
    const first = await world.start({ concurrency: 8 });
    await first.die();
    await first.handle('fragile', nothing);
    for (const clickId of clicks) await send(clickId, 'registration', 'sale');

    const lives: string[][] = [];
    const live = async (): Promise<RelayProcess> => {
      const runs: string[] = [];
      lives.push(runs);
      const process = await world.start({ concurrency: 8, handlerTimeoutMs: 500 });
      const death = new Gate();
      await process.handle('fragile', async ({ clickId, name, attempt }) => {
        runs.push(`${clickId === poison ? 'poison' : 'sound'}:${name}/${attempt}`);
        if (clickId === poison && name === 'registration') {
          void process.die();
          death.release();
          await forEver();
        }
        // While the other one is known for nothing, both are under way when the process dies.
        if (lives.length <= SUSPICIOUS_CRASHES) await death.pass();
      });
      return process;
    };
    for (let n = 0; n < MAX_CRASHES; n++) {
      const process = await live();
      await until(() => lives[n]?.some((run) => run.startsWith('poison')) === true);
      await until(async () => {
        const held = await world.sql('SELECT 1 FROM tracker_deliveries WHERE lease_until > 1');
        return held.length > 0;
      });
      await process.die();
      await world.expireLeases();
    }
    await live();
    const rows = await world.settled('fragile');
    expect(lives[0]).toHaveLength(3);
    expect(lives[1]).toHaveLength(3);
    // From then on it was run alone, and the others were through.
    for (let n = SUSPICIOUS_CRASHES; n < MAX_CRASHES; n++) {
      expect(lives[n]?.filter((run) => run.startsWith('poison'))).toEqual([`poison:registration/${n + 1}`]);
    }
    expect(lives[MAX_CRASHES]?.filter((run) => run.startsWith('poison'))).toEqual(['poison:sale/1']);
    const parked = rows.filter(({ status }) => status === 'parked');
    expect(parked).toEqual([
      {
        status: 'parked',
        attempts: MAX_CRASHES,
        errors: [expect.stringMatching(`${MAX_CRASHES} attempts in a row that nobody saw the end of`)],
      },
    ]);
    expect(rows.filter(({ status }) => status === 'done')).toHaveLength(5);
    expect(rows.flatMap(({ errors }) => errors)).toHaveLength(1);
  });

  it('lets no number of suspects hold up the others', async () => {
    const suspects = Array.from({ length: 6 }, (_, n) => `suspect-${n}`);
    const dead = await world.start({ concurrency: suspects.length });
    await dead.die();
    await dead.handle('crowded', nothing);
    const clickOf = new Map<string, string>();
    const events = async (names: readonly string[]): Promise<void> => {
      for (const name of names) {
        const clickId = await world.crm.newClick();
        clickOf.set(clickId, name);
        await send(clickId, 'registration');
      }
    };
    await events(suspects);
    await world.sql(
      `UPDATE tracker_deliveries SET crashes = $1 WHERE handler = 'crowded'`,
      SUSPICIOUS_CRASHES,
    );
    await events(['sound-0', 'sound-1', 'sound-2']);
    const runs: string[] = [];
    let atOnce = 0;
    const process = await world.start({ concurrency: 2 });
    await process.handle('crowded', async ({ clickId }) => {
      const name = clickOf.get(clickId) ?? '';
      atOnce++;
      runs.push(atOnce > 1 && name.startsWith('suspect') ? `${name} beside others` : name);
      await new Promise(setImmediate);
      atOnce--;
    });
    await world.settled('crowded');
    expect(runs.toSorted()).toEqual(['sound-0', 'sound-1', 'sound-2', ...suspects]);
    expect(runs.slice(0, 6).filter((name) => name.startsWith('sound'))).toHaveLength(3);
  });

  it('saves the end of an attempt when the database is back, and does not run its handler again', async () => {
    const process = await world.start();
    const store = process.app.get(DeliveryStore);
    const finish = store.finish.bind(store);
    let refused = 0;
    store.finish = (results) => {
      if (++refused > 3) return finish(results);
      return Promise.reject(new Error('The database is away.'));
    };
    let runs = 0;
    await process.handle('once', () => {
      runs++;
    });
    await send(await world.crm.newClick(), 'registration');
    expect(await world.settled('once')).toEqual([{ status: 'done', attempts: 1, errors: [] }]);
    expect({ runs, refused }).toEqual({ runs: 1, refused: 4 });
  });

  it('ends what is under way when the application stops, and begins nothing more', async () => {
    const process = await world.start({ concurrency: 1 });
    const gate = new Gate();
    const runs: string[] = [];
    await process.handle('slow', async ({ name }) => {
      runs.push(name);
      await gate.pass();
    });
    const clickId = await world.crm.newClick();
    await send(clickId, 'registration', 'sale');
    await gate.waiting(1);
    const closed = process.close();
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    gate.release();
    await closed;
    expect(runs).toEqual(['registration']);
    expect(await world.deliveries('slow')).toEqual([
      { status: 'done', attempts: 1, errors: [] },
      { status: 'pending', attempts: 0, errors: [] },
    ]);
  });

  it('tries again as often as a handler of its own policy says', async () => {
    const process = await world.start();
    await process.app.get(EventRelay).add({
      name: 'patient',
      targets: ['*'],
      from: 'now',
      retry: { maxAttempts: 5, maxDelayMs: 2 },
      run: () => Promise.reject(new Error('still away')),
    });
    await send(await world.crm.newClick(), 'registration');
    expect(await world.settled('patient')).toMatchObject([{ status: 'parked', attempts: 5 }]);
  });

  it('gives a handler what was being recorded while it was registered', async () => {
    const process = await world.start();
    // The first one ever would get all that was recorded before anyway.
    await process.handle('known-before', nothing);
    const clickId = await world.crm.newClick();
    const [click] = await world.sql('SELECT seq FROM tracker_clicks WHERE click_id = $1', clickId);
    const held = await holdClick(engine, world.intake.app.get(DataSource), String(click?.['seq']));
    const sent = send(clickId, 'registration');
    await held.waiting(1);
    const runs: string[] = [];
    const handled = process.app.get(TrackerEventEmitter).handle(
      'registration',
      (event) => {
        runs.push(event.clickId);
      },
      { name: 'registered-meanwhile', from: 'beginning' },
    );
    await held.waiting(2);
    await held.release();
    await Promise.all([sent, handled]);
    await world.settled('registered-meanwhile');
    expect(runs.filter((run) => run === clickId)).toEqual([clickId]);
  });
});
