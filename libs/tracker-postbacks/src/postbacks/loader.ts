/** Look-ups by id that share round trips: what is asked for while one is under way goes together with the next. */
export class Loader<T> {
  private wanted = new Map<
    string,
    { readonly promise: Promise<T | undefined>; readonly settle: Settle<T> }
  >();
  private running = false;

  constructor(private readonly load: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>) {}

  get(id: string): Promise<T | undefined> {
    const asked = this.wanted.get(id);
    if (asked !== undefined) return asked.promise;
    let settle: Settle<T> = { resolve: () => undefined, reject: () => undefined };
    const promise = new Promise<T | undefined>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.wanted.set(id, { promise, settle });
    if (!this.running) void this.run();
    return promise;
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.wanted.size > 0) {
      const batch = this.wanted;
      this.wanted = new Map();
      try {
        const found = await this.load([...batch.keys()]);
        for (const [id, { settle }] of batch) settle.resolve(found.get(id));
      } catch (error) {
        for (const { settle } of batch.values()) settle.reject(error);
      }
    }
    this.running = false;
  }
}

interface Settle<T> {
  readonly resolve: (value: T | undefined) => void;
  readonly reject: (error: unknown) => void;
}
