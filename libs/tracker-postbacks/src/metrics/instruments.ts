/** How prom-client's cluster support adds up what several workers tell. */
type Aggregator = 'sum' | 'max';

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/** What a prom-client registry asks of a metric. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: Aggregator;
  readonly values: readonly Sample[];
}

/**
 * Metrics in the shape in which prom-client keeps its own, so that the host's registry takes them, of whichever version
 * and copy of prom-client, and the library loads none.
 */
abstract class Instrument {
  abstract readonly type: Reading['type'];

  constructor(
    /** Not readonly: an OpenMetrics registry takes `_total` off counters. */
    public name: string,
    readonly help: string,
    readonly aggregator: Aggregator = 'sum',
  ) {}

  async get(): Promise<Reading> {
    const values = await this.samples();
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values };
  }

  abstract reset(): void;
  protected abstract samples(): readonly Sample[] | Promise<readonly Sample[]>;
}

/** Goes up only, by labels. */
export class Counter<L extends string> extends Instrument {
  readonly type = 'counter';
  private readonly counts = new Map<
    string,
    { readonly labels: Readonly<Record<L, string>>; value: number }
  >();

  constructor(
    name: string,
    help: string,
    private readonly labelNames: readonly L[],
  ) {
    super(name, help);
  }

  /** `by` 0 makes the series known, so that its first increase is seen as one. */
  add(labels: Readonly<Record<L, string>>, by = 1): void {
    const key = this.labelNames.map((name) => labels[name]).join('\0');
    const known = this.counts.get(key);
    if (known === undefined) this.counts.set(key, { labels, value: by });
    else known.value += by;
  }

  reset(): void {
    for (const count of this.counts.values()) count.value = 0;
  }

  protected samples(): readonly Sample[] {
    return [...this.counts.values()].map(({ labels, value }) => ({ labels, value }));
  }
}

/** Read when it is asked for; what cannot be read has no sample at all, so that nothing old is taken for new. */
export class Gauge extends Instrument {
  readonly type = 'gauge';

  constructor(
    name: string,
    help: string,
    aggregator: Aggregator,
    private readonly read: () => number | Promise<number>,
  ) {
    super(name, help, aggregator);
  }

  reset(): void {
    return;
  }

  protected async samples(): Promise<readonly Sample[]> {
    try {
      return [{ labels: {}, value: await this.read() }];
    } catch {
      // One metric that cannot be read must not cost the host the whole scrape.
      return [];
    }
  }
}

interface Distribution<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly buckets: number[];
  sum: number;
  count: number;
}

/** How values spread over fixed bounds. */
export class Histogram<L extends string = never> extends Instrument {
  readonly type = 'histogram';
  private readonly distributions = new Map<string, Distribution<L>>();

  constructor(
    name: string,
    help: string,
    private readonly bounds: readonly number[],
    private readonly labelNames: readonly L[] = [],
  ) {
    super(name, help);
  }

  observe(value: number, labels: Readonly<Record<L, string>>): void {
    const key = this.labelNames.map((name) => labels[name]).join('\0');
    let known = this.distributions.get(key);
    if (known === undefined) {
      known = { labels, buckets: this.bounds.map(() => 0), sum: 0, count: 0 };
      this.distributions.set(key, known);
    }
    known.sum += value;
    known.count++;
    const at = this.bounds.findIndex((bound) => value <= bound);
    const reached = known.buckets[at];
    if (reached !== undefined) known.buckets[at] = reached + 1;
  }

  reset(): void {
    this.distributions.clear();
  }

  protected samples(): readonly Sample[] {
    return [...this.distributions.values()].flatMap(({ labels, buckets, sum, count }) => {
      let reached = 0;
      const below = this.bounds.map((le, index) => {
        reached += buckets[index] ?? 0;
        return { labels: { ...labels, le }, value: reached, metricName: `${this.name}_bucket` };
      });
      return [
        ...below,
        { labels: { ...labels, le: '+Inf' }, value: count, metricName: `${this.name}_bucket` },
        { labels, value: sum, metricName: `${this.name}_sum` },
        { labels, value: count, metricName: `${this.name}_count` },
      ];
    });
  }
}

/** Any of them. */
export type AnyInstrument = Counter<string> | Gauge | Histogram<string>;
