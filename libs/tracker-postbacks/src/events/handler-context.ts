/** What a handler gets beside its event. */
export interface TrackerHandlerContext {
  /** Aborted when the time allowed for this attempt is over; stop then, the attempt counts as failed. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
}
