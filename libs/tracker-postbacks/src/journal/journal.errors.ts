/** A request could not be made safe in the journal: nothing is promised about it. */
export class JournalRefusedError extends Error {
  override readonly name = 'JournalRefusedError';

  constructor(
    /** `journal_full`: over `maxBytes`; `journal_failed`: the disk refused it. */
    readonly code: 'journal_full' | 'journal_failed',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Another process has taken the file over, because this one did not stir for a while: what was just written is not ours to vouch for. */
export class JournalTakenOverError extends Error {
  override readonly name = 'JournalTakenOverError';

  constructor(path: string) {
    super(`Another process has taken over ${path}.`);
  }
}
