/** Nothing could be promised about a postback: it is answered 503 with `Retry-After`, never with a 200. */
export class IntakeUnavailableError extends Error {
  override readonly name = 'IntakeUnavailableError';

  constructor(
    readonly code: 'queue_full' | 'too_slow' | 'database_unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
