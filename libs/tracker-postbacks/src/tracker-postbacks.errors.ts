/** One field of a request at fault. */
export interface TrackerErrorDetail {
  readonly field: string;
  readonly message: string;
  readonly allowed?: readonly string[];
}

/**
 * Any refusal of this library's services. `code` is stable and may be branched on; the message says what happened,
 * where, and what to change. The admin API answers it as `{ statusCode, code, message, details? }`.
 */
export class TrackerError extends Error {
  override readonly name: string = 'TrackerError';

  constructor(
    readonly code: string,
    /** The HTTP status the admin API answers with. */
    readonly statusCode: 400 | 404 | 409 | 410 | 422 | 503,
    message: string,
    readonly details?: readonly TrackerErrorDetail[],
  ) {
    super(message);
  }
}

/** Something the host has to mend before the application can start. */
export class TrackerSetupError extends Error {
  override readonly name = 'TrackerSetupError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
