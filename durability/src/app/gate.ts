/** Holds callers until it is opened. */
export class Gate {
  private open: () => void = () => undefined;
  private readonly opened: Promise<void>;

  constructor(isOpen: boolean) {
    this.opened = isOpen
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.open = resolve;
        });
  }

  pass(): Promise<void> {
    return this.opened;
  }

  release(): void {
    this.open();
  }
}
