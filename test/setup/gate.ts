/** Holds callers until it is opened: forces the interleaving a race test is about. */
export class Gate {
  private open: () => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
  private arrivals = 0;
  private expected: { readonly count: number; readonly tell: () => void } | undefined;

  /** To be called where the race happens. */
  async pass(): Promise<void> {
    this.arrivals++;
    if (this.expected !== undefined && this.arrivals >= this.expected.count) this.expected.tell();
    await this.opened;
  }

  /** Resolves once so many callers wait. */
  waiting(count: number): Promise<void> {
    return new Promise((tell) => {
      if (this.arrivals >= count) tell();
      else this.expected = { count, tell };
    });
  }

  release(): void {
    this.open();
  }
}
