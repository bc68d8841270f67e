import { BatchLane, type Ticket, Unfinished, WithdrawnError } from './batch-lane';

type Answer = readonly (string | Unfinished)[];

/** Everything that happens, in order; every batch waits until the test answers it. */
class Bench {
  readonly log: string[] = [];
  private readonly waiting: ((answer: Answer | Promise<never>) => void)[] = [];
  readonly lane = new BatchLane<string, string>(
    {
      process: (items) => {
        this.log.push(`begin ${items.join('')}`);
        return new Promise((resolve) => this.waiting.push(resolve));
      },
      onUnfinished: (error) => {
        this.log.push(`unfinished: ${String(error)}`);
        this.onUnfinished();
      },
    },
    3,
  );
  onUnfinished: () => void = () => undefined;

  push(item: string, ticket?: Ticket): Promise<void> {
    return this.lane.push(item, ticket).then(
      (result) => void this.log.push(`${item}: ${result}`),
      (error: unknown) => void this.log.push(`${item} fails: ${String(error)}`),
    );
  }

  async answer(answer: Answer | Promise<never>): Promise<void> {
    this.waiting.shift()?.(answer);
    await turn();
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a lane of batches', () => {
  let bench: Bench;

  beforeEach(() => {
    bench = new Bench();
  });

  it('makes one batch of a turn of the event loop, and the next of what arrives meanwhile', async () => {
    void bench.push('a');
    void bench.push('b');
    await turn();
    void bench.push('c');
    void bench.push('d');
    expect(bench.log).toEqual(['begin ab']);
    expect(bench.lane.length).toBe(2);
    await bench.answer(['1', '2']);
    expect(bench.log).toContain('begin cd');
    await bench.answer(['3', '4']);
    await bench.lane.idle();
    expect(bench.lane.isBusy).toBe(false);
  });

  it('begins the next batch before it answers the one before, which is finished', async () => {
    void bench.push('a');
    await turn();
    void bench.push('b');
    await bench.answer(['1']);
    expect(bench.log).toEqual(['begin a', 'begin b', 'a: 1']);
    await bench.answer(['2']);
    expect(bench.log.at(-1)).toBe('b: 2');
  });

  it('begins nothing before what is unfinished was told, and may have been given up with all behind it', async () => {
    bench.onUnfinished = () => {
      bench.lane.relinquish((_, isUnderWay) => Promise.resolve(`journal${isUnderWay ? ' late' : ''}`));
    };
    void bench.push('a');
    void bench.push('b');
    await turn();
    void bench.push('c');
    await bench.answer(['1', new Unfinished('away')]);
    expect(bench.log).toEqual(['begin ab', 'unfinished: away', 'a: 1', 'b: journal late', 'c: journal']);
    expect(bench.lane.isBusy).toBe(false);
  });

  it.each<[string, Answer | Promise<never>, string]>([
    ['throws', Promise.reject(new Error('lost')), 'Error: lost'],
    ['answers too little', [], 'TypeError: An item has no result.'],
  ])('rejects the items of work that %s, and goes on', async (_, answer, error) => {
    void bench.push('a');
    await turn();
    void bench.push('b');
    await bench.answer(answer);
    expect(bench.log).toEqual(['begin a', `unfinished: ${error}`, 'begin b', `a fails: ${error}`]);
    await bench.answer(['2']);
    expect(bench.log.at(-1)).toBe('b: 2');
  });

  it('does not begin what was withdrawn, nor more than its size at once', async () => {
    for (const item of 'abcdefgh') void bench.push(item, { withdrawn: 'abce'.includes(item) });
    await turn();
    expect(bench.log).toContain(`a fails: ${String(new WithdrawnError('Nobody waits for it any more.'))}`);
    expect(bench.log.filter((line) => line.startsWith('begin'))).toEqual(['begin df']);
  });
});
