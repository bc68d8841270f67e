import { evidenceOf, honestWorld, receipt, type World } from './evidence.fixture';
import { type FaultKind } from './facts';
import { type Expectation, judgeEvidence } from './oracle';

const STRICT: Expectation = { everySent: true, exactlyOnce: true };

function judge(falsify: (world: World) => void, expectation: Partial<Expectation> = {}) {
  const world = honestWorld();
  falsify(world);
  return judgeEvidence(evidenceOf(world), { ...STRICT, ...expectation });
}

const without = <T>(all: T[], is: (item: T) => boolean): T[] => all.filter((item) => !is(item));

describe('the oracle', () => {
  it('has nothing to say about an honest world', () => {
    expect(judge(() => undefined).faults).toEqual([]);
  });

  it.each<[string, FaultKind, RegExp, (world: World) => void]>([
    [
      'an answered postback without a row',
      'lost',
      /request 2 was answered accepted as p2, which has no row/,
      (world) => (world.postbacks = without(world.postbacks, ({ id }) => id === 'p2')),
    ],
    [
      'an answered conversion that is gone',
      'lost',
      /was told of the conversion c2, which has no row/,
      (world) => (world.conversions = without(world.conversions, ({ id }) => id === 'c2')),
    ],
    [
      'an acknowledged key that nothing counts',
      'lost',
      /"a sale t2" was acknowledged and has no conversion/,
      (world) => (world.conversions = without(world.conversions, ({ id }) => id === 'c2')),
    ],
    [
      'a conversion without its event',
      'lost',
      /the conversion c3 has no event "resale"/,
      (world) => (world.events = without(world.events, ({ id }) => id === 'e3')),
    ],
    [
      'a key that counts twice',
      'doubled',
      /"a sale t1" has 2 conversions/,
      (world) => {
        const [first] = world.conversions;
        if (first !== undefined) world.conversions.push({ ...first, id: 'again', ordinal: 4 });
      },
    ],
    [
      'the same deposit as sale and as resale',
      'doubled',
      /"a sale t1" has 2 conversions/,
      (world) => {
        const [first] = world.conversions;
        if (first !== undefined) world.conversions.push({ ...first, id: 'again', event: 'sale', ordinal: 1 });
      },
    ],
    [
      'two rows for one request',
      'doubled',
      /request 1 has 2 rows/,
      (world) => {
        const [first] = world.postbacks;
        if (first !== undefined) world.postbacks.push({ ...first, id: 'again' });
      },
    ],
    [
      'a conversion with two events of its kind',
      'doubled',
      /the conversion c1 has 2 events "resale"/,
      (world) => {
        const [first] = world.events;
        if (first !== undefined) world.events.push({ ...first, id: 'again', seq: 90n });
      },
    ],
    [
      'a stored verdict that is not the answered one',
      'wrong',
      /request 1 was answered accepted and is stored as rejected/,
      (world) =>
        (world.postbacks = world.postbacks.map((row) =>
          row.n === 1 ? { ...row, status: 'rejected' } : row,
        )),
    ],
    [
      'the row of another request',
      'wrong',
      /the row p1 of request 1 holds request 7/,
      (world) => (world.postbacks = world.postbacks.map((row) => (row.id === 'p1' ? { ...row, n: 7 } : row))),
    ],
    [
      'a gap in the ordinals',
      'wrong',
      /the ordinals of resale of a on i are 1, 2, 4/,
      (world) =>
        (world.conversions = world.conversions.map((row) =>
          row.id === 'c3' ? { ...row, ordinal: 4 } : row,
        )),
    ],
    [
      'an ordinal given twice',
      'wrong',
      /the ordinals of resale of a on i are 1, 2, 2/,
      (world) =>
        (world.conversions = world.conversions.map((row) =>
          row.id === 'c3' ? { ...row, ordinal: 2 } : row,
        )),
    ],
    [
      'a reversal that no event tells of',
      'wrong',
      /the conversion c1 is reversed, its events say 0/,
      (world) =>
        (world.conversions = world.conversions.map((row) =>
          row.id === 'c1' ? { ...row, reversed: true } : row,
        )),
    ],
    [
      'an event without a delivery',
      'undelivered',
      /deposits e5 \("resale"\) has no delivery/,
      (world) =>
        (world.deliveries = without(
          world.deliveries,
          ({ eventId, handler }) => eventId === 'e5' && handler === 'deposits',
        )),
    ],
    [
      'a delivery marked done that the handler never saw',
      'undelivered',
      /everything e5 \("resale"\) was never received/,
      (world) =>
        (world.receipts = without(
          world.receipts,
          ({ eventId, handler }) => eventId === 'e5' && handler === 'everything',
        )),
    ],
    [
      'a delivery that is still pending',
      'undelivered',
      /everything e1 \("resale"\) is still pending/,
      (world) =>
        (world.deliveries = world.deliveries.map((row) =>
          row.eventId === 'e1' && row.handler === 'everything' ? { ...row, status: 'pending' } : row,
        )),
    ],
    [
      'an event received twice',
      'doubled',
      /everything e6 \("resale"\) was received 2 times/,
      (world) =>
        world.receipts.push(receipt('begin', 'everything', 'e6', 90), receipt('end', 'everything', 'e6', 91)),
    ],
    [
      'an event that was rolled back and delivered all the same',
      'wrong',
      /everything ghost was received and was never recorded/,
      (world) => world.receipts.push(receipt('begin', 'everything', 'ghost', 90)),
    ],
    [
      'two events of a click the wrong way round',
      'misordered',
      /everything, click a: event 1 came after event 2/,
      (world) => {
        const swap: Readonly<Record<string, string>> = { e1: 'e2', e2: 'e1' };
        world.receipts = world.receipts.map((given) =>
          given.handler === 'everything'
            ? { ...given, eventId: swap[given.eventId] ?? given.eventId }
            : given,
        );
      },
    ],
    [
      'an event begun while the one before it is under way',
      'misordered',
      /everything, click a: event 2 was begun before e1 was finished/,
      (world) =>
        (world.receipts = world.receipts.map((given) =>
          given.handler === 'everything' && given.eventId === 'e1' && given.kind === 'end'
            ? { ...given, at: '55' }
            : given,
        )),
    ],
  ])('finds %s', (_, kind, text, falsify) => {
    const { faults } = judge(falsify);
    expect(faults).toContainEqual({ kind, text: expect.stringMatching(text) });
  });

  it('asks for what was sent and never answered only where everything has to be kept', () => {
    const silent = (world: World): void => {
      world.sent.push({ kind: 'sent', n: 99, clickId: 'a', event: 'sale', tid: 'x' });
    };
    expect(judge(silent).faults).toEqual([{ kind: 'lost', text: 'request 99 was sent and has no row' }]);
    expect(judge(silent, { everySent: false }).faults).toEqual([]);
  });

  it('counts a parked delivery as made only when its handler has ended once', () => {
    const parked = (world: World): void => {
      world.deliveries = world.deliveries.map((row) =>
        row.eventId === 'e3' && row.handler === 'deposits' ? { ...row, status: 'parked' } : row,
      );
    };
    const unseen = (world: World): void => {
      parked(world);
      world.receipts = without(
        world.receipts,
        ({ eventId, handler }) => eventId === 'e3' && handler === 'deposits',
      );
    };
    expect(judge(parked).faults).toEqual([]);
    expect(judge(unseen).faults).toEqual([
      { kind: 'undelivered', text: 'deposits e3 ("resale") is still parked' },
      { kind: 'undelivered', text: 'deposits e3 ("resale") was never received' },
    ]);
    expect(judge(unseen, { mayPark: ['deposits'] }).faults).toEqual([]);
  });

  it('lets an event be received again where something crashed, and not before an earlier one is finished', () => {
    const again = (world: World): void => {
      world.receipts = without(world.receipts, ({ eventId }) => eventId === 'e3');
      world.receipts.push(
        receipt('begin', 'everything', 'e3', 80),
        receipt('begin', 'everything', 'e3', 90),
        receipt('end', 'everything', 'e3', 91),
        receipt('begin', 'deposits', 'e3', 92),
        receipt('end', 'deposits', 'e3', 93),
      );
    };
    expect(judge(again, { exactlyOnce: false }).faults).toEqual([]);
    expect(judge(again).faults).toEqual([
      { kind: 'doubled', text: 'everything e3 ("resale") was received 2 times' },
    ]);
  });
});
