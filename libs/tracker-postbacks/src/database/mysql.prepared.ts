/** Texts remembered for one connection; the server keeps some tens of kilobytes for each that is prepared. */
const MOST = 64;

/**
 * The statements that one connection has prepared, so that the server does not read their texts again and again: that was
 * a third of what it spent on a single postback. They are called by name within the text of a transaction.
 */
export class PreparedTexts {
  /** The name of each, or null for one that was seen once; the one used longest ago comes first. */
  private readonly names = new Map<string, string | null>();
  private made = 0;

  /** What is sent for these statements, and what has to be sent ahead of their transaction. */
  take(statements: readonly string[]): {
    readonly ahead: readonly string[];
    readonly sent: readonly string[];
  } {
    const ahead: string[] = [];
    const sent = statements.map((text) => this.use(text, ahead) ?? text);
    while (this.names.size > MOST) this.forgetOldest(ahead);
    return { ahead, sent };
  }

  /** Prepares what comes a second time: what a batch sends depends on what is in it, and may never come again. */
  private use(text: string, ahead: string[]): string | null {
    const known = this.names.get(text);
    this.names.delete(text);
    const name = known === null ? `tracker_${++this.made}` : (known ?? null);
    this.names.set(text, name);
    if (name === null) return null;
    if (known === null) ahead.push(`PREPARE ${name} FROM '${text.replaceAll("'", "''")}'`);
    return `EXECUTE ${name}`;
  }

  private forgetOldest(ahead: string[]): void {
    for (const [text, name] of this.names) {
      this.names.delete(text);
      if (name !== null) ahead.push(`DEALLOCATE PREPARE ${name}`);
      return;
    }
  }
}
